import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { fold } from '../common/index.js';
import { ConfigError } from './config-error.js';
import type { Config, Role } from './config.js';
import { connectionsOf } from './connections-of.js';
import { deepFreeze, frozenSet } from './freeze.js';
import { KEYS, parseBudget, ROLES, SIMULATOR, Variables } from './variables.js';

/** Read by the command line, not by the service. */
export const NOT_OURS = ['BRIDGE_URL'];

/** What the readers of the environment must not overlook, in lines for people. */
type Lines = string[];

/**
 * The configuration from environment variables and the file that BRIDGE_CONFIG names. An empty variable counts as not set.
 *
 * @param known names that the file may use; none: any
 * @returns the deeply frozen configuration, with `warnings` where something is unusual but usable
 * @throws ConfigError with every fault at once, one line each, naming the key and what was expected, never a value
 */
export function loadConfig(
  env: NodeJS.ProcessEnv,
  known: { readonly dialects?: readonly string[] } = {},
): Config {
  const { variables, faults } = readVariables(env);
  const embedded = !isSet(env, 'DATABASE_URL') && !isSet(env, 'REDIS_URL');
  faults.push(...oidcFaults(env), ...guardFaults(env, embedded));
  const { connections, faults: connectionFaults } = connectionsOf(
    variables,
    env,
    known.dialects,
    policyOf(variables),
  );
  // The file's faults keep the file's order, after the environment's.
  const all = [...faults.toSorted(), ...connectionFaults];
  if (all.length > 0) throw new ConfigError(all);
  const config = assemble(variables, connections, embedded);
  const warnings = [...unknownKeys(env), ...unusual(config, variables)];
  return deepFreeze(warnings.length === 0 ? config : { ...config, warnings });
}

function isSet(env: NodeJS.ProcessEnv, key: string): boolean {
  return (env[key]?.trim() ?? '') !== '';
}

function readVariables(env: NodeJS.ProcessEnv): { variables: Variables; faults: Lines } {
  const plain = Object.fromEntries(
    KEYS.filter((key) => isSet(env, key)).map((key) => [key, env[key]?.trim()]),
  );
  const variables = plainToInstance(Variables, plain);
  const errors = validateSync(variables, {
    stopAtFirstError: true,
    validationError: { target: false, value: false },
  });
  const faults = errors.map(({ property, constraints }) => {
    return `${property}: expected ${Object.values(constraints ?? {})[0] ?? 'another value'}`;
  });
  return { variables, faults };
}

/** A provider is an issuer, and whom its tokens are for. */
function oidcFaults(env: NodeJS.ProcessEnv): Lines {
  const others = ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_AUDIENCE'].filter((key) => isSet(env, key));
  const [first] = others;
  if (!isSet(env, 'OIDC_ISSUER'))
    return first === undefined
      ? []
      : [`OIDC_ISSUER: is required when ${first} is set; expected the URL of the OpenID provider`];
  if (others.includes('OIDC_CLIENT_SECRET') && !others.includes('OIDC_CLIENT_ID'))
    return ['OIDC_CLIENT_ID: is required when OIDC_CLIENT_SECRET is set; expected the id of that client'];
  return first === undefined
    ? [
        "OIDC_CLIENT_ID: expected the bridge's client id at the provider, or OIDC_AUDIENCE for tokens of others",
      ]
    : [];
}

/** What must be said outright where others depend on the service: nothing is generated or simulated there unasked. */
function guardFaults(env: NodeJS.ProcessEnv, embedded: boolean): Lines {
  const faults: Lines = [];
  if (!embedded) {
    const why = 'is required when DATABASE_URL or REDIS_URL is set';
    if (!isSet(env, 'CODER_URL')) faults.push(`CODER_URL: ${why}; expected Coder's URL, or ${SIMULATOR}`);
    if (!isSet(env, 'SCIM_TOKEN') && !isSet(env, 'BRIDGE_CONFIG'))
      faults.push(`SCIM_TOKEN: ${why}; expected the token that the identity provider sends`);
  }
  const realCoder = isSet(env, 'CODER_URL') && env['CODER_URL']?.trim() !== SIMULATOR;
  if (realCoder && !isSet(env, 'CODER_SESSION_TOKEN')) {
    faults.push(
      'CODER_SESSION_TOKEN: is required when CODER_URL is set; expected a token of an account that is an owner',
    );
  }
  return faults;
}

