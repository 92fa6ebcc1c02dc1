import type { Config, ConnectionConfig } from '../../config/index.js';
import { withClaimPaths } from '../../policy/index.js';
import type { IdpSyncRules, ReadClaims } from '../../policy/index.js';
import type { CoderSettings } from './coder-settings.js';
import { applied, effective, statedFor } from './effective.js';

/** The rules that a connection's claims are read by: Coder's own settings, and what the file says in their place. */
export class SyncSettings {
  private readonly connections: ReadonlyMap<string, ConnectionConfig>;

  constructor(
    private readonly coder: CoderSettings,
    config: Pick<Config, 'connections'>,
  ) {
    this.connections = new Map(config.connections.map((connection) => [connection.name, connection]));
  }

  /**
   * What cannot be read, what the licence does not have, and what Coder's own login sync keeps to itself comes as unread, and
   * so is left alone.
   *
   * @param connection a connection's name; of one that the configuration no longer names, Coder's settings hold
   * @param organizationIds of those that groups and roles are needed for; unknown ones are left out
   * @param maxAgeMs what was read longer ago does not serve; none: a few minutes
   * @throws CoderError where Coder is away
   */
  async of(connection: string, organizationIds: readonly string[], maxAgeMs?: number): Promise<IdpSyncRules> {
    const config = this.connections.get(connection)?.idpSync;
    const { organizations, features, allowList, organization, site } = await this.coder.deployment(maxAgeMs);
    const wanted = organizations.filter(({ id }) => organizationIds.includes(id));
    const local = await Promise.all(
      wanted.map(async (one) => {
        const { group, role } = await this.coder.within(one.id, maxAgeMs);
        const stated = statedFor(config, one);
        const rules = {
          group: applied(effective('groups', group, stated.groups, features)),
          role: applied(effective('roles', role, stated.roles, features)),
        };
        return [one.id, rules] as const;
      }),
    );
    return {
      allowList,
      organization: applied(effective('organization', organization, config?.organization ?? {}, features)),
      site: applied(effective('siteRoles', site, config?.siteRoles ?? {}, features)),
      organizations: new Map(local),
    };
  }

  /** The claims with those in place that the file names paths for; without any, as they are. */
  read(connection: string, claims: ReadClaims): ReadClaims {
    const paths = this.connections.get(connection)?.idpSync?.claims;
    return paths === undefined ? claims : withClaimPaths(claims, paths);
  }
}
