export * from './access.js';
export * from './candidates.js';
export * from './group-names.js';
export * from './idp-sync/index.js';
export * from './patterns.js';
export * from './texts.js';
export * from './usernames.js';
