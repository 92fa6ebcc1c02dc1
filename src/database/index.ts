export * from './database.js';
export { DataDirUnusable } from './embedded/data-dir.js';
export { openInMemory } from './embedded/embedded-engine.js';
export { DataDirOwned } from './embedded/ownership.js';
export * from './engine.js';
export { DatabaseTooNew, runMigrations } from './migrate.js';
export { openEngine } from './open.js';
export { PoolerRefused } from './postgres/pooler-probe.js';
export { voidLeases } from './void-leases.js';
