export * from './candidates.js';
export * from './group-names.js';
export * from './texts.js';
export * from './usernames.js';
