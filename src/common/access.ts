/** What a source states of a person's access in Coder beside groups. Names or ids, as they were stated. */
export interface StatedAccess {
  /** The username wanted in Coder. */
  readonly username?: string;
  /** Names of roles as the IdP has them (User.roles): of the site, of the connection's organization, or what rules say. */
  readonly roles?: readonly string[];
  readonly siteRoles?: readonly string[];
  readonly organizations?: readonly string[];
  readonly organizationRoles?: readonly OrganizationRole[];
  /** Cron expression of one time of each day. */
  readonly quietHours?: string;
}

/** A role in an organization, which is named by its name or its id. */
export interface OrganizationRole {
  readonly organization: string;
  readonly role: string;
}

/** What a source states of a group in Coder beside its name and members. */
export interface StatedSettings {
  /** Credits that the group adds to each member's budget. */
  readonly quotaAllowance?: number;
  readonly avatarUrl?: string;
  /** Name or id. */
  readonly organization?: string;
  readonly templateRoles?: readonly TemplateRole[];
}

/** What a group's members may do with a template, which is named by its name or its id. */
export interface TemplateRole {
  readonly template: string;
  readonly role: 'use' | 'admin';
}

/** What one rule grants to whom it applies. */
export interface Grant {
  readonly siteRoles: readonly string[];
  readonly organizations: readonly string[];
  /** Without an organization: in the connection's own. */
  readonly organizationRoles: readonly { readonly organization?: string; readonly role: string }[];
}

/** What a connection's people get by their groups and by the values of User.roles. Names are folded. */
export interface AccessRules {
  readonly groups: ReadonlyMap<string, Grant>;
  readonly roles: ReadonlyMap<string, Grant>;
}
