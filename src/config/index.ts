export * from './config.js';
export type { PolicyConfig } from './policy.js';
export { commandLineSettings, withoutSettings } from './command-line.js';
export type { CommandLineSettings } from './command-line.js';
export { ConfigError } from './config-error.js';
export { readEnvironment } from './environment.js';
export { loadConfig } from './load.js';
export type {
  ConfiguredToken,
  ConnectionConfig,
  GraphConfig,
  JwtIssuer,
  OAuthClient,
  OidcConfig,
  RateLimit,
} from './connections/model.js';
export type {
  EntraHook,
  HooksConfig,
  MissingClaims,
  OktaTokenHook,
  SecretHook,
  Webhook,
} from './connections/hooks-model.js';
export type {
  ClaimPathConfig,
  GroupSyncConfig,
  IdpSyncConfig,
  OrganizationSyncConfig,
  RoleSyncConfig,
  SiteRoleConfig,
} from './connections/idp-sync-model.js';
