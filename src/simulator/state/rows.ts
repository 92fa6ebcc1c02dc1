import type { CoderLoginType, CoderUserStatus } from '../../coder/index.js';

/** Rows of the simulated Coder. They are never changed in place: a change puts a new row in the old one's stead. */
export interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly description: string;
  readonly icon: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly is_default: boolean;
}

export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly avatar_url: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly last_seen_at: string;
  readonly status: CoderUserStatus;
  readonly login_type: CoderLoginType;
  /** Site roles, without the implied `member`. */
  readonly roles: readonly string[];
  /** Coder deletes softly: the row stays, and answers by its uuid. */
  readonly deleted: boolean;
}

export interface MemberRow {
  readonly organization_id: string;
  readonly user_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** Organization roles, without the implied `organization-member`. */
  readonly roles: readonly string[];
}

export interface GroupRow {
  /** Of the Everyone group: the organization's id. */
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly display_name: string;
  readonly avatar_url: string;
  readonly quota_allowance: number;
  readonly source: 'user' | 'oidc';
}

export interface TokenRow {
  /** The ten characters before the hyphen. */
  readonly id: string;
  /** The twenty-two characters after it. */
  readonly secret: string;
  readonly user_id: string;
  /** Milliseconds since the epoch; none: never. */
  readonly expires_at?: number;
}

/** Release whose behaviour is played. `n26-scim2` differs only in Coder's own SCIM server. */
export type Profile = 'b25-legacy' | 'n26-scim2' | 's-old';

/** What an operator sets on the deployment. */
export interface Switches {
  readonly profile: Profile;
  /** Licensed features by name; absent means not entitled. */
  readonly features: Readonly<Record<string, boolean>>;
  /** Whether an OIDC provider is configured; without one Coder refuses to create users of login type `oidc`. */
  readonly oidcConfigured: boolean;
  readonly passwordAuthDisabled: boolean;
  /** CODER_OIDC_USER_ROLE_FIELD is set: site roles of OIDC users cannot be edited. */
  readonly siteRoleSync: boolean;
  /** Requests per minute and key; 0 or less: no limit. */
  readonly rateLimit: number;
}

export interface GroupSyncSettings {
  readonly field: string;
  readonly mapping: Readonly<Record<string, readonly string[]>>;
  readonly regex_filter: string | null;
  readonly auto_create_missing_groups: boolean;
}

export interface RoleSyncSettings {
  readonly field: string;
  readonly mapping: Readonly<Record<string, readonly string[]>>;
}

export interface OrganizationSyncSettings {
  readonly field: string;
  readonly mapping: Readonly<Record<string, readonly string[]>>;
  readonly organization_assign_default: boolean;
}

/** One change of the state; also one entry of the state file. */
export type Change =
  | readonly ['organization', OrganizationRow]
  | readonly ['user', UserRow]
  | readonly ['member', MemberRow]
  | readonly ['-member', organizationId: string, userId: string]
  | readonly ['group', GroupRow]
  | readonly ['-group', groupId: string]
  | readonly ['groupMember', groupId: string, userId: string]
  | readonly ['-groupMember', groupId: string, userId: string]
  | readonly ['token', TokenRow]
  | readonly ['-token', tokenId: string]
  | readonly ['workspaces', userId: string, owned: number]
  | readonly ['switches', Switches]
  | readonly ['organizationSync', OrganizationSyncSettings]
  | readonly ['groupSync', organizationId: string, GroupSyncSettings]
  | readonly ['roleSync', organizationId: string, RoleSyncSettings]
  | readonly ['port', number];