function assemble(variables: Variables, connections: Config['connections'], embedded: boolean): Config {
  const simulated = (variables.CODER_URL ?? SIMULATOR) === SIMULATOR;
  const trial = simulated || variables.DATABASE_URL === undefined;
  const host = variables.HOST ?? (trial ? '127.0.0.1' : '0.0.0.0');
  const port = variables.PORT ?? 3000;
  return {
    port,
    host,
    roles: frozenSet<Role>(ROLES.filter((role) => variables.BRIDGE_ROLES?.includes(role) ?? true)),
    publicUrl: withoutTrailingSlash(variables.PUBLIC_URL ?? `http://${reachable(host)}:${port}`),
    logLevel: variables.LOG_LEVEL ?? 'info',
    database:
      variables.DATABASE_URL === undefined
        ? { engine: 'pglite', dataDir: variables.DATA_DIR ?? './data' }
        : { engine: 'postgres', url: variables.DATABASE_URL },
    redisUrl: variables.REDIS_URL,
    embedded,
    coder: coderOf(variables, simulated, connections[0]?.organization),
    scim: { token: variables.SCIM_TOKEN, waitMs: variables.SCIM_WAIT_MS ?? 0 },
    connections,
    requestLog: { days: variables.REQUEST_LOG_DAYS ?? 14, values: variables.REQUEST_LOG_VALUES ?? false },
    adminToken: variables.ADMIN_TOKEN,
    dryRun: variables.DRY_RUN ?? false,
    safetyBudget: parseBudget(variables.SAFETY_BUDGET ?? '10,20%'),
    policy: policyOf(variables),
    fullSyncCron: variables.FULL_SYNC_CRON ?? '0 * * * *',
    idpSyncCron: variables.IDP_SYNC_CRON ?? '*/5 * * * *',
  };
}

function coderOf(
  variables: Variables,
  simulated: boolean,
  organization: string | undefined,
): Config['coder'] {
  const rateLimit = variables.CODER_RATE_LIMIT ?? 512;
  return {
    url: simulated ? SIMULATOR : withoutTrailingSlash(variables.CODER_URL ?? SIMULATOR),
    sessionToken: variables.CODER_SESSION_TOKEN,
    organization: organization ?? variables.CODER_ORGANIZATION,
    rateLimit: rateLimit === -1 ? undefined : rateLimit,
  };
}

function policyOf(variables: Variables): Config['policy'] {
  return {
    loginType: variables.LOGIN_TYPE ?? 'oidc',
    newUserStatus: variables.NEW_USER_STATUS ?? 'dormant',
    deleteUsers: variables.DELETE_USERS ?? 'suspend',
    adoptUsers: variables.ADOPT_USERS ?? 'email',
    adoptGroups: variables.ADOPT_GROUPS ?? 'never',
    renameUsers: variables.RENAME_USERS ?? false,
    protectedUsers: [...new Set((variables.PROTECTED_USERS ?? []).map(fold))],
    protectedGroups: [...new Set((variables.PROTECTED_GROUPS ?? []).map(fold))],
    siteRoles: variables.SITE_ROLES ?? [],
    organizationRoles: variables.ORGANIZATION_ROLES ?? [],
    strict: variables.STRICT ?? false,
    revokeTokens: variables.REVOKE_TOKENS ?? true,
    stopWorkspaces: variables.STOP_WORKSPACES ?? true,
    revokeOnLogout: variables.REVOKE_ON_LOGOUT ?? false,
    createFromClaims: variables.CREATE_FROM_CLAIMS ?? false,
    whenSeatsRunOut: variables.WHEN_SEATS_RUN_OUT ?? 'dormant',
  };
}

/** A misspelt variable would otherwise be without effect and without a word. */
function unknownKeys(env: NodeJS.ProcessEnv): Lines {
  const known = new Set<string>([...KEYS, ...NOT_OURS]);
  const unknown = Object.keys(env).filter(
    (key) => /^(?:BRIDGE|CODER|OIDC|SCIM|REQUEST_LOG)_/.test(key) && !known.has(key),
  );
  return unknown.toSorted().map((key) => `${key}: no such setting; it has no effect`);
}

function unusual(config: Config, variables: Variables): Lines {
  const lines: Lines = [];
  if (config.database.engine === 'pglite' && config.roles.size < ROLES.length) {
    lines.push(
      'BRIDGE_ROLES: the embedded database has one owner, so no other process can play the missing roles',
    );
  }
  if (config.coder.url.startsWith('http:') && !isLoopback(new URL(config.coder.url).hostname)) {
    lines.push('CODER_URL: the session token goes over the network unencrypted; expected https://');
  }
  for (const { name, tokens, oauth, jwt, oidc } of variables.BRIDGE_CONFIG === undefined
    ? []
    : config.connections) {
    if (tokens.length + oauth.clients.length + jwt.length === 0 && oidc === undefined)
      lines.push(`BRIDGE_CONFIG: connection ${name} states no token; make one with idp-bridge token create`);
  }
  if (config.requestLog.values) {
    lines.push('REQUEST_LOG_VALUES: names and addresses of people are kept in the request log');
  }
  if (!config.embedded && variables.PUBLIC_URL === undefined) {
    lines.push('PUBLIC_URL: not set; resources will name this machine as their location');
  }
  if (!config.embedded && config.adminToken === undefined) {
    lines.push('ADMIN_TOKEN: not set; there is no admin API');
  }
  return lines;
}

function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function withoutTrailingSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
