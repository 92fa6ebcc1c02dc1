import { NO_RULES } from './connections/access.js';
import { loadConnections } from './connections/load.js';
import type { ConfiguredToken, ConnectionConfig, RateLimit } from './connections/model.js';
import { plainOidc } from './connections/oidc.js';
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
 * first one, and the OIDC_ variables are its OpenID provider.
 */
export function connectionsOf(
  variables: Variables,
  env: NodeJS.ProcessEnv,
  dialects: readonly string[] | undefined,
  policy: PolicyConfig,
): { readonly connections: readonly ConnectionConfig[]; readonly faults: readonly string[] } {
  const { BRIDGE_CONFIG: path, SCIM_TOKEN: token } = variables;
  const oidc = oidcOf(variables);
  const rateLimit = rateLimitOf(variables.SCIM_RATE_LIMIT);
  const limited = rateLimit === undefined ? {} : { rateLimit };
  const { CODER_ORGANIZATION: organization } = variables;
  const usual = { policy, ...(organization === undefined ? {} : { organization }) };
  if (path === undefined) {
    const tokens = token === undefined ? [] : [scimToken(token)];
    return {
      connections: [{ ...NOTHING, ...usual, name: DEFAULT_CONNECTION, tokens, ...oidc, ...limited }],
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
  const [stated, ...others] = connections;
  if (stated === undefined) return { connections, faults: inFile };
  if (oidc.oidc !== undefined && stated.oidc !== undefined)
    inFile.push('OIDC_ISSUER: expected to be unset, as the first connection of the file has oidc');
  const first = { ...stated, ...oidc };
  if (token === undefined) return { connections: [first, ...others], faults: inFile };
  if (others.some(({ tokens }) => tokens.some((one) => one.token === token)))
    inFile.push('SCIM_TOKEN: expected another token than that of a connection of the file but the first');
  if (first.tokens.some((one) => one.token === token))
    return { connections: [first, ...others], faults: inFile };
  return {
    connections: [{ ...first, tokens: [...first.tokens, scimToken(token)] }, ...others],
    faults: inFile,
  };
}

const NOTHING = { dialects: {}, rules: NO_RULES, oauth: { tokenMinutes: 60, clients: [] }, jwt: [] } as const;

function scimToken(token: string): ConfiguredToken {
  return { label: SCIM_TOKEN_LABEL, token };
}

function oidcOf(variables: Variables): Pick<ConnectionConfig, 'oidc'> {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret } = variables;
  if (issuer === undefined) return {};
  const { OIDC_AUDIENCE: audiences } = variables;
  return {
    oidc: plainOidc(issuer, {
      ...(id === undefined ? {} : { clientId: id }),
      ...(secret === undefined ? {} : { clientSecret: secret }),
      ...(audiences === undefined ? {} : { audiences }),
    }),
  };
}

function rateLimitOf(stated = DEFAULT_RATE): RateLimit | undefined {
  return stated === -1 ? undefined : { perSecond: stated, burst: 2 * stated };
}
