export * from './common-attributes.js';
export * from './definition.js';
export * from './lookup.js';
export * from './resource-types.js';
