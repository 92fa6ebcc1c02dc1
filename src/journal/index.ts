export * from './entry.js';
export * from './journal.module.js';
export * from './memberships.js';
export * from './partitions.js';
export * from './personal.js';
export * from './read.js';
export * from './receipts/index.js';
export * from './records.js';
