import type { CoderLoginType, CoderUserStatus } from '../../coder/index.js';
import type { Switches } from './switches.js';
import type { TableChange } from './tables.js';

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
  /** A long-lived token has a name, unique among the user's. */
  readonly name?: string;
  /** Absent: before the simulator kept it. */
  readonly created_at?: string;
  /** Absent: `token`. */
  readonly login_type?: CoderLoginType;
}

export interface GroupSyncSettings {
  readonly field: string;
  readonly mapping: Readonly<Record<string, readonly string[]>>;
  readonly regex_filter: string | null;
  readonly auto_create_missing_groups: boolean;
  /** Of the deployment's flags only; it cannot be saved. */
  readonly legacy_group_name_mapping?: Readonly<Record<string, string>>;
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
  | readonly ['-organization', organizationId: string]
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
  | readonly ['port', number]
  | TableChange;
