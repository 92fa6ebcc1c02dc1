import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBridge, type TestBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';

const FILE = `
connections:
  - name: alpha
    oauth:
      tokenMinutes: 60
      clients:
        - { id: gallery, secrets: [the-first-secret-of-two, the-second-secret-of-two] }
        - { id: "odd-client", secrets: ["s3cret:with/signs+and%25"] }
  - name: beta
    oauth: { clients: [{ id: other, secrets: [the-secret-of-the-other] }] }
`;
const FORM = 'application/x-www-form-urlencoded';

describe('the token endpoint', () => {
  let bridge: TestBridge;
  let file: Awaited<ReturnType<typeof configFile>>;
  beforeAll(async () => {
    file = await configFile(FILE);
    bridge = await startTestBridge({ env: { BRIDGE_CONFIG: file.path } });
  });
  afterAll(async () => {
    await bridge?.close();
    await file?.remove();
  });

  const origin = () => bridge.scim.base.replace('/scim/v2', '');
  async function post(body: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${origin()}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': FORM, ...headers },
      body,
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  }
  const form = (parameters: Record<string, string>) =>
    new URLSearchParams({ grant_type: 'client_credentials', ...parameters }).toString();
  const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });
  const gallery = (secret = 'the-first-secret-of-two') =>
    form({ client_id: 'gallery', client_secret: secret });
  async function ask(token: unknown, connection: string): Promise<number> {
    const { status } = await fetch(`${origin()}/connections/${connection}/scim/v2/Users`, {
      headers: { authorization: `Bearer ${String(token)}` },
    });
    return status;
  }

  it('gives a short-lived token for the secret in the form [C10]', async () => {
    const { status, headers, body } = await post(gallery());
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^idpb_[\w-]{43}$/) as string,
      token_type: 'Bearer',
      expires_in: 3_600,
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(await ask(body['access_token'], 'alpha')).toBe(200);
    expect(await ask(body['access_token'], 'beta')).toBe(401);
  });

  it('gives one for the secret in the header, encoded as the RFC has it', async () => {
    const grant = 'grant_type=client_credentials&scope=anything';
    const plain = await post(grant, basic('gallery', 'the-first-secret-of-two'));
    expect(plain.status).toBe(200);
    const odd = await post(grant, basic('odd-client', encodeURIComponent('s3cret:with/signs+and%25')));
    expect([odd.status, await ask(odd.body['access_token'], 'alpha')]).toEqual([200, 200]);
    const both = await post(`${grant}&client_id=gallery`, basic('gallery', 'the-first-secret-of-two'));
    expect(both.status).toBe(200);
  });

  it('takes two secrets of a client at once [C10]', async () => {
    for (const secret of ['the-first-secret-of-two', 'the-second-secret-of-two']) {
      const { body } = await post(gallery(secret));
      expect(await ask(body['access_token'], 'alpha')).toBe(200);
    }
  });

  it('keeps tokens as a hash, and ends them in time', async () => {
    const { body } = await post(gallery());
    const text = String(body['access_token']);
    const rows = await bridge.database.query<{ row: string; minutes: number }>(
      `SELECT t::text AS row, extract(epoch FROM expires_at - created_at)::integer / 60 AS minutes
       FROM bridge.tokens t WHERE kind = 'access'`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { row, minutes } of rows) {
      expect(row).not.toContain(text.slice(5));
      expect(row).not.toContain('secret');
      expect(minutes).toBe(60);
    }
    expect(await ask(text, 'alpha')).toBe(200);
    const fresh = await post(gallery());
    await bridge.database.query(`UPDATE bridge.tokens SET expires_at = now() WHERE kind = 'access'`);
    expect(await ask(fresh.body['access_token'], 'alpha')).toBe(401);
  });

  it.each([
    ['an unknown grant', 'grant_type=password&client_id=gallery', {}, 400, 'unsupported_grant_type'],
    ['no grant', 'client_id=gallery&client_secret=the-first-secret-of-two', {}, 400, 'invalid_request'],
    ['nothing', '', {}, 400, 'invalid_request'],
    [
      'a parameter twice',
      'grant_type=client_credentials&grant_type=client_credentials',
      {},
      400,
      'invalid_request',
    ],
    ['no client', 'grant_type=client_credentials', {}, 401, 'invalid_client'],
    ['a wrong secret', form({ client_id: 'gallery', client_secret: 'wrong' }), {}, 401, 'invalid_client'],
    [
      "another client's secret",
      form({ client_id: 'gallery', client_secret: 'the-secret-of-the-other' }),
      {},
      401,
      'invalid_client',
    ],
    ['an unknown client', form({ client_id: 'nobody', client_secret: 'x' }), {}, 401, 'invalid_client'],
    [
      'a client of the prototype',
      form({ client_id: '__proto__', client_secret: 'x' }),
      {},
      401,
      'invalid_client',
    ],
    [
      'a header that is none',
      'grant_type=client_credentials',
      { authorization: 'Basic %' },
      401,
      'invalid_client',
    ],
    [
      'another scheme',
      'grant_type=client_credentials',
      { authorization: 'Bearer the-first-secret-of-two' },
      401,
      'invalid_client',
    ],
    [
      'a client in the header and in the form',
      form({ client_id: 'gallery', client_secret: 'the-first-secret-of-two' }),
      basic('gallery', 'the-first-secret-of-two'),
      400,
      'invalid_request',
    ],
    [
      'JSON',
      '{"grant_type":"client_credentials"}',
      { 'content-type': 'application/json' },
      400,
      'invalid_request',
    ],
    ['too large a form', `grant_type=${'x'.repeat(20_000)}`, {}, 400, 'invalid_request'],
  ])('refuses %s', async (_what, body, headers, status, error) => {
    const answer = await post(body, headers);
    expect([answer.status, answer.body['error']]).toEqual([status, error]);
    expect(answer.body['error_description']).toMatch(/./);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  });

  it('takes POST only', async () => {
    const response = await fetch(`${origin()}/oauth/token?${gallery()}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('slows down who guesses secrets, and nobody else', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => post(form({ client_id: 'gallery', client_secret: `guess-${n}` }))),
    );
    const slowed = answers.filter(({ status }) => status === 429);
    expect(slowed.length).toBeGreaterThan(10);
    expect(Number(slowed[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post(gallery())).status).toBe(200);
  });
});

describe('access tokens of a client', () => {
  it('end with the secret that they were given for', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bridge-oauth-'));
    const file = await configFile(FILE);
    const grant = async (bridge: TestBridge, secret: string): Promise<string> => {
      const response = await fetch(`${bridge.scim.base.replace('/scim/v2', '')}/oauth/token`, {
        method: 'POST',
        headers: { 'content-type': FORM },
        body: `grant_type=client_credentials&client_id=gallery&client_secret=${secret}`,
      });
      return ((await response.json()) as { access_token: string }).access_token;
    };
    const ask = async (bridge: TestBridge, token: string): Promise<number> =>
      (await fetch(`${bridge.scim.base}/Users`, { headers: { authorization: `Bearer ${token}` } })).status;
    let bridge = await startTestBridge({ dataDir, env: { BRIDGE_CONFIG: file.path } });
    try {
      const [first, second] = [
        await grant(bridge, 'the-first-secret-of-two'),
        await grant(bridge, 'the-second-secret-of-two'),
      ];
      expect([await ask(bridge, first), await ask(bridge, second)]).toEqual([200, 200]);
      await bridge.close();
      await file.write(FILE.replace('the-first-secret-of-two, ', ''));
      bridge = await startTestBridge({ dataDir, env: { BRIDGE_CONFIG: file.path } });
      expect([await ask(bridge, first), await ask(bridge, second)]).toEqual([401, 200]);
    } finally {
      await bridge.close();
      await file.remove();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
