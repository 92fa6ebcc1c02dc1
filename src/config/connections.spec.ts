import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USUAL_POLICY } from '../../test/support/connection-config.js';
import { ConfigError, loadConfig } from './index.js';

const TENANT = '6c1f5b0e-1f5e-4b8e-9c55-0d2f4a6b7c8d';

const WHOLE = `
connections:
  - name: okta
    formerly: default
    organization: platform
    dialects: { okta-bearer: true, entra-dotted-keys: false }
    policy: { strict: true, siteRoles: auditor, protectedUsers: [Root, "svc-*"] }
    rules: { roles: { Admins: { siteRoles: auditor } } }
    tokens:
      - { label: production, secret: "env:OKTA_TOKEN", expires: 2027-01-31 }
      - { label: next, secret: a-token-in-the-file-itself }
    rateLimit: 50
    rateBurst: 80
  - name: entra
    organization: platform
    tokens:
      - { label: old, secret: "file:SECRET_FILE" }
    oauth:
      tokenMinutes: 90
      clients:
        - { id: gallery, secrets: ["env:ONE", "env:TWO"] }
    jwt:
      - entraTenant: ${TENANT.toUpperCase()}
      - issuer: https://login.example.com/
        audience: [idp-bridge, other]
        jwksUri: https://login.example.com/keys
        algorithms: [ES256, RS256]
        clockSkewSeconds: 10
        keysMaxAgeHours: 2
        claims: { azp: provisioning }
    rateLimit: off
  - { name: plain, organization: platform }
`;
const ENV = {
  OKTA_TOKEN: 'a-token-of-okta-in-the-environment',
  ONE: 'the-first-secret-of-two',
  TWO: 'the-second-secret-of-two',
};

