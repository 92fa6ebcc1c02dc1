import { afterEach, describe, expect, it } from 'vitest';
import { configFile } from '../../test/support/config-file.js';
import { ConfigError, loadConfig, type OidcConfig } from './index.js';

const files: Awaited<ReturnType<typeof configFile>>[] = [];
afterEach(async () => {
  for (const file of files.splice(0)) await file.remove();
});

async function load(oidc: string, env: NodeJS.ProcessEnv = {}) {
  const file = await configFile(`connections:\n  - name: one\n    oidc: ${oidc}\n`);
  files.push(file);
  return loadConfig({ BRIDGE_CONFIG: file.path, ...env });
}

const faults = (load: () => unknown): readonly string[] => {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

async function faultsIn(oidc: string, env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  const found = await load(oidc, env).then(
    () => [],
    (error: unknown) => (error instanceof ConfigError ? error.faults : Promise.reject(error as Error)),
  );
  return found.map((line) => line.replace('BRIDGE_CONFIG: connections[0].oidc', ''));
}

const USUAL: OidcConfig = {
  issuer: 'https://idp.example.com/',
  tenants: [],
  clientId: 'bridge',
  audiences: ['bridge'],
  algorithms: ['RS256'],
  clockSkewSeconds: 60,
  keysMaxAgeHours: 24,
  maxAgeMinutes: 60,
  nonce: 'optional',
  scopes: ['openid', 'profile', 'email'],
  externalIdClaims: ['oid', 'sub'],
  mergeUserinfo: true,
};

describe('the OpenID provider of the environment', () => {
  const ENV = { OIDC_ISSUER: 'https://idp.example.com/', OIDC_CLIENT_ID: 'bridge' };

  it('is the first connection’s, its issuer kept to the letter', () => {
    expect(loadConfig(ENV).connections[0]?.oidc).toEqual(USUAL);
    const { connections } = loadConfig({
      ...ENV,
      OIDC_CLIENT_SECRET: 'the-secret-of-the-client',
      OIDC_AUDIENCE: 'coder, bridge',
    });
    expect(connections[0]?.oidc).toEqual({
      ...USUAL,
      clientSecret: 'the-secret-of-the-client',
      audiences: ['coder', 'bridge'],
    });
  });

  it('is the first one’s of a file too, where that names none', async () => {
    const file = await configFile('connections: [{ name: one }, { name: two }]');
    files.push(file);
    const { connections } = loadConfig({ ...ENV, BRIDGE_CONFIG: file.path });
    expect(connections.map(({ oidc }) => oidc?.issuer)).toEqual([ENV.OIDC_ISSUER, undefined]);
    expect(await faultsIn('{ issuer: "https://x.example", audience: a }', ENV)).toEqual([
      'OIDC_ISSUER: expected to be unset, as the first connection of the file has oidc',
    ]);
  });

  it.each([
    [{ OIDC_CLIENT_ID: 'x' }, 'OIDC_ISSUER: is required when OIDC_CLIENT_ID is set'],
    [{ OIDC_AUDIENCE: 'x' }, 'OIDC_ISSUER: is required when OIDC_AUDIENCE is set'],
    [{ OIDC_ISSUER: 'https://x.example' }, "OIDC_CLIENT_ID: expected the bridge's client id"],
    [
      {
        OIDC_ISSUER: 'https://x.example',
        OIDC_AUDIENCE: 'x',
        OIDC_CLIENT_SECRET: 'the-secret-of-the-client',
      },
      'OIDC_CLIENT_ID: is required when OIDC_CLIENT_SECRET is set',
    ],
    [
      { ...ENV, OIDC_ISSUER: 'http://idp.example.com' },
      'OIDC_ISSUER: expected a URL that begins with https://',
    ],
    [{ ...ENV, OIDC_CLIENT_SECRET: 'short' }, 'OIDC_CLIENT_SECRET: expected at least 16 printable'],
    [{ ...ENV, OIDC_CLIENT_ID: 'a b' }, 'OIDC_CLIENT_ID: expected a client id of printable'],
  ])('is refused as %o', (env, fault) => {
    const found = faults(() => loadConfig(env));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(fault);
  });
});

describe('the OpenID provider of a connection in the file', () => {
  it('has the same defaults, and any secret from elsewhere', async () => {
    const { connections, warnings } = await load(
      '{ issuer: "https://idp.example.com/", clientId: bridge, clientSecret: "env:CLIENT_SECRET" }',
      { CLIENT_SECRET: 'the-secret-of-the-client' },
    );
    expect(connections[0]?.oidc).toEqual({ ...USUAL, clientSecret: 'the-secret-of-the-client' });
    // It needs no SCIM token.
    expect(warnings).toBeUndefined();
  });

  it('is taken to cut off lists at 100 values where it is Okta, or at what is said', async () => {
    const capOf = async (issuer: string, more = ''): Promise<number | undefined> => {
      const { connections } = await load(`{ issuer: "${issuer}", clientId: bridge${more} }`);
      return connections[0]?.oidc?.groupsCap;
    };
    expect(await capOf('https://acme.okta.com/oauth2/default')).toBe(100);
    expect(await capOf('https://acme.oktapreview.com')).toBe(100);
    expect(await capOf('https://acme.okta.com', ', groupsCap: 0')).toBeUndefined();
    expect(await capOf('https://login.acme.example', ', groupsCap: 100')).toBe(100);
    for (const issuer of ['https://notokta.com', 'https://acme.okta.com.evil.example'])
      expect(await capOf(issuer)).toBeUndefined();
    const { connections } = loadConfig({ OIDC_ISSUER: 'https://acme.okta.com', OIDC_CLIENT_ID: 'bridge' });
    expect(connections[0]?.oidc?.groupsCap).toBe(100);
  });

  it('may say all of it', async () => {
    const { connections } = await load(`
      issuer: https://login.microsoftonline.com/{tenantid}/v2.0
      tenants: 6C1F5B0E-1f5e-4b8e-9c55-0d2f4a6b7c8d
      clientId: bridge
      clientSecret: the-secret-of-the-client
      clientAuthentication: client_secret_post
      audience: [bridge, other]
      algorithms: ES256
      clockSkewSeconds: 5
      keysMaxAgeHours: 1
      maxAgeMinutes: 5
      nonce: required
      scopes: [profile, groups]
      externalIdClaims: employee
      mergeUserinfo: false
      graph: { tokenEndpoint: "https://login.example/token", securityEnabledOnly: false }`);
    expect(connections[0]?.oidc).toEqual({
      issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      tenants: ['6c1f5b0e-1f5e-4b8e-9c55-0d2f4a6b7c8d'],
      clientId: 'bridge',
      clientSecret: 'the-secret-of-the-client',
      clientAuthentication: 'client_secret_post',
      audiences: ['bridge', 'other'],
      algorithms: ['ES256'],
      clockSkewSeconds: 5,
      keysMaxAgeHours: 1,
      maxAgeMinutes: 5,
      nonce: 'required',
      scopes: ['openid', 'profile', 'groups'],
      externalIdClaims: ['employee'],
      mergeUserinfo: false,
      graph: {
        url: 'https://graph.microsoft.com/v1.0',
        tokenEndpoint: 'https://login.example/token',
        clientId: 'bridge',
        clientSecret: 'the-secret-of-the-client',
        securityEnabledOnly: false,
      },
    });
  });

  it.each([
    ['{ audience: x }', ['.issuer: expected a URL that begins with https://, without user and fragment']],
    [
      '{ issuer: "http://idp.example.com", audience: x }',
      ['.issuer: expected a URL that begins with https://, without user and fragment'],
    ],
    ['{ issuer: "https://x.example" }', ['.audience: expected the audience of its tokens, or a clientId']],
    [
      '{ issuer: "https://x.example", audience: x, clientSecret: the-secret-of-the-client }',
      ['.clientId: expected the client whose secret is stated'],
    ],
    [
      '{ issuer: "https://x.example", clientId: x, clientSecret: "env:NOT_SET" }',
      ['.clientSecret: expected the environment variable NOT_SET to be set'],
    ],
    [
      '{ issuer: "https://x.example/{tenantid}", audience: x }',
      ['.tenants: expected the ids of the tenants, as the issuer has {tenantid}'],
    ],
    [
      '{ issuer: "https://x.example", audience: x, tenants: 6c1f5b0e-1f5e-4b8e-9c55-0d2f4a6b7c8d }',
      ['.issuer: expected {tenantid} in it, as tenants are listed'],
    ],
    [
      '{ issuer: "https://x.example", audience: x, algorithms: HS256 }',
      [expect.stringMatching(/^\.algorithms: /)],
    ],
    [
      '{ issuer: "https://x.example", audience: x, algorithms: none }',
      [expect.stringMatching(/^\.algorithms: /)],
    ],
    ['{ issuer: "https://x.example", audience: x, jwks: y }', ['.jwks: no such setting']],
    [
      '{ issuer: "https://x.example", audience: x, graph: { tokenEndpoint: "https://x.example" } }',
      [
        '.graph.clientId: expected a client that may read groups',
        '.graph.clientSecret: expected the secret of the client',
      ],
    ],
  ])('is refused as %s', async (oidc, expected) => {
    expect(await faultsIn(oidc)).toEqual(expected);
  });
});
