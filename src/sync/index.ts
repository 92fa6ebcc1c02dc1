export * from './drift.js';
export * from './full-sync.js';
export { IdpSyncChanges } from './idp-sync-changes.js';
export * from './sweeper.js';
export * from './schedules.js';
export * from './sync.module.js';
