export * from './entry.js';
export * from './memberships.js';
export * from './partitions.js';
export * from './personal.js';
export * from './read.js';
export * from './records.js';
