import { NO_RULES } from './connections/access.js';
import { loadConnections } from './connections/load.js';
import type { ConfiguredToken, ConnectionConfig, RateLimit } from './connections/model.js';
import type { PolicyConfig } from './policy.js';
import type { Variables } from './variables.js';

/** Name of the connection where no file names any. */
const DEFAULT_CONNECTION = 'default';
/** Label of the token that SCIM_TOKEN states. */
const SCIM_TOKEN_LABEL = 'SCIM_TOKEN';
/** Requests in a second: far above what any provider is known to send (25 for each tenant of Entra ID). */
const DEFAULT_RATE = 500;

/**
 * The connections of the file that BRIDGE_CONFIG names, or the one that there is without. SCIM_TOKEN is a token of the
 * first one.
 */
export function connectionsOf(
  variables: Variables,
  env: NodeJS.ProcessEnv,
  dialects: readonly string[] | undefined,
  policy: PolicyConfig,
): { readonly connections: readonly ConnectionConfig[]; readonly faults: readonly string[] } {
  const { BRIDGE_CONFIG: path, SCIM_TOKEN: token } = variables;
  const rateLimit = rateLimitOf(variables.SCIM_RATE_LIMIT);
  const limited = rateLimit === undefined ? {} : { rateLimit };
  const { CODER_ORGANIZATION: organization } = variables;
  const usual = { policy, ...(organization === undefined ? {} : { organization }) };
  if (path === undefined) {
    const tokens = token === undefined ? [] : [scimToken(token)];
    return {
      connections: [{ ...NOTHING, ...usual, name: DEFAULT_CONNECTION, tokens, ...limited }],
      faults: [],
    };
  }
  const { connections, faults } = loadConnections(path, {
    env,
    ...usual,
    ...limited,
    ...(dialects === undefined ? {} : { dialects }),
  });
  const inFile = faults.map((fault) => `BRIDGE_CONFIG: ${fault}`);
  const [first, ...others] = connections;
  if (token === undefined || first === undefined) return { connections, faults: inFile };
  if (others.some(({ tokens }) => tokens.some((one) => one.token === token)))
    inFile.push('SCIM_TOKEN: expected another token than that of a connection of the file but the first');
  if (first.tokens.some((one) => one.token === token)) return { connections, faults: inFile };
  return {
    connections: [{ ...first, tokens: [...first.tokens, scimToken(token)] }, ...others],
    faults: inFile,
  };
}

const NOTHING = { dialects: {}, rules: NO_RULES, oauth: { tokenMinutes: 60, clients: [] }, jwt: [] } as const;

function scimToken(token: string): ConfiguredToken {
  return { label: SCIM_TOKEN_LABEL, token };
}

function rateLimitOf(stated = DEFAULT_RATE): RateLimit | undefined {
  return stated === -1 ? undefined : { perSecond: stated, burst: 2 * stated };
}
