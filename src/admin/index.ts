export * from './admin.controller.js';
export * from './admin.guard.js';
export * from './admin.service.js';
export * from './admin.module.js';
export { TOKEN_ADMIN } from './tokens.controller.js';
