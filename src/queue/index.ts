export * from './wake-ups.js';
export * from './backoff.js';
export * from './dirty.js';
export * from './heartbeats.js';
export * from './leases.js';
export * from './locks.js';