describe('the file of connections', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bridge-config-'));
    await writeFile(join(folder, 'secret'), 'a-token-in-a-mounted-file\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function load(text: string, env: NodeJS.ProcessEnv = ENV, dialects?: readonly string[]) {
    const path = join(folder, 'bridge.yaml');
    await writeFile(path, text.replaceAll('SECRET_FILE', join(folder, 'secret')));
    return loadConfig({ ...env, BRIDGE_CONFIG: path }, dialects && { dialects });
  }
  async function faultsOf(...given: Parameters<typeof load>): Promise<readonly string[]> {
    const error: unknown = await load(...given).catch((reason: unknown) => reason);
    if (!(error instanceof ConfigError)) expect.fail(`no fault: ${String(error)}`);
    return error.faults;
  }

  it('states connections with all that belongs to them', async () => {
    const { connections, warnings } = await load(WHOLE);
    expect(connections).toEqual([
      {
        name: 'okta',
        formerly: 'default',
        organization: 'platform',
        dialects: { 'okta-bearer': true, 'entra-dotted-keys': false },
        policy: {
          ...USUAL_POLICY,
          strict: true,
          siteRoles: ['auditor'],
          protectedUsers: ['root', 'svc-*'],
        },
        rules: {
          groups: new Map(),
          roles: new Map([['admins', { siteRoles: ['auditor'], organizations: [], organizationRoles: [] }]]),
        },
        tokens: [
          { label: 'production', token: ENV.OKTA_TOKEN, expiresAt: new Date('2027-01-31') },
          { label: 'next', token: 'a-token-in-the-file-itself' },
        ],
        oauth: { tokenMinutes: 60, clients: [] },
        jwt: [],
        rateLimit: { perSecond: 50, burst: 80 },
      },
      {
        name: 'entra',
        organization: 'platform',
        dialects: {},
        policy: USUAL_POLICY,
        rules: { groups: new Map(), roles: new Map() },
        tokens: [{ label: 'old', token: 'a-token-in-a-mounted-file' }],
        oauth: { tokenMinutes: 90, clients: [{ id: 'gallery', secrets: [ENV.ONE, ENV.TWO] }] },
        jwt: [
          {
            label: 'sts.windows.net',
            issuer: `https://sts.windows.net/${TENANT}/`,
            audiences: ['8adf8e6e-67b2-4cf2-a259-e3dc5476c621'],
            algorithms: ['RS256'],
            clockSkewSeconds: 60,
            keysMaxAgeHours: 24,
            claims: {},
          },
          {
            label: 'login.example.com',
            issuer: 'https://login.example.com/',
            audiences: ['idp-bridge', 'other'],
            jwksUri: 'https://login.example.com/keys',
            algorithms: ['ES256', 'RS256'],
            clockSkewSeconds: 10,
            keysMaxAgeHours: 2,
            claims: { azp: ['provisioning'] },
          },
        ],
      },
      expect.objectContaining({ name: 'plain', tokens: [], rateLimit: { perSecond: 500, burst: 1000 } }),
    ]);
    expect(warnings).toEqual([
      'BRIDGE_CONFIG: connection plain states no token; make one with idp-bridge token create',
    ]);
  });

  it('adds SCIM_TOKEN to the first connection, and needs none', async () => {
    const env = { ...ENV, SCIM_TOKEN: 'a-token-of-the-environment' };
    const { connections } = await load(WHOLE, env);
    expect(connections[0]?.tokens.map(({ label }) => label)).toEqual(['production', 'next', 'SCIM_TOKEN']);
    expect(connections[1]?.tokens).toHaveLength(1);
    const production = { ...ENV, DATABASE_URL: 'postgres://db/x', CODER_URL: 'simulator' };
    expect((await load(WHOLE, production)).connections).toHaveLength(3);
    expect(await faultsOf(WHOLE, { ...ENV, SCIM_TOKEN: 'a-token-in-a-mounted-file' })).toEqual([
      'SCIM_TOKEN: expected another token than that of a connection of the file but the first',
    ]);
  });

  it('has its faults named all at once, with the place of each, after those of the environment', async () => {
    const text = `
conections: 1
connections:
  - name: Okta
    colour: red
    organization: a/b
    tokens:
      - { label: "", secret: 5, expires: tomorrow, extra: 1 }
      - text
    oauth: { tokenMinutes: 500, clients: [{ id: a b, secrets: [] }] }
    jwt:
      - { issuer: "http://login.example.com", audience: [], algorithms: [HS256], clockSkewSeconds: 1.5 }
    rateLimit: many
  - dialects: [a]
    oauth: none
`;
    expect(await faultsOf(text, { PORT: 'x' })).toEqual([
      'PORT: expected an integer from 0 to 65535',
      ...[
        'conections: no such setting',
        'connections[0].colour: no such setting',
        'connections[0].name: expected lower-case letters, digits and hyphens, 1 to 63 of them, as it stands in the URL',
        'connections[0].organization: expected the name or the id of an organization',
        'connections[0].tokens[0].extra: no such setting',
        'connections[0].tokens[0].label: expected a text of 1 to 100 characters',
        'connections[0].tokens[0].secret: expected a text: the secret itself, env:NAME or file:/path',
        'connections[0].tokens[0].expires: expected a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z',
        'connections[0].tokens[1]: expected settings (a mapping of keys to values)',
        'connections[0].oauth.tokenMinutes: expected an integer from 60 to 360 minutes',
        'connections[0].oauth.clients[0].id: expected a client id: 1 to 100 letters, digits and . _ ~ -',
        'connections[0].oauth.clients[0].secrets: expected a list of 1 to 4 secrets, each a text: the secret itself, env:NAME or file:/path',
        'connections[0].jwt[0].issuer: expected a URL that begins with https://, without user and fragment',
        'connections[0].jwt[0].audience: expected a text or a list of at most 10',
        expect.stringMatching(
          /^connections\[0\]\.jwt\[0\]\.algorithms: expected a list of RS256, /,
        ) as string,
        'connections[0].jwt[0].clockSkewSeconds: expected an integer from 0 to 300 seconds',
        'connections[0].rateLimit: expected requests in a second, an integer from 1 to 100000, or off',
        'connections[1].name: expected lower-case letters, digits and hyphens, 1 to 63 of them, as it stands in the URL',
        'connections[1].dialects: expected a mapping of names of deviations to true or false',
        'connections[1].oauth: expected settings (a mapping of keys to values)',
      ].map((fault) =>
        typeof fault === 'string'
          ? `BRIDGE_CONFIG: ${fault}`
          : (expect.stringContaining('connections[0].jwt[0].algorithms: expected a list of RS256') as string),
      ),
    ]);
  });

  it('says which secret is missing, and never what one is', async () => {
    const text = WHOLE.replace('SECRET_FILE', '/nowhere/at/all').replace(
      'a-token-in-the-file-itself',
      'short',
    );
    const faults = await faultsOf(text, { TWO: 'with a space in the middle' });
    expect(faults).toEqual([
      'BRIDGE_CONFIG: connections[0].tokens[0].secret: expected the environment variable OKTA_TOKEN to be set',
      'BRIDGE_CONFIG: connections[0].tokens[1].secret: expected a secret of at least 16 printable ASCII characters without spaces',
      'BRIDGE_CONFIG: connections[1].tokens[0].secret: expected /nowhere/at/all to be readable (ENOENT)',
      'BRIDGE_CONFIG: connections[1].oauth.clients[0].secrets[0]: expected the environment variable ONE to be set',
      'BRIDGE_CONFIG: connections[1].oauth.clients[0].secrets[1]: expected a secret of at least 16 printable ASCII characters without spaces',
    ]);
    expect(faults.join()).not.toMatch(/short|in the middle/);
  });

  it('has missing secrets named beside faults of its form', async () => {
    const text =
      'connections: [{ name: a, colour: red, tokens: [{ label: x, secret: "env:NONE" }, { label: y, secret: 5 }] }, { name: a }]';
    expect(await faultsOf(text)).toEqual([
      'BRIDGE_CONFIG: connections[0].colour: no such setting',
      'BRIDGE_CONFIG: connections[0].tokens[1].secret: expected a text: the secret itself, env:NAME or file:/path',
      'BRIDGE_CONFIG: connections[0].tokens[0].secret: expected the environment variable NONE to be set',
      'BRIDGE_CONFIG: connections[1].name: expected the name to be another one than that of connections[0].name',
    ]);
  });

  it.each([
    [
      'connections: [{ name: a }, { name: a }, { name: b, formerly: a }]',
      [
        'connections[1].name: expected the name to be another one than that of connections[0].name',
        'connections[2].formerly: expected the name to be another one than that of connections[0].name',
      ],
    ],
    [
      'connections: [{ name: a, tokens: [{ label: x, secret: "env:ONE" }] }, { name: b, tokens: [{ label: x, secret: "env:ONE" }] }]',
      [
        'connections[1].tokens[0].secret: expected the secret to be another one than that of connections[0].tokens[0].secret',
      ],
    ],
    [
      'connections: [{ name: a, jwt: [{ audience: x }] }, { name: b, jwt: [{ issuer: "https://a.example" }] }]',
      [
        'connections[0].jwt[0]: expected either issuer (with audience) or entraTenant',
        'connections[1].jwt[0].audience: expected the audience that tokens for this bridge have',
      ],
    ],
    ['connections: []', ['connections: expected a list of 1 to 100 connections']],
    ['', ['expected a mapping with the key connections']],
    ['- a', ['expected a mapping with the key connections']],
    ['connections: [', [expect.stringMatching(/at line 1, column 15/)]],
    ['a: 1\na: 2', [expect.stringMatching(/unique.*at line 2/)]],
  ])('is refused: %s', async (text, faults) => {
    expect(await faultsOf(text)).toEqual(
      faults.map((fault) =>
        typeof fault === 'string'
          ? `BRIDGE_CONFIG: ${fault}`
          : (expect.stringMatching(/^BRIDGE_CONFIG: /) as string),
      ),
    );
  });

  it('may switch the deviations that there are, and no others', async () => {
    expect(await faultsOf(WHOLE, ENV, ['okta-bearer', 'single-value'])).toEqual([
      'BRIDGE_CONFIG: connections[0].dialects.entra-dotted-keys: expected one of okta-bearer, single-value',
    ]);
  });

  it('puts a connection that names no organization into that of the environment', async () => {
    const text = 'connections: [{ name: a, organization: data }, { name: b }]';
    const { connections, coder } = await load(text, { ...ENV, CODER_ORGANIZATION: 'platform' });
    expect(connections.map(({ organization }) => organization)).toEqual(['data', 'platform']);
    expect(coder.organization).toBe('data');
  });

  it('has to be there', async () => {
    expect(() => loadConfig({ BRIDGE_CONFIG: join(folder, 'none.yaml') })).toThrow(/BRIDGE_CONFIG: .*ENOENT/);
  });

  it('does not grow without end', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [n, letter] of 'bcdefgh'.split('').entries())
      bomb.push(`${letter}: &${letter} [${Array(9).fill(`*${'abcdefgh'[n]}`).join(', ')}]`);
    expect(await faultsOf(bomb.join('\n'))).toHaveLength(1);
  });
});
