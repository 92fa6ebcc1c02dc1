import type { Clock } from '../common/index.js';
import type { OidcConfig } from '../config/index.js';
import { fetchKeys, KeySet, type Connections, type ServedConnection } from '../connections/index.js';
import type { Log } from '../telemetry/index.js';
import { LogoutTokens } from './logout/logout-tokens.js';
import { RevocationTokens } from './logout/revocation-tokens.js';
import { Provider } from './provider.js';
import { ClaimReader } from './read/claim-reader.js';
import { GraphGroups } from './read/graph.js';
import { Refusal } from './refusal.js';
import { IdTokenVerifier } from './verify/id-token.js';
import { organizationOf } from './verify/issuers.js';

/** A connection that takes claims. */
export interface OidcConnection {
  readonly connection: ServedConnection;
  readonly config: OidcConfig;
  readonly provider: Provider;
  readonly reader: ClaimReader;
  readonly logouts: LogoutTokens;
  readonly revocations: RevocationTokens;
}

/** The connections that take claims, each with its provider. */
export class OidcConnections {
  private readonly byId: ReadonlyMap<string, OidcConnection>;

  constructor(
    private readonly connections: Connections,
    clock: Clock,
    log: Log,
  ) {
    this.byId = new Map(
      connections.served.flatMap((connection) => {
        const { oidc } = connection.config;
        return oidc === undefined ? [] : [[connection.id, open(connection, oidc, clock, log)] as const];
      }),
    );
  }

  /**
   * The connection of that name; without a name the first one.
   *
   * @throws Refusal where it takes no claims, or is none
   */
  find(name: string | undefined): OidcConnection {
    const connection = this.connections.find(name);
    const found = connection && this.byId.get(connection.id);
    if (found === undefined) throw new Refusal('not_found', 'no OpenID provider is configured here');
    return found;
  }
}

function open(connection: ServedConnection, config: OidcConfig, clock: Clock, log: Log): OidcConnection {
  const keys = new KeySet(config, fetchKeys, clock);
  const organization = organizationOf(config.issuer);
  const { keysMaxAgeHours } = config;
  const ofOrganization =
    organization === config.issuer
      ? keys
      : new KeySet({ issuer: organization, keysMaxAgeHours }, fetchKeys, clock);
  const provider = new Provider(config, clock);
  const graph = config.graph === undefined ? null : new GraphGroups(config.graph, clock);
  const verifier = new IdTokenVerifier(config, keys.keyFor, clock);
  const reader = new ClaimReader(
    verifier,
    provider,
    graph,
    clock,
    log.child({ connection: connection.name }),
  );
  return {
    connection,
    config,
    provider,
    reader,
    logouts: new LogoutTokens(config, keys.keyFor, clock),
    revocations: new RevocationTokens(config, ofOrganization.keyFor, clock),
  };
}
