export * from './order.js';
export * from './references.js';
export * from './request.js';
export * from './response.js';
