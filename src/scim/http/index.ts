export { configureScim } from './configure.js';
export { ScimModule } from './scim.module.js';
export { scimServerOptions } from './server-options.js';
export { TOKEN_CHECK, type TokenCheck, type TokenHolder } from './token-check.js';
