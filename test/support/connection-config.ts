import type { ConnectionConfig, PolicyConfig } from '../../src/config/index.js';

/** The policy of an environment that says nothing. */
export const USUAL_POLICY: PolicyConfig = {
  loginType: 'oidc',
  newUserStatus: 'dormant',
  deleteUsers: 'suspend',
  adoptUsers: 'email',
  adoptGroups: 'never',
  renameUsers: false,
  protectedUsers: [],
  protectedGroups: [],
  siteRoles: [],
  organizationRoles: [],
  strict: false,
  revokeTokens: true,
  stopWorkspaces: true,
  revokeOnLogout: false,
  createFromClaims: false,
  whenSeatsRunOut: 'dormant',
};

/** A connection that states nothing but its name. */
export function connectionConfig(name: string, change: Partial<ConnectionConfig> = {}): ConnectionConfig {
  return {
    name,
    dialects: {},
    policy: USUAL_POLICY,
    rules: { groups: new Map(), roles: new Map() },
    tokens: [],
    oauth: { tokenMinutes: 60, clients: [] },
    jwt: [],
    ...change,
  };
}
