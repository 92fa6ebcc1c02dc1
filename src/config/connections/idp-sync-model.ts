/**
 * What the file says of Coder's settings of IdP sync for the bridge: each key that is there counts in the place of Coder's own,
 * all others are read from Coder.
 */

type Mapping = Readonly<Record<string, readonly string[]>>;

export interface GroupSyncConfig {
  readonly field?: string;
  readonly mapping?: Mapping;
  /** Null: everything passes. */
  readonly regexFilter?: string | null;
  readonly autoCreate?: boolean;
  readonly legacyMapping?: Readonly<Record<string, string>>;
}

export interface RoleSyncConfig {
  readonly field?: string;
  readonly mapping?: Mapping;
}

export interface OrganizationSyncConfig {
  readonly field?: string;
  readonly mapping?: Mapping;
  readonly assignDefault?: boolean;
}

export interface SiteRoleConfig {
  readonly field?: string;
  readonly mapping?: Mapping;
  readonly defaults?: readonly string[];
}

/** Where the bridge looks for a claim, beyond what Coder can. */
export interface ClaimPathConfig {
  readonly paths: readonly string[];
  readonly separator: string | null;
  readonly absentIsEmpty: boolean;
}

export interface IdpSyncConfig {
  readonly organization?: OrganizationSyncConfig;
  readonly siteRoles?: SiteRoleConfig;
  /** By the organization's name or id, as the file has it. */
  readonly organizations: ReadonlyMap<
    string,
    { readonly groups?: GroupSyncConfig; readonly roles?: RoleSyncConfig }
  >;
  /** By the name of the claim. */
  readonly claims: ReadonlyMap<string, ClaimPathConfig>;
}
