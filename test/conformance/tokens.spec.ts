import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, SCIM_TOKEN, startTestBridge, type TestBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';
import { makeKey, TestIssuer } from '../support/jwt-issuer.js';
import { stopClock } from '../support/still-clock.js';

const SCIM_JSON = 'application/scim+json;charset=utf-8';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Asks for users at a base of the bridge with an Authorization header as it stands. */
async function ask(
  bridge: TestBridge,
  authorization: string | undefined,
  connection?: string,
  path = '/Users',
) {
  const origin = bridge.scim.base.replace('/scim/v2', '');
  const base = connection === undefined ? '' : `/connections/${connection}`;
  const response = await fetch(`${origin}${base}/scim/v2${path}`, {
    headers: authorization === undefined ? {} : { authorization },
  });
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, body: JSON.parse(text) as Record<string, unknown> };
}

/** All that a client can see of an answer but what differs each time. */
const shapeOf = ({ status, headers, text }: Awaited<ReturnType<typeof ask>>) => ({
  status,
  text,
  headers: [...headers].filter(([name]) => name !== 'date'),
});

describe('tokens', () => {
  let bridge: TestBridge;
  let file: Awaited<ReturnType<typeof configFile>>;
  let issuer: TestIssuer;
  let other: string;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    file = await configFile(`
connections:
  - name: alpha
    tokens:
      - { label: old, secret: the-old-token-of-alpha, expires: 2020-01-01 }
      - { label: current, secret: the-current-token-of-alpha, expires: 2999-01-01 }
      - { label: next, secret: the-next-token-of-alpha }
    jwt:
      - { issuer: "${issuer.url}", audience: idp-bridge, label: login }
  - name: beta
    tokens: [{ label: b, secret: the-token-of-beta }]
`);
    bridge = await startTestBridge({ env: { BRIDGE_CONFIG: file.path } });
    other = await issuer.sign();
  });
  afterAll(async () => {
    await bridge?.close();
    await issuer?.stop();
    await file?.remove();
  });

  it('overlap, so that one can be changed for another without a pause', async () => {
    expect((await ask(bridge, 'Bearer the-current-token-of-alpha')).status).toBe(200);
    expect((await ask(bridge, 'Bearer the-next-token-of-alpha')).status).toBe(200);
    expect((await ask(bridge, 'Bearer the-old-token-of-alpha')).status).toBe(401);
    expect((await ask(bridge, `Bearer ${SCIM_TOKEN}`)).status).toBe(200);
  });

  it.each([
    ['the header as it should be', (t: string) => `Bearer ${t}`],
    ['the raw value', (t: string) => t],
    ['a doubled scheme', (t: string) => `Bearer Bearer ${t}`],
    ['another case', (t: string) => `bEARER  ${t} `],
    ['HTTP Basic, with any user name', (t: string) => `Basic ${btoa(`okta:${t}`)}`],
    ['HTTP Basic, without a user name', (t: string) => `basic ${btoa(`:${t}`)}`],
    ['HTTP Basic, with the label for a user name', (t: string) => `Basic ${btoa(`current:${t}`)}`],
  ])('are found in %s', async (_mode, header) => {
    expect((await ask(bridge, header('the-current-token-of-alpha'))).status).toBe(200);
    expect((await ask(bridge, header('the-wrong-token-of-alpha'))).status).toBe(401);
  });

  it('of JWTs are good at the connection whose issuer signed them', async () => {
    expect((await ask(bridge, `Bearer ${other}`)).status).toBe(200);
    expect((await ask(bridge, `Bearer ${other}`, 'alpha')).status).toBe(200);
    expect((await ask(bridge, `Bearer ${other}`, 'beta')).status).toBe(401);
  });
});

