export * from './access.js';
export * from './claims.js';
export * from './clock.js';
export * from './fold.js';
export * from './ids.js';
export * from './json.js';
export * from './targets.js';
