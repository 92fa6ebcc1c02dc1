export { ADMIN_TOKEN_FILE, ensureAdminToken, readAdminToken, sameSecret } from './admin-token.js';
export { ensureConnection, findConnection } from './connections.js';
export type { Connection } from './connections.js';
export { Tokens, TOKEN_PREFIX } from './tokens.js';
export type { TokenHolder } from './tokens.js';