describe('a refused token', () => {
  let bridge: TestBridge;
  let file: Awaited<ReturnType<typeof configFile>>;
  let issuer: TestIssuer;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    file = await configFile(`
connections:
  - name: alpha
    tokens: [{ label: old, secret: the-old-token-of-alpha, expires: 2020-01-01 }]
    jwt:
      - { issuer: "${issuer.url}", audience: idp-bridge }
      - { issuer: "http://127.0.0.1:9/", audience: idp-bridge }
  - name: beta
    tokens: [{ label: b, secret: the-token-of-beta }]
`);
    bridge = await startTestBridge({ env: { BRIDGE_CONFIG: file.path } });
  });
  afterAll(async () => {
    await bridge?.close();
    await issuer?.stop();
    await file?.remove();
  });

  it('learns nothing, whatever is wrong with it [C4] [C5]', async () => {
    const { admin } = bridge;
    const made = await admin.request('POST', '/api/v1/tokens', { connection: 'alpha', label: 'lost' });
    const { id, token } = made.body;
    expect((await ask(bridge, `Bearer ${token}`)).status).toBe(200);
    expect((await admin.request('DELETE', `/api/v1/tokens/${id}`)).status).toBe(204);

    const wrong = {
      unknown: 'Bearer a-token-that-nobody-has',
      expired: 'Bearer the-old-token-of-alpha',
      revoked: `Bearer ${token}`,
      foreign: 'Bearer the-token-of-beta',
      admin: `Bearer ${ADMIN_TOKEN}`,
      empty: 'Bearer ',
      basic: `Basic ${btoa('okta:wrong')}`,
      rubbish: 'Basic %%%',
      jwt: `Bearer ${await issuer.sign({ aud: 'other' })}`,
      forged: `Bearer ${await issuer.sign({}, await makeKey('first'))}`,
    };
    const nothing = shapeOf(await ask(bridge, undefined));
    expect(nothing.status).toBe(401);
    expect(JSON.parse(nothing.text)).toEqual({
      schemas: [ERROR],
      status: '401',
      detail: expect.stringMatching(/./) as string,
    });
    expect(nothing.headers).toEqual(expect.arrayContaining([['content-type', SCIM_JSON]]));
    expect(nothing.headers).toEqual(
      expect.arrayContaining([['www-authenticate', expect.stringMatching(/^Bearer/)]]),
    );
    for (const [what, header] of Object.entries(wrong))
      expect([what, shapeOf(await ask(bridge, header))]).toEqual([what, nothing]);
    expect(shapeOf(await ask(bridge, wrong.unknown, 'no-such-connection'))).toEqual(nothing);
    expect(shapeOf(await ask(bridge, wrong.unknown, 'beta', '/no/such/path'))).toEqual(nothing);
  });

  it('is told to come again when its issuer cannot be asked', async () => {
    const answer = await ask(bridge, `Bearer ${await issuer.sign({ iss: 'http://127.0.0.1:9/' })}`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.body).toMatchObject({ schemas: [ERROR], status: '503' });
  });
});

describe('guessing', () => {
  let bridge: TestBridge;
  beforeAll(async () => {
    bridge = await startTestBridge();
  });
  afterAll(() => bridge?.close());

  it('is slowed down by address, and hurts nobody who has a good token', async () => {
    stopClock();
    const guesses = await Promise.all(
      Array.from({ length: 100 }, (_, n) => ask(bridge, `Bearer a-guess-of-a-token-${n}`)),
    );
    const count = (status: number) => guesses.filter((answer) => answer.status === status).length;
    expect(count(401)).toBeGreaterThanOrEqual(20);
    expect(count(401)).toBeLessThan(30);
    expect(count(401) + count(429)).toBe(100);
    const slowed = guesses.find(({ status }) => status === 429);
    expect(slowed?.headers.get('content-type')).toBe(SCIM_JSON);
    expect(slowed?.body).toMatchObject({ schemas: [ERROR], status: '429' });
    expect(Number(slowed?.headers.get('retry-after'))).toBeGreaterThan(0);

    // From the same address: one that is known, and one that was made only now.
    expect((await ask(bridge, `Bearer ${SCIM_TOKEN}`)).status).toBe(200);
    const { body } = await bridge.admin.request('POST', '/api/v1/tokens', {
      connection: 'default',
      label: 'new',
    });
    expect((await ask(bridge, `Bearer ${body.token}`)).status).toBe(200);
    expect((await ask(bridge, 'Bearer another-guess-of-a-token')).status).toBe(429);
    expect((await ask(bridge, undefined)).status).toBe(401);
  });
});

