export * from './config.js';
export { ConfigError } from './config-error.js';
export { readEnvironment } from './environment.js';
export { loadConfig } from './load.js';
