export * from './admin.controller.js';
export * from './admin.guard.js';
export * from './admin.service.js';
export * from './admin.module.js';
