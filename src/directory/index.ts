export * from './model.js';
export * from './ports.js';
export * from './target-store.js';
export * from './loss-budget.js';
export { DatabaseUnavailable } from '../database/index.js';
export * from './target-pages.js';
export * from './target-issues.js';
export * from './targets/index.js';
