export { configureOidc, OidcModule, takesClaims } from './oidc.module.js';
