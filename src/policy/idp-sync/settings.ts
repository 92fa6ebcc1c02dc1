/** Coder's settings of IdP sync, as its API and its deployment flags have them. */

/** Claim value -> what it stands for: ids of groups or organizations, names of roles. */
export type SyncMapping = Readonly<Record<string, readonly string[]>>;

/** An empty `field` means that the sync is off. */
export interface GroupSyncSettings {
  readonly field: string;
  readonly mapping: SyncMapping;
  /** Of Go's RE2, unanchored; null: everything passes. */
  readonly regexFilter: string | null;
  readonly autoCreate: boolean;
  /** Renames values before all else. Coder takes it from its deployment flags only. */
  readonly legacyMapping: Readonly<Record<string, string>>;
}

export interface RoleSyncSettings {
  readonly field: string;
  readonly mapping: SyncMapping;
}

export interface OrganizationSyncSettings {
  readonly field: string;
  readonly mapping: SyncMapping;
  /** Whether everybody is in the default organization. */
  readonly assignDefault: boolean;
}

/** CODER_OIDC_USER_ROLE_FIELD, _MAPPING and _DEFAULT. */
export interface SiteRoleSettings {
  readonly field: string;
  readonly mapping: SyncMapping;
  readonly defaults: readonly string[];
}

/** CODER_OIDC_ALLOWED_GROUPS by the claim of CODER_OIDC_GROUP_FIELD; no groups: everybody may log in. */
export interface AllowListSettings {
  readonly field: string;
  readonly groups: readonly string[];
}

/** Settings that could not be had: what they decide on stays as it is. */
export interface Unread {
  /** For people. */
  readonly unread: string;
}

/** All settings that decide on a person. Organizations that are not in the map are left alone. */
export interface IdpSyncRules {
  readonly allowList: AllowListSettings | Unread;
  readonly organization: OrganizationSyncSettings | Unread;
  readonly site: SiteRoleSettings | Unread;
  readonly organizations: ReadonlyMap<
    string,
    { readonly group: GroupSyncSettings | Unread; readonly role: RoleSyncSettings | Unread }
  >;
}

export function isUnread(settings: object): settings is Unread {
  return 'unread' in settings;
}
