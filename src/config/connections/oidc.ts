import { hooksOf } from './hooks.js';
import type { GraphConfig, OidcConfig } from './model.js';
import type { GraphSettings, OidcSettings } from './oidc-settings.js';
import { list, secretOf, type Fault } from './stated.js';

/** Stands in the issuer of Entra ID's applications of many tenants for the id of one. */
const TENANT = '{tenantid}';
const GRAPH = 'https://graph.microsoft.com/v1.0';

/** What holds where nothing else is said; the environment says nothing of these. */
const USUAL = {
  algorithms: ['RS256'],
  clockSkewSeconds: 60,
  keysMaxAgeHours: 24,
  maxAgeMinutes: 60,
  nonce: 'optional',
  scopes: ['openid', 'profile', 'email'],
  externalIdClaims: ['oid', 'sub'],
  mergeUserinfo: true,
} as const;

/** The provider that the environment names. */
export function plainOidc(
  issuer: string,
  { clientId, clientSecret, audiences }: { clientId?: string; clientSecret?: string; audiences?: string[] },
): OidcConfig {
  return {
    ...USUAL,
    ...capOf(issuer, undefined),
    issuer,
    tenants: [],
    audiences: audiences ?? list(clientId),
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  };
}

/** The provider that the file names; faults go to `fault`. */
export function oidcOf(
  settings: OidcSettings,
  path: string,
  env: NodeJS.ProcessEnv,
  fault: Fault,
): OidcConfig {
  const { issuer, clientId, graph, hooks } = settings;
  checkTenants(settings, path, fault);
  if (clientId == null && settings.audience == null)
    fault(`${path}.audience`, 'expected the audience of its tokens, or a clientId');
  if (clientId == null && settings.clientSecret != null)
    fault(`${path}.clientId`, 'expected the client whose secret is stated');
  const stated =
    settings.clientSecret == null
      ? undefined
      : secretOf(settings.clientSecret, `${path}.clientSecret`, env, fault);
  const client = {
    ...(clientId == null ? {} : { clientId }),
    ...(stated === undefined ? {} : { clientSecret: stated }),
  };
  const { clientAuthentication } = settings;
  const tenants = list(settings.tenants).map((tenant) => tenant.toLowerCase());
  return {
    issuer,
    tenants,
    ...client,
    ...(clientAuthentication == null ? {} : { clientAuthentication }),
    audiences: list(settings.audience ?? clientId),
    algorithms: list(settings.algorithms ?? USUAL.algorithms),
    clockSkewSeconds: settings.clockSkewSeconds ?? USUAL.clockSkewSeconds,
    keysMaxAgeHours: settings.keysMaxAgeHours ?? USUAL.keysMaxAgeHours,
    maxAgeMinutes: settings.maxAgeMinutes ?? USUAL.maxAgeMinutes,
    nonce: settings.nonce ?? USUAL.nonce,
    // Without it the answer has no ID token (OpenID Connect Core 1.0 section 3.1.2.1).
    scopes: [...new Set(['openid', ...list(settings.scopes ?? USUAL.scopes)])],
    externalIdClaims: list(settings.externalIdClaims ?? USUAL.externalIdClaims),
    ...capOf(issuer, settings.groupsCap),
    mergeUserinfo: settings.mergeUserinfo ?? USUAL.mergeUserinfo,
    ...(graph == null ? {} : { graph: graphOf(graph, client, `${path}.graph`, env, fault) }),
    ...(hooks == null ? {} : { hooks: hooksOf(hooks, { issuer, tenants }, `${path}.hooks`, env, fault) }),
  };
}

const OKTA = /\.(?:okta|oktapreview|okta-emea|okta-gov)\.com$|\.okta\.mil$/;
/** Groups in a token of Okta: of people who have more, it has the first ones, or none. */
const OKTA_CAP = 100;

/** @param stated 0: there is none */
function capOf(issuer: string, stated: number | null | undefined): Pick<OidcConfig, 'groupsCap'> {
  const isOkta = URL.canParse(issuer) && OKTA.test(new URL(issuer).hostname);
  const cap = stated ?? (isOkta ? OKTA_CAP : 0);
  return cap === 0 ? {} : { groupsCap: cap };
}

function checkTenants({ issuer, tenants }: OidcSettings, path: string, fault: Fault): void {
  if (typeof issuer !== 'string') return;
  if (issuer.includes(TENANT) && tenants == null)
    fault(`${path}.tenants`, `expected the ids of the tenants, as the issuer has ${TENANT}`);
  if (!issuer.includes(TENANT) && tenants != null)
    fault(`${path}.issuer`, `expected ${TENANT} in it, as tenants are listed`);
}

/** The client is that of the login, unless the file names another one. */
function graphOf(
  settings: GraphSettings,
  usual: { readonly clientId?: string; readonly clientSecret?: string },
  path: string,
  env: NodeJS.ProcessEnv,
  fault: Fault,
): GraphConfig {
  const clientId = settings.clientId ?? usual.clientId;
  const clientSecret =
    settings.clientSecret == null
      ? usual.clientSecret
      : secretOf(settings.clientSecret, `${path}.clientSecret`, env, fault);
  if (clientId === undefined) fault(`${path}.clientId`, 'expected a client that may read groups');
  if (clientSecret === undefined) fault(`${path}.clientSecret`, 'expected the secret of the client');
  return {
    url: (settings.url ?? GRAPH).replace(/\/$/, ''),
    tokenEndpoint: settings.tokenEndpoint,
    clientId: clientId ?? '',
    clientSecret: clientSecret ?? '',
    securityEnabledOnly: settings.securityEnabledOnly ?? true,
  };
}
