export * from './drift.js';
export * from './full-sync.js';
export * from './sweeper.js';
