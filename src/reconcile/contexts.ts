import { fold, type StatedAccess } from '../common/index.js';
import type { AccessRules } from '../common/index.js';
import type { Config, ConnectionConfig, PolicyConfig } from '../config/index.js';
import type { UserTarget } from '../directory/index.js';
import type { ClaimDecisions } from './claims/claim-decisions.js';
import type { DeploymentReader } from './deployment.js';
import type { Organizations } from './organizations.js';
import { rememberedClaims } from './planner/index.js';
import type { PlanContext } from './planner/index.js';
import type { Seats } from './ports.js';

/** What planning knows of a connection before it looks at a target. */
export type ConnectionContext = Omit<PlanContext, 'takenUsernames' | 'refusedRoles'>;

/** What of a target names organizations. */
interface Naming {
  readonly connection: string;
  readonly access?: StatedAccess;
  readonly groups?: readonly string[];
  readonly settings?: { readonly organization?: string };
}

const NO_RULES: AccessRules = { groups: new Map(), roles: new Map() };

/** What each connection's targets are planned by: its policy, its rules, its organization. */
export class Contexts {
  private readonly connections: ReadonlyMap<string, ConnectionConfig>;

  constructor(
    private readonly deployment: Pick<DeploymentReader, 'read'>,
    private readonly organizations: Organizations,
    private readonly config: Pick<Config, 'connections' | 'policy' | 'coder'>,
    private readonly seats: Seats,
    private readonly claims: Pick<ClaimDecisions, 'of'>,
  ) {
    this.connections = new Map(config.connections.map((connection) => [connection.name, connection]));
  }

  /**
   * Of a connection that the configuration no longer names: what the environment says, and no rules.
   *
   * @param claims whether a user's are decided on, for which Coder may have to be asked, or are what they last came to
   * @throws CoderError where Coder must be asked and cannot
   */
  async of(
    target: Naming | UserTarget,
    claims: 'decided' | 'remembered' = 'decided',
  ): Promise<ConnectionContext> {
    const { policy, rules, ...settings } = this.settings(target.connection);
    const { organizationId, organization, selfId } = await this.deployment.read(settings.organization);
    await this.organizations.know(organizationsNamed(target, rules));
    const context = {
      policy,
      rules,
      organizationId,
      organization,
      selfId,
      organizations: this.organizations,
      seatsLeft: this.seats.left(),
    };
    if (!isClaimed(target)) return context;
    if (claims === 'remembered') return { ...context, claimed: rememberedClaims(target.subjects) };
    return { ...context, claimed: await this.claims.of(target, context) };
  }

  /** Names or ids of the organizations that connections lie in; undefined: the default one. */
  homes(): readonly (string | undefined)[] {
    return [...new Set([...this.connections.keys()].map((name) => this.settings(name).organization))];
  }

  private settings(name: string): { policy: PolicyConfig; rules: AccessRules; organization?: string } {
    const connection = this.connections.get(name);
    const organization = connection ? connection.organization : this.config.coder.organization;
    return {
      policy: connection?.policy ?? this.config.policy,
      rules: connection?.rules ?? NO_RULES,
      ...(organization !== undefined && { organization }),
    };
  }
}

function isClaimed(target: Naming | UserTarget): target is UserTarget {
  return 'subjects' in target && target.subjects.length > 0 && !target.deleted;
}

/** Names and ids of all organizations that the target, or a rule for it, speaks of. */
function organizationsNamed({ access = {}, groups = [], settings }: Naming, rules: AccessRules): string[] {
  const grants = [
    ...groups.map((name) => rules.groups.get(fold(name))),
    ...(access.roles ?? []).map((role) => rules.roles.get(fold(role))),
  ];
  return [
    ...(settings?.organization === undefined ? [] : [settings.organization]),
    ...(access.organizations ?? []),
    ...(access.organizationRoles ?? []).map(({ organization }) => organization),
    ...grants.flatMap((grant) => [
      ...(grant?.organizations ?? []),
      ...(grant?.organizationRoles ?? []).flatMap(({ organization }) => organization ?? []),
    ]),
  ];
}
