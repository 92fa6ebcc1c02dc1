import type { PolicyConfig } from '../policy.js';
import { policyOf, rulesOf } from './access.js';
import type { ConnectionConfig, ConfiguredToken, JwtIssuer, OAuthClient, RateLimit } from './model.js';
import { idpSyncOf } from './idp-sync.js';
import { oidcOf } from './oidc.js';
import { list, secretOf, type Fault } from './stated.js';
import type {
  ClientSettings,
  ConnectionSettings,
  FileSettings,
  JwtSettings,
  TokenSettings,
} from './settings.js';

/** Entra ID's application that provisions to applications outside its gallery. */
const ENTRA_PROVISIONING = '8adf8e6e-67b2-4cf2-a259-e3dc5476c621';

/** What surrounds the file. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** What the environment says, for connections that say nothing else. */
  readonly policy: PolicyConfig;
  readonly organization?: string;
  /** SCIM_RATE_LIMIT, for connections that say nothing of it; none: no limit. */
  readonly rateLimit?: RateLimit;
  /** Names of deviations that connections may switch; none: any. */
  readonly dialects?: readonly string[];
}

/** Makes connections of what the file says: defaults, secrets, and what must be unique. Faults go to `fault`. */
export function assembleConnections(
  { connections }: FileSettings,
  surroundings: Surroundings,
  fault: Fault,
): ConnectionConfig[] {
  const made = connections.map((settings, index) =>
    connectionOf(settings, `connections[${index}]`, surroundings, fault),
  );
  const at = (index: number): string => `connections[${index}]`;
  const former = made.flatMap(({ formerly }, index) =>
    formerly === undefined ? [] : ([[formerly, `${at(index)}.formerly`]] as const),
  );
  unique(
    [...made.map(({ name }, index) => [name, `${at(index)}.name`] as const), ...former],
    'the name',
    fault,
  );
  unique(
    made.flatMap(({ oauth }, index) =>
      oauth.clients.map(({ id }, n) => [id, `${at(index)}.oauth.clients[${n}].id`] as const),
    ),
    'the client id',
    fault,
  );
  unique(
    made.flatMap(({ tokens }, index) =>
      tokens.map(({ token }, n) => [token, `${at(index)}.tokens[${n}].secret`] as const),
    ),
    'the secret',
    fault,
  );
  return made;
}

/** The second and every further place of the same value is a fault that names the first. */
function unique(
  places: readonly (readonly [value: string, path: string])[],
  what: string,
  fault: Fault,
): void {
  const first = new Map<string, string>();
  for (const [value, path] of places) {
    const other = first.get(value);
    if (other === undefined) first.set(value, path);
    else if (other !== path) fault(path, `expected ${what} to be another one than that of ${other}`);
  }
}

function connectionOf(
  settings: ConnectionSettings,
  path: string,
  { env, policy, organization: usual, rateLimit, dialects: known }: Surroundings,
  fault: Fault,
): ConnectionConfig {
  const dialects = settings.dialects ?? {};
  for (const name of Object.keys(dialects)) {
    if (known?.includes(name) === false)
      fault(`${path}.dialects.${name.slice(0, 100)}`, `expected one of ${known.join(', ')}`);
  }
  const { formerly, oauth } = settings;
  const organization = settings.organization ?? usual;
  const limit = limitOf(settings, rateLimit);
  return {
    name: settings.name,
    ...(formerly == null ? {} : { formerly }),
    ...(organization === undefined ? {} : { organization }),
    dialects,
    policy: policyOf(settings.policy, policy),
    rules: rulesOf(settings.rules),
    tokens: (settings.tokens ?? []).map((token, n) => tokenOf(token, `${path}.tokens[${n}]`, env, fault)),
    oauth: {
      tokenMinutes: oauth?.tokenMinutes ?? 60,
      clients: (oauth?.clients ?? []).map((client, n) =>
        clientOf(client, `${path}.oauth.clients[${n}]`, env, fault),
      ),
    },
    jwt: (settings.jwt ?? []).map((issuer, n) => issuerOf(issuer, `${path}.jwt[${n}]`, fault)),
    ...(settings.idpSync == null ? {} : { idpSync: idpSyncOf(settings.idpSync, `${path}.idpSync`, fault) }),
    ...(settings.oidc == null ? {} : { oidc: oidcOf(settings.oidc, `${path}.oidc`, env, fault) }),
    ...(limit === undefined ? {} : { rateLimit: limit }),
  };
}

function limitOf(settings: ConnectionSettings, fallback: RateLimit | undefined): RateLimit | undefined {
  const { rateLimit, rateBurst } = settings;
  if (rateLimit === 'off' || rateLimit === false) return undefined;
  if (rateLimit == null) {
    return fallback && { ...fallback, ...(rateBurst == null ? {} : { burst: rateBurst }) };
  }
  return { perSecond: rateLimit, burst: rateBurst ?? 2 * rateLimit };
}

function tokenOf(
  { label, secret, expires }: TokenSettings,
  path: string,
  env: NodeJS.ProcessEnv,
  fault: Fault,
): ConfiguredToken {
  return {
    label,
    token: secretOf(secret, `${path}.secret`, env, fault),
    ...(expires == null ? {} : { expiresAt: new Date(expires) }),
  };
}

function clientOf(
  { id, secrets }: ClientSettings,
  path: string,
  env: NodeJS.ProcessEnv,
  fault: Fault,
): OAuthClient {
  const stated = list(secrets);
  return { id, secrets: stated.map((secret, n) => secretOf(secret, `${path}.secrets[${n}]`, env, fault)) };
}

function issuerOf(settings: JwtSettings, path: string, fault: Fault): JwtIssuer {
  const { entraTenant, clockSkewSeconds, keysMaxAgeHours, jwksUri } = settings;
  if ((settings.issuer == null) === (entraTenant == null))
    fault(path, 'expected either issuer (with audience) or entraTenant');
  if (settings.issuer != null && settings.audience == null)
    fault(`${path}.audience`, 'expected the audience that tokens for this bridge have');
  const issuer = settings.issuer ?? `https://sts.windows.net/${(entraTenant ?? '').toLowerCase()}/`;
  return {
    label: settings.label ?? (URL.canParse(issuer) ? new URL(issuer).host : issuer),
    issuer,
    audiences: list(settings.audience ?? ENTRA_PROVISIONING),
    ...(jwksUri == null ? {} : { jwksUri }),
    algorithms: list(settings.algorithms ?? 'RS256'),
    clockSkewSeconds: clockSkewSeconds ?? 60,
    keysMaxAgeHours: keysMaxAgeHours ?? 24,
    claims: Object.fromEntries(
      Object.entries(settings.claims ?? {}).map(([name, wanted]) => [name, list(wanted)]),
    ),
  };
}
