/**
 * Releases whose behaviour can be played: of autumn 2023, October 2024, September 2025 (the baseline) and of 2026 with
 * the new SCIM server switched on.
 */
export const PROFILE_NAMES = ['s-old', 's-new', 'b25-legacy', 'n26-scim2'] as const;
export type Profile = (typeof PROFILE_NAMES)[number];

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
  /** CODER_SCIM_AUTH_HEADER; empty: Coder's own SCIM server is off. */
  readonly scimSecret: string;
  /** Active users that the licence allows; more only warn. */
  readonly userLimit: number;
  /** The longest life of a token that users may ask for, in milliseconds. */
  readonly maxTokenLifetime: number;
  readonly quietHours: QuietHoursSwitches;
  /** How long a workspace's build takes, in milliseconds. */
  readonly buildTime: number;
  readonly oidc: OidcSwitches;
}

export interface QuietHoursSwitches {
  /** CODER_QUIET_HOURS_DEFAULT_SCHEDULE; empty: there are no quiet hours (404). */
  readonly schedule: string;
  readonly userCanSet: boolean;
}

type Names = Readonly<Record<string, readonly string[]>>;

/** The deployment's CODER_OIDC_* settings that a login looks at. */
export interface OidcSwitches {
  readonly issuer: string;
  /** CODER_OIDC_EMAIL_DOMAIN; empty: any. */
  readonly emailDomains: readonly string[];
  readonly ignoreEmailVerified: boolean;
  readonly allowSignups: boolean;
  /** CODER_OIDC_GROUP_FIELD: for the allow list, and for the default organization until its settings are saved. */
  readonly groupField: string;
  /** CODER_OIDC_ALLOWED_GROUPS; empty: everybody. */
  readonly allowedGroups: readonly string[];
  readonly groupRegexFilter: string;
  readonly groupAutoCreate: boolean;
  /** CODER_OIDC_GROUP_MAPPING: renames claim values. */
  readonly groupMapping: Readonly<Record<string, string>>;
  /** CODER_OIDC_USER_ROLE_FIELD; empty: no sync of site roles. */
  readonly userRoleField: string;
  readonly userRoleMapping: Names;
  readonly userRoleDefault: readonly string[];
  /** CODER_OIDC_ORGANIZATION_FIELD, until the settings are saved. */
  readonly organizationField: string;
  /** Claim value -> ids of organizations. */
  readonly organizationMapping: Names;
  readonly organizationAssignDefault: boolean;
}

const DAY = 86_400_000;

/** Everything licensed, OIDC configured, no limit on requests, no sync at login. */
export const DEFAULT_SWITCHES: Switches = {
  profile: 'b25-legacy',
  features: {
    template_rbac: true,
    user_role_management: true,
    audit_log: true,
    multiple_organizations: true,
    custom_roles: true,
    advanced_template_scheduling: true,
    appearance: true,
    external_provisioner_daemons: true,
    high_availability: true,
    workspace_proxy: true,
    scim: false,
  },
  oidcConfigured: true,
  passwordAuthDisabled: false,
  siteRoleSync: false,
  rateLimit: 0,
  scimSecret: '',
  userLimit: 100_000,
  maxTokenLifetime: 365 * DAY,
  quietHours: { schedule: 'CRON_TZ=UTC 0 0 * * *', userCanSet: true },
  buildTime: 0,
  oidc: {
    issuer: 'https://idp.example',
    emailDomains: [],
    ignoreEmailVerified: false,
    allowSignups: true,
    groupField: '',
    allowedGroups: [],
    groupRegexFilter: '',
    groupAutoCreate: false,
    groupMapping: {},
    userRoleField: '',
    userRoleMapping: {},
    userRoleDefault: [],
    organizationField: '',
    organizationMapping: {},
    organizationAssignDefault: true,
  },
};

/** A part of the switches: features, quiet hours and OIDC settings are merged by name. */
export type SwitchChange = Partial<Omit<Switches, 'quietHours' | 'oidc'>> & {
  readonly quietHours?: Partial<QuietHoursSwitches>;
  readonly oidc?: Partial<OidcSwitches>;
};

/** The switches after a change; also how older state files, which lack newer switches, are read. */
export function merged(now: Switches, change: SwitchChange): Switches {
  return {
    ...now,
    ...change,
    features: { ...now.features, ...change.features },
    quietHours: { ...now.quietHours, ...change.quietHours },
    oidc: { ...now.oidc, ...change.oidc },
  };
}
