export { Access } from './access.js';
export type { Credentials, Verdict } from './access.js';
export { ADMIN_TOKEN_FILE, ensureAdminToken, readAdminToken } from './admin-token.js';
export {
  Connections,
  connectionNames,
  ensureConnection,
  findConnection,
  openConnections,
} from './connections.js';
export type { Connection, RetiredConnection, ServedConnection } from './connections.js';
export { fetchKeys, type FetchKeys } from './jwt/fetch-keys.js';
export { KeySet, type KeyOwner } from './jwt/key-set.js';
export { IssuerUnavailable } from './jwt/unavailable.js';
export { looksLikeJwt } from './jwt/verifier.js';
export { endForeignAccess, forgetExpiredAccess } from './tokens/access-tokens.js';
export type { TokenEntry } from './tokens/list.js';
export { sameSecret, TOKEN_PREFIX } from './tokens/secret.js';
export { Tokens } from './tokens/tokens.js';
export type { TokenHolder } from './tokens/tokens.js';
export { registerTokenEndpoint } from './oauth/route.js';
export { TokenEndpoint } from './oauth/token-endpoint.js';
export { TokenAdmin, TokenRefusal } from './tokens/admin.js';
export type { NewToken } from './tokens/admin.js';
