import { createHmac } from 'node:crypto';
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { Agent, fetch as fetchFrom } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/telemetry/index.js';
import { startTestBridge, type TestBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';
import { CLIENT, makeKey, OpenIdProvider } from '../support/openid-provider.js';
import { stopClock } from '../support/still-clock.js';

const ACCEPTED = { tied: false, tiedBy: null, version: null };

describe('claims that are handed over', () => {
  let provider: OpenIdProvider;
  let bridge: TestBridge;
  let file: Awaited<ReturnType<typeof configFile>>;
  /** What the bridge logs. */
  const lines: string[] = [];
  beforeAll(async () => {
    provider = await OpenIdProvider.start(['http://127.0.0.1:1/unused']);
    file = await configFile(`
connections:
  - name: one
    tokens: [{ label: scim, secret: env:ONE }]
  - name: other
    oidc: { issuer: '${provider.issuer}', audience: other, nonce: required }
  - name: slow
    oidc: { issuer: '${provider.issuer}', clientId: ${CLIENT.id} }
    rateLimit: 1
    rateBurst: 2
  - name: plain
`);
    bridge = await startTestBridge({
      log: createLog({ level: 'trace', destination: { write: (line) => void lines.push(line) } }),
      env: {
        BRIDGE_CONFIG: file.path,
        ONE: 'the-scim-token-of-the-first-connection',
        OIDC_ISSUER: provider.issuer,
        OIDC_CLIENT_ID: CLIENT.id,
        OIDC_CLIENT_SECRET: CLIENT.secret,
      },
    });
  });
  afterAll(async () => {
    await bridge?.close();
    await provider?.stop();
    await file?.remove();
  });
  let subject = '';
  let n = 0;
  /** Each test has an address of its own, as bad tokens are counted by address. */
  let from: Agent;
  beforeEach(() => {
    subject = `person-${++n}`;
    from = new Agent({ localAddress: `127.0.1.${n}` });
  });
  afterEach(() => from.close());

  const now = () => Math.floor(Date.now() / 1_000);
  const origin = () => bridge.scim.base.replace('/scim/v2', '');
  async function post(body: unknown, path = '/oidc/claims', headers: Record<string, string> = {}) {
    const response = await fetchFrom(`${origin()}${path}`, {
      dispatcher: from,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  }
  const sign = (claims: JWTPayload = {}, options: Parameters<OpenIdProvider['sign']>[1] = {}) =>
    provider.sign({ sub: subject, ...claims }, options);
  const state = async (claims: JWTPayload = {}) => post({ id_token: await sign(claims) });
  async function expectRefused(token: string, description: RegExp | string) {
    const answer = await post({ id_token: token });
    expect(answer.body).toEqual({
      error: 'invalid_token',
      error_description: expect.stringMatching(description) as string,
    });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([401, 'no-store']);
    expect(await kept()).toEqual([]);
  }
  /** What is recorded of the test's subject. */
  const kept = () =>
    bridge.database.query<{ claims: Record<string, unknown> }>(
      'SELECT claims FROM bridge.subjects WHERE subject = $1',
      [subject],
    );

  it('are recorded by an ID token of a real login, and kept until the person appears', async () => {
    provider.people.set(subject, { email: `${subject}@corp.example`, groups: ['eng', 'ops'] });
    const { id_token: token } = await provider.tokensOf(subject);
    const answer = await post({ id_token: token });
    expect([answer.status, answer.body]).toEqual([202, { outcome: 'recorded', ...ACCEPTED }]);
    expect(await kept()).toEqual([
      {
        claims: { sub: subject, email: `${subject}@corp.example`, groups: ['eng', 'ops'] },
      },
    ]);
    const again = await post({ id_token: token });
    expect([again.status, again.body.outcome]).toEqual([200, 'unchanged']);
  });

  it('are tied to the user of the same externalId, and answer with the version to wait for', async () => {
    await bridge.scim.postUser(`${subject}@corp.example`, { externalId: subject });
    const answer = await state({ groups: ['eng'] });
    expect([answer.status, answer.body]).toEqual([
      202,
      { outcome: 'recorded', tied: true, tiedBy: 'externalId', version: expect.any(Number) as number },
    ]);
    expect(answer.text).not.toContain(subject);
  });

  it('are merged with userinfo, which wins', async () => {
    provider.people.set(subject, { name: 'Ada', groups: ['at login'] });
    const tokens = await provider.tokensOf(subject);
    provider.people.set(subject, { name: 'Ada Lovelace', groups: ['since'] });
    const answer = await post({ id_token: tokens['id_token'], access_token: tokens['access_token'] });
    expect(answer.status).toBe(202);
    expect(await kept()).toEqual([{ claims: { sub: subject, name: 'Ada Lovelace', groups: ['since'] } }]);
  });

  it('are read of an access token alone, whose client the provider confirms', async () => {
    provider.people.set(subject, { groups: ['eng'] });
    const { access_token: token } = await provider.tokensOf(subject);
    expect((await post({ access_token: token })).body).toEqual({ outcome: 'recorded', ...ACCEPTED });
    expect(await kept()).toEqual([{ claims: { sub: subject, groups: ['eng'] } }]);
    expect((await post({ access_token: 'invented' })).body).toMatchObject({ error: 'invalid_token' });
  });

  it('are refused with the access token of another person', async () => {
    const [mine, theirs] = [await provider.tokensOf(subject), await provider.tokensOf('somebody-else')];
    const { at_hash: _left, ...claims } = payloadOf(mine['id_token']);
    const unbound = await provider.sign(claims);
    const answer = await post({ id_token: unbound, access_token: theirs['access_token'] });
    expect(answer.body).toMatchObject({
      error: 'invalid_token',
      error_description: "the access token is another person's than the ID token",
    });
    const bound = await sign({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' });
    expect((await post({ id_token: bound, access_token: theirs['access_token'] })).body).toMatchObject({
      error_description: expect.stringContaining('at_hash') as string,
    });
    expect(await kept()).toEqual([]);
  });

  it('that are older than the last of that subject change nothing, however good the token', async () => {
    const old = await sign({ iat: now() - 60, groups: ['admins'] });
    expect((await state({ iat: now() - 30, groups: [] })).body.outcome).toBe('recorded');
    const answer = await post({ id_token: old });
    expect([answer.status, answer.body.outcome]).toEqual([200, 'older']);
    expect(await kept()).toMatchObject([{ claims: { groups: [] } }]);
  });

  it('of a connection are for its audience, with the nonce where it asks for one', async () => {
    const token = await sign({ aud: 'other', nonce: 'n-1' });
    const path = '/connections/other/oidc/claims';
    expect((await post({ id_token: token }, path)).body).toEqual({
      error: 'invalid_request',
      error_description: 'expected nonce: the one that the token was asked for with',
    });
    expect((await post({ id_token: token, nonce: 'n-2' }, path)).status).toBe(401);
    expect((await post({ id_token: await sign({ aud: 'other' }), nonce: 'n-1' }, path)).status).toBe(401);
    expect((await post({ id_token: token, nonce: 'n-1' })).status).toBe(401);
    expect(await kept()).toEqual([]);
    expect((await post({ id_token: token, nonce: 'n-1' }, path)).status).toBe(202);
  });

  it.each([
    '/connections/plain/oidc/claims',
    '/connections/none/oidc/claims',
    '/connections/__proto__/oidc/claims',
  ])('are not taken at %s', async (path) => {
    const answer = await post({ id_token: await sign() }, path);
    expect([answer.status, answer.body.error]).toEqual([404, 'not_found']);
    expect((await fetch(`${origin()}${path.replace('claims', 'login')}`)).status).toBe(404);
  });

  it.each([
    ['no JSON', 'id_token=x', 'application/json'],
    ['a form', 'id_token=x', 'application/x-www-form-urlencoded'],
    ['a list', '[]', 'application/json'],
    ['nothing', '', 'application/json'],
    ['no token', '{}', 'application/json'],
    ['a number', '{"id_token": 1}', 'application/json'],
    ['an empty token', '{"id_token": ""}', 'application/json'],
    ['a huge body', JSON.stringify({ id_token: 'x'.repeat(100_000) }), 'application/json'],
  ])('are refused as %s', async (_what, body, type) => {
    const answer = await post(body, '/oidc/claims', { 'content-type': type });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  it('are taken as often as the connection may make requests', async () => {
    stopClock();
    const take = async () => post({ id_token: await sign() }, '/connections/slow/oidc/claims');
    const answers = [await take(), await take(), await take()];
    expect(answers.map(({ status }) => status)).toEqual([202, 200, 429]);
    expect(answers[2]?.body).toEqual({
      error: 'slow_down',
      error_description: 'too many requests of the connection',
    });
    expect(answers[2]?.headers.get('retry-after')).toBe('1');
  });

  it('wait for a provider that is away with a clear 503, and leave nothing of them in the log', async () => {
    provider.people.set(subject, { email: `${subject}@corp.example`, employee: 'E-4711' });
    const tokens = await provider.tokensOf(subject);
    provider.down = true;
    const answer = await post({ id_token: tokens['id_token'], access_token: tokens['access_token'] });
    provider.down = false;
    expect([answer.status, answer.body]).toEqual([
      503,
      {
        error: 'temporarily_unavailable',
        error_description: "the provider's userinfo cannot be had now; try again",
      },
    ]);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(lines.join('\n')).toContain('userinfo cannot be had now');
    const secrets = [CLIENT.secret, subject, 'corp.example', 'E-4711', ...Object.values(tokens)];
    for (const secret of secrets.filter((text) => text.length > 6))
      expect(lines.join('\n')).not.toContain(secret);
  });

  it('may be taken where nobody can log in, as there is no secret', async () => {
    const page = await fetch(`${origin()}/connections/other/oidc/login`);
    expect([page.status, await page.text()]).toEqual([
      404,
      expect.stringContaining(
        'Nobody can log in here: the provider is configured without a client secret',
      ) as string,
    ]);
  });

  it('are taken by POST only', async () => {
    const answer = await fetch(`${origin()}/oidc/claims`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  describe('are refused', () => {
    it('without a signature (alg none), in any spelling', async () => {
      const claims = { iss: provider.issuer, aud: CLIENT.id, sub: subject, iat: now(), exp: now() + 300 };
      await expectRefused(new UnsecuredJWT(claims).encode(), 'algorithm|no signed JWT');
      const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
      for (const alg of ['none', 'None', 'nOnE', '', null]) {
        const header = Buffer.from(JSON.stringify({ alg, kid: 'first' })).toString('base64url');
        for (const signature of ['', 'AAAA'])
          await expectRefused(`${header}.${body}.${signature}`, 'algorithm|no signed JWT|cannot be read');
      }
    });

    it('signed by HS256 with the public key as the secret', async () => {
      const pem = await provider.publicKeyPem();
      const claims = { iss: provider.issuer, aud: CLIENT.id, sub: subject, iat: now(), exp: now() + 300 };
      const secret = new TextEncoder().encode(pem);
      const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret);
      await expectRefused(token, 'by an algorithm that is not accepted; accepted: RS256');
      const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'first' })).toString('base64url');
      const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
      const mac = createHmac('sha256', pem).update(`${head}.${body}`).digest('base64url');
      await expectRefused(`${head}.${body}.${mac}`, "signature is not the provider's");
    });

    it.each<readonly [string, () => JWTPayload, string]>([
      ['for another audience', () => ({ aud: 'another-client' }), 'for another audience'],
      ['for nobody', () => ({ aud: undefined }), 'no aud'],
      [
        'for several, without who it was given to',
        () => ({ aud: [CLIENT.id, 'another-client'] }),
        'several audiences, and has no azp',
      ],
      ['given to another client', () => ({ azp: 'another-client' }), 'given to another client'],
      ['of another issuer', () => ({ iss: 'https://accounts.example.com' }), 'of another issuer'],
      ['of an issuer that is nearly the same', () => ({ iss: `${provider.issuer}/` }), 'of another issuer'],
      ['of no issuer', () => ({ iss: undefined }), 'of another issuer'],
      ['that expired', () => ({ exp: now() - 61 }), 'has expired'],
      ['without an end', () => ({ exp: undefined }), 'no exp'],
      ['of the future', () => ({ iat: now() + 120 }), 'issued in the future'],
      ['not valid yet', () => ({ nbf: now() + 120 }), 'not valid yet'],
      ['older than an hour, though it lives longer', () => ({ iat: now() - 3_700 }), 'too old'],
      ['without its time', () => ({ iat: undefined }), 'no iat'],
      ['about nobody', () => ({ sub: undefined }), 'no sub'],
      ['about a subject that is none', () => ({ sub: '' }), 'sub is no text'],
      ['about a subject beyond all measure', () => ({ sub: 'x'.repeat(256) }), 'sub is no text'],
      [
        'about a subject that is no text',
        () => ({ sub: { $gt: '' } as never }),
        'sub is no text|unusable sub',
      ],
      [
        'that is a logout token',
        () => ({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
        'logout token',
      ],
      [
        'with a claim __proto__',
        () => JSON.parse('{"__proto__": {"groups": ["x"]}}') as JWTPayload,
        '__proto__',
      ],
      [
        'with __proto__ inside a claim',
        () => JSON.parse('{"realm": {"__proto__": {"groups": ["x"]}}}') as JWTPayload,
        '__proto__',
      ],
      ['nested seventeen deep', () => ({ deep: nested(17) }), 'deeper than 16'],
      ['with a NUL character', () => ({ groups: ['a\0b'] }), 'NUL'],
      ['with half a character', () => ({ groups: ['\uD800'] }), 'surrogate'],
    ])('%s', async (_what, claims, description) => {
      const stated = claims();
      // A library that signs may leave it out.
      const token = JSON.stringify(stated).includes('__proto__')
        ? await signText(JSON.stringify(stated))
        : await sign(stated);
      await expectRefused(token, description);
    });

    it('nested thousands deep', async () => {
      const deep = '['.repeat(5_000) + ']'.repeat(5_000);
      await expectRefused(await signText(`{"deep":${deep}}`), 'deeper than 16');
    });

    it('as a huge token, before it is looked at', async () => {
      const before = provider.asked.length;
      await expectRefused(await sign({ padding: 'x'.repeat(20_000) }), 'larger than 16384 characters');
      expect(provider.asked.length).toBe(before);
    });

    it('as a token of another kind', async () => {
      await expectRefused(await sign({}, { header: { typ: 'logout+jwt' } }), 'another kind');
      await expectRefused(await sign({}, { header: { typ: 'at+jwt' } }), 'another kind');
    });

    it.each([
      ['a path', '../../../../etc/passwd'],
      ['SQL', "first' OR '1'='1"],
      ['a URL', 'http://169.254.169.254/latest/meta-data/'],
      ['the prototype', '__proto__'],
      ['a long text', 'x'.repeat(8_000)],
    ])('with a key id that is %s', async (_what, kid) => {
      const asked = provider.asked.length;
      await expectRefused(await sign({}, { header: { kid } }), 'a key that the provider does not publish');
      expect(
        provider.asked.slice(asked).filter((path) => path !== '/jwks' && !path.startsWith('/.well')),
      ).toEqual([]);
    });

    it('with a key of its own, named by jwk, jku, x5u or x5c, which nobody looks at', async () => {
      const key = await makeKey('first');
      const jwk = await publicJwk(key);
      const asked = provider.asked.length;
      for (const header of [
        { jwk },
        { jku: `${provider.issuer}/planted` },
        { x5u: `${provider.issuer}/planted` },
        { x5c: ['MIIB'] },
      ])
        await expectRefused(await sign({}, { key, header }), "signature is not the provider's");
      expect(provider.asked.slice(asked)).not.toContain('/planted');
    });

    it('when they were changed', async () => {
      const [head, , signature] = (await sign()).split('.');
      const claims = { ...payloadOf(await sign()), groups: ['admins'] };
      const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
      await expectRefused(`${head}.${body}.${signature}`, "signature is not the provider's");
    });

    it('more slowly after twenty of an address, which good ones are not', async () => {
      stopClock();
      const bad = await sign({ aud: 'another-client' });
      const answers = [];
      for (let tries = 0; tries < 22; tries++) answers.push(await post({ id_token: bad }));
      expect(answers.map(({ status }) => status)).toEqual([...Array<number>(20).fill(401), 429, 429]);
      expect(answers[21]?.body.error).toBe('slow_down');
      expect(Number(answers[21]?.headers.get('retry-after'))).toBeGreaterThan(0);
      // What an access token is worth is not even asked.
      const asked = provider.asked.length;
      expect((await post({ access_token: 'invented' })).status).toBe(429);
      expect(provider.asked.length).toBe(asked);
      expect((await state()).status).toBe(202);
    });

    it('without a word of the token in the answer and in the log, which says why', async () => {
      const token = await sign({ aud: 'secret-audience', email: 'ada@corp.example' });
      const before = lines.length;
      const { text: answer } = await post({ id_token: token });
      const text = [answer, ...lines.slice(before)].join('\n');
      const expected = [
        { code: 'invalid_token', msg: 'the token is for another audience' },
        { method: 'POST', status: 401, msg: 'OIDC request' },
      ];
      await expect
        .poll(() => lines.slice(before).map((line) => JSON.parse(line)))
        .toMatchObject(expected.map((line) => ({ ...line, room: 'oidc', route: '/oidc/claims' })));
      for (const part of ['secret-audience', 'ada@', subject, ...token.split('.')])
        expect(text).not.toContain(part);
    });
  });

  it('have a line in the log for each request, without what it says', async () => {
    const before = lines.length;
    await state();
    await fetchFrom(`${origin()}/oidc/callback?code=the-code&state=the-state`, { dispatcher: from });
    await fetchFrom(`${origin()}/connections/other/oidc/status?of=the-link`, { dispatcher: from });
    const requests = () =>
      lines.slice(before).flatMap((line) => {
        const { msg, method, route, status, level } = JSON.parse(line);
        return msg === 'OIDC request' ? [{ method, route, status, level }] : [];
      });
    await expect.poll(requests).toEqual([
      { method: 'POST', route: '/oidc/claims', status: 202, level: 'debug' },
      { method: 'GET', route: '/oidc/callback', status: 400, level: 'info' },
      { method: 'GET', route: '/connections/:connection/oidc/status', status: 404, level: 'info' },
    ]);
    for (const said of [subject, 'the-code', 'the-state', 'the-link'])
      expect(lines.slice(before).join('\n')).not.toContain(said);
  });

  it('are counted by way and outcome, refused ones too', async () => {
    const counted = async () => {
      const { text } = await bridge.admin.get('/metrics');
      return [...text.matchAll(/^idp_bridge_claims_total\{way="(\w+)",outcome="(\w+)"\} (\d+)$/gm)].map(
        ([, way, outcome, count]) => [`${way} ${outcome}`, Number(count)] as const,
      );
    };
    const before = new Map(await counted());
    expect(before.size).toBe(12);
    const id_token = await sign();
    const iat = now() - 60;
    for (const body of [{ id_token }, { id_token }, { id_token: await sign({ iat }) }, { id_token: 'x' }])
      await post(body);
    await fetchFrom(`${origin()}/oidc/callback`, { dispatcher: from });
    const added = async () =>
      (await counted()).flatMap(([name, count]) => {
        const more = count - (before.get(name) ?? 0);
        return more === 0 ? [] : [[name, more]];
      });
    await expect.poll(added).toEqual([
      ['token recorded', 1],
      ['token unchanged', 1],
      ['token older', 1],
      ['token refused', 1],
      ['login refused', 1],
    ]);
  });

  function nested(depth: number): unknown {
    return JSON.parse('['.repeat(depth) + ']'.repeat(depth));
  }
  function payloadOf(token = ''): JWTPayload {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload;
  }
  async function publicJwk({ publicKey }: Awaited<ReturnType<typeof makeKey>>) {
    return crypto.subtle.exportKey('jwk', publicKey);
  }
  /** Signs a payload to the letter. */
  async function signText(extra: string): Promise<string> {
    const base = payloadOf(await sign());
    return provider.signText(`${JSON.stringify(base).slice(0, -1)},${extra.slice(1)}`);
  }
});

describe('a bridge without an OpenID provider', () => {
  it('has no such paths', async () => {
    const bridge = await startTestBridge();
    try {
      const origin = bridge.scim.base.replace('/scim/v2', '');
      for (const path of ['claims', 'login', 'callback', 'status'])
        expect((await fetch(`${origin}/oidc/${path}`)).status).toBe(404);
      expect((await fetch(`${origin}/oidc/claims`, { method: 'POST' })).status).toBe(404);
    } finally {
      await bridge.close();
    }
  });
});
