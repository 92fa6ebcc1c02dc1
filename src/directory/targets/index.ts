export * from './settlements.js';
export * from './sql-target-store.js';