describe('the limit of a connection', () => {
  let bridge: TestBridge;
  let file: Awaited<ReturnType<typeof configFile>>;
  beforeAll(async () => {
    file = await configFile(`
connections:
  - { name: alpha, tokens: [{ label: a, secret: the-token-of-alpha }], rateLimit: 1, rateBurst: 5 }
  - { name: beta, tokens: [{ label: b, secret: the-token-of-beta }] }
`);
    bridge = await startTestBridge({ env: { BRIDGE_CONFIG: file.path, SCIM_RATE_LIMIT: '500' } });
  });
  afterAll(async () => {
    await bridge?.close();
    await file?.remove();
  });

  it('answers 429 with Retry-After in SCIM form, to this connection alone', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => ask(bridge, 'Bearer the-token-of-alpha', 'alpha')),
    );
    const limited = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
    expect(limited.length).toBeGreaterThan(20);
    for (const { headers, body } of limited) {
      expect(headers.get('retry-after')).toBe('1');
      expect(headers.get('content-type')).toBe(SCIM_JSON);
      expect(body).toMatchObject({ schemas: [ERROR], status: '429' });
    }
    expect((await ask(bridge, 'Bearer the-token-of-beta', 'beta')).status).toBe(200);
  });

  it('is far above what any provider sends [C11]', async () => {
    // What Entra ID sends in four seconds at its 25 requests a second, all at once.
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => ask(bridge, 'Bearer the-token-of-beta', 'beta')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('the tokens of the admin API', () => {
  let bridge: TestBridge;
  beforeAll(async () => {
    bridge = await startTestBridge();
  });
  afterAll(() => bridge?.close());

  it('are made, shown once, listed, and ended', async () => {
    const { admin } = bridge;
    const made = await admin.request('POST', '/api/v1/tokens', {
      connection: 'default',
      label: ' Okta ',
      expires: '90d',
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ connection: 'default', label: 'Okta' });
    const { id, token, expiresAt } = made.body;
    expect((Date.parse(expiresAt) - Date.now()) / 86_400_000).toBeCloseTo(90, 1);
    expect((await ask(bridge, `Bearer ${token}`)).status).toBe(200);

    const list = await admin.get('/api/v1/tokens?connection=default');
    expect(list.text).not.toContain(token);
    expect(list.body.tokens).toContainEqual(
      expect.objectContaining({ id, label: 'Okta', kind: 'issued', state: 'active', connection: 'default' }),
    );
    expect((await admin.request('DELETE', `/api/v1/tokens/${id}`)).status).toBe(204);
    expect((await ask(bridge, `Bearer ${token}`)).status).toBe(401);
    expect((await admin.request('DELETE', `/api/v1/tokens/${id}`)).status).toBe(404);
    const after = await admin.get('/api/v1/tokens');
    expect(after.body.tokens).toContainEqual(expect.objectContaining({ id, state: 'revoked' }));
  });

  it.each([
    [400, 'badRequest', {}],
    [400, 'badRequest', { connection: 'default', label: 'x', expires: 5 }],
    [400, 'badLabel', { connection: 'default', label: ' ' }],
    [400, 'badExpiry', { connection: 'default', label: 'x', expires: '2020-01-01' }],
    [400, 'badExpiry', { connection: 'default', label: 'x', expires: 'soon' }],
    [404, 'unknownConnection', { connection: 'nobody', label: 'x' }],
  ])('are refused with %i %s for %j', async (status, error, body) => {
    const answer = await bridge.admin.request('POST', '/api/v1/tokens', body);
    expect(answer).toMatchObject({ status, body: { error } });
  });

  it('are nobody else’s business', async () => {
    const origin = bridge.scim.base.replace('/scim/v2', '');
    for (const path of ['/api/v1/tokens', '/api/v1/requests'])
      for (const headers of [new Headers(), new Headers({ authorization: `Bearer ${SCIM_TOKEN}` })])
        expect((await fetch(`${origin}${path}`, { headers })).status).toBe(401);
  });
});
