import { GoneError, RejectedError, ServerError } from '../../coder/index.js';
import type {
  CoderClient,
  CoderGroupSync,
  CoderOrganization,
  CoderOrganizationSync,
} from '../../coder/index.js';
import type { Clock } from '../../common/index.js';
import type {
  AllowListSettings,
  GroupSyncSettings,
  OrganizationSyncSettings,
  RoleSyncSettings,
  SiteRoleSettings,
  Unread,
} from '../../policy/index.js';

/** Settings may be this old. */
const MAX_AGE_MS = 5 * 60_000;
/** What could not be read is tried again after this long. */
const TRY_AGAIN_MS = 30_000;

/** What of Coder's client reads settings. */
export type SettingsSource = Pick<
  CoderClient,
  | 'entitlements'
  | 'listOrganizations'
  | 'deploymentConfig'
  | 'getOrganizationSync'
  | 'getGroupSync'
  | 'getRoleSync'
>;

/** What holds for the whole deployment. */
export interface DeploymentSettings {
  readonly organizations: readonly CoderOrganization[];
  /** Names of the features that are licensed and on. */
  readonly features: ReadonlySet<string>;
  readonly allowList: AllowListSettings | Unread;
  readonly organization: OrganizationSyncSettings | Unread;
  readonly site: SiteRoleSettings | Unread;
}

/** What holds in one organization. */
export interface LocalSettings {
  readonly group: GroupSyncSettings | Unread;
  readonly role: RoleSyncSettings | Unread;
}

/**
 * Coder's own settings of IdP sync, read when they are needed, and kept for a few minutes. What Coder refuses to show is told
 * with the reason; where Coder is away, the reading fails.
 */
export class CoderSettings {
  private readonly deployed: Kept<DeploymentSettings>;
  private readonly local = new Map<string, Kept<LocalSettings>>();

  constructor(
    private readonly coder: SettingsSource,
    private readonly clock: Clock,
  ) {
    this.deployed = new Kept(
      () => this.readDeployment(),
      clock,
      ({ allowList, organization, site }) => [allowList, organization, site].some((one) => 'unread' in one),
    );
  }

  /**
   * @param maxAgeMs what was read longer ago does not serve; none: a few minutes
   * @throws CoderError where Coder is away
   */
  deployment(maxAgeMs?: number): Promise<DeploymentSettings> {
    return this.deployed.get(maxAgeMs);
  }

  /** As {@link deployment}, of an organization. */
  within(organizationId: string, maxAgeMs?: number): Promise<LocalSettings> {
    const known = this.local.get(organizationId);
    if (known) return known.get(maxAgeMs);
    const kept = new Kept(
      () => this.readLocal(organizationId),
      this.clock,
      ({ group, role }) => 'unread' in group || 'unread' in role,
    );
    this.local.set(organizationId, kept);
    return kept.get();
  }

  /** Everything is read anew at the next need: somebody has written. */
  forget(): void {
    this.deployed.forget();
    this.local.clear();
  }

  private async readDeployment(): Promise<DeploymentSettings> {
    const [organizations, { features }, organization, flags] = await Promise.all([
      this.coder.listOrganizations(),
      this.coder.entitlements(),
      readable('organization sync', this.coder.getOrganizationSync()),
      readable('the OIDC flags', this.coder.deploymentConfig()),
    ]);
    const { oidc = {} } = 'unread' in flags ? {} : flags.config;
    return {
      organizations,
      features: new Set(Object.keys(features).filter((name) => features[name]?.enabled === true)),
      organization: 'unread' in organization ? organization : organizationSettings(organization),
      allowList:
        'unread' in flags ? flags : { field: oidc.groups_field ?? '', groups: oidc.group_allow_list ?? [] },
      site:
        'unread' in flags
          ? flags
          : {
              field: oidc.user_role_field ?? '',
              mapping: oidc.user_role_mapping ?? {},
              defaults: oidc.user_roles_default ?? [],
            },
    };
  }

  private async readLocal(organizationId: string): Promise<LocalSettings> {
    const [group, role] = await Promise.all([
      readable('group sync', this.coder.getGroupSync(organizationId)),
      readable('role sync', this.coder.getRoleSync(organizationId)),
    ]);
    return { group: 'unread' in group ? group : groupSettings(group), role };
  }
}

/** Coder's document of group sync in the rules' own names. */
export function groupSettings(document: CoderGroupSync): GroupSyncSettings {
  const { field, mapping, regex_filter, auto_create_missing_groups, legacy_group_name_mapping } = document;
  return {
    field,
    mapping,
    // An empty flag reads as an empty filter, which lets everything pass.
    regexFilter: regex_filter ?? null,
    autoCreate: auto_create_missing_groups ?? false,
    legacyMapping: legacy_group_name_mapping ?? {},
  };
}

/** Coder's document of organization sync in the rules' own names. */
export function organizationSettings(document: CoderOrganizationSync): OrganizationSyncSettings {
  const { field, mapping, organization_assign_default: assignDefault = true } = document;
  return { field, mapping, assignDefault };
}

/** A refusal is told, as it lasts until somebody changes something; anything else may be over in a moment. */
async function readable<T extends object>(what: string, reading: Promise<T>): Promise<T | Unread> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RejectedError || error instanceof GoneError || error instanceof ServerError)
      return { unread: `the settings of ${what} could not be read: ${error.summary}` };
    throw error;
  }
}

/** One reading for all who ask, kept until it is old. A failed one is not kept. */
class Kept<T> {
  private reading: Promise<T> | null = null;
  private until = Number.NEGATIVE_INFINITY;
  private begun = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly read: () => Promise<T>,
    private readonly clock: Clock,
    private readonly isPoor: (value: T) => boolean,
  ) {}

  get(maxAgeMs = Number.POSITIVE_INFINITY): Promise<T> {
    const now = this.clock.monotonic();
    if (this.reading && now < this.until && now - this.begun <= maxAgeMs) return this.reading;
    const reading = this.read();
    this.reading = reading;
    this.begun = now;
    // While it is on its way, everybody waits for it.
    this.until = Number.POSITIVE_INFINITY;
    const settle = (age: number): void => {
      if (this.reading === reading) this.until = this.clock.monotonic() + age;
    };
    reading.then(
      (value) => settle(this.isPoor(value) ? TRY_AGAIN_MS : MAX_AGE_MS),
      () => settle(0),
    );
    return reading;
  }

  forget(): void {
    this.reading = null;
  }
}
