import { createHash } from 'node:crypto';

import type { Clock } from '../../common/index.js';
import type { Config } from '../../config/index.js';
import { canonicalJson } from '../../journal/index.js';
import { isUnread } from '../../policy/index.js';
import type { CoderSettings, DeploymentSettings } from './coder-settings.js';
import { names } from './effective.js';
import type { SyncSettings } from './sync-settings.js';

/** A connection, and organizations that its people are in. */
export interface UsedOrganizations {
  readonly name: string;
  readonly organizations: readonly string[];
}

/** Organizations whose settings are compared in one turn: each takes two calls. */
const MOST_ORGANIZATIONS = 100;

/** Digests of the settings that claims are read by, to see that they changed. */
export class SettingDigests {
  constructor(
    private readonly coder: CoderSettings,
    private readonly settings: SyncSettings,
    private readonly config: Pick<Config, 'connections' | 'coder'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Of each connection, by part. A part that Coder does not show is left out: it says nothing. Everything is read anew, once for
   * all connections.
   *
   * @throws CoderError where Coder is away
   */
  async of(
    connections: readonly UsedOrganizations[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    const since = this.clock.monotonic();
    const age = (): number => this.clock.monotonic() - since;
    const deployed = await this.coder.deployment(age());
    const ids = connections.map((one) => this.organizationsOf(one, deployed));
    const read = new Set([...new Set(ids.flat())].slice(0, MOST_ORGANIZATIONS));
    // One after the other: it is nothing that anybody waits for.
    for (const id of read) await this.coder.within(id, age());
    const found = new Map<string, Readonly<Record<string, string>>>();
    for (const [at, { name }] of connections.entries()) {
      const own = (ids[at] ?? []).filter((id) => read.has(id));
      found.set(name, await this.digests(name, own, deployed, age));
    }
    return found;
  }

  private async digests(
    connection: string,
    ids: readonly string[],
    deployed: DeploymentSettings,
    age: () => number,
  ): Promise<Readonly<Record<string, string>>> {
    const rules = await this.settings.of(connection, ids, age());
    const parts: Record<string, string> = {};
    const part = (key: string, shown: object, holds: object | undefined): void => {
      if (!isUnread(shown) && holds) parts[key] = digestOf(holds);
    };
    part('allowList', deployed.allowList, rules.allowList);
    part('organization', deployed.organization, rules.organization);
    part('siteRoles', deployed.site, rules.site);
    for (const id of ids) {
      const shown = await this.coder.within(id, age());
      const holds = rules.organizations.get(id);
      part(`groups ${id}`, shown.group, holds?.group);
      part(`roles ${id}`, shown.role, holds?.role);
    }
    return parts;
  }

  /** The default one, the connection's, those that the settings name, and those that people are in. */
  private organizationsOf(
    { name, organizations }: UsedOrganizations,
    { organizations: all, organization }: DeploymentSettings,
  ): string[] {
    const config = this.config.connections.find((one) => one.name === name);
    const stated = [config?.organization, this.config.coder.organization].flatMap((one) => one ?? []);
    const keys = [...stated, ...(config?.idpSync?.organizations.keys() ?? [])];
    const mappings = [
      isUnread(organization) ? {} : organization.mapping,
      config?.idpSync?.organization?.mapping ?? {},
    ];
    const ids = new Set([...organizations, ...mappings.flatMap((mapping) => Object.values(mapping).flat())]);
    return all
      .filter((one) => one.is_default || ids.has(one.id) || keys.some((key) => names(key, one)))
      .map(({ id }) => id);
  }
}

function digestOf(settings: object): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex');
}
