import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { Agent, fetch as fetchFrom } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestBridge, type TestBridge } from '../support/bridge.js';
import { freePort } from '../support/free-port.js';
import { CLIENT, makeKey, OpenIdProvider } from '../support/openid-provider.js';

const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const FORM = 'application/x-www-form-urlencoded';
const REVOCATION = 'global-token-revocation+jwt';

let provider: OpenIdProvider;
let bridge: TestBridge;
let url: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  provider = await OpenIdProvider.start([`${url}/oidc/callback`], `${url}/oidc/backchannel-logout`);
  bridge = await startTestBridge({
    env: {
      PORT: String(port),
      PUBLIC_URL: url,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      REVOKE_ON_LOGOUT: 'true',
    },
  });
});
afterAll(async () => {
  await bridge?.close();
  await provider?.stop();
});

let subject = '';
let id = '';
/** Each test has an address of its own, as bad tokens are counted by it. */
let from: Agent;
let tests = 0;
afterEach(() => from.close());
beforeEach(async () => {
  provider.down = false;
  tests += 1;
  from = new Agent({ localAddress: `127.0.1.${tests}` });
  subject = `sub-${randomUUID()}`;
  id = await bridge.scim.postUser(subject, { externalId: subject, emails: [{ value: `${subject}@x.io` }] });
});

interface Answer {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  readonly body: Record<string, unknown> | null;
}

async function post(path: string, body: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetchFrom(url + path, { dispatcher: from, method: 'POST', headers, body });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** A logout token of the subject; undefined claims are left out. */
const logoutToken = (claims: JWTPayload = {}, header: Record<string, unknown> = { typ: 'logout+jwt' }) =>
  provider.sign({ sub: subject, jti: randomUUID(), events: EVENTS, ...claims }, { header });

const send = (token: string, path = '/oidc/backchannel-logout'): Promise<Answer> =>
  post(path, new URLSearchParams({ logout_token: token }).toString(), { 'content-type': FORM });

const entries = (): Promise<Record<string, unknown>[]> =>
  bridge.database.query(
    `SELECT target_id, facts, personal FROM bridge.journal
      WHERE action = 'user.loggedOut' AND (target_id = $1 OR personal::text LIKE '%' || $2 || '%') ORDER BY id`,
    [id, subject],
  );

describe('a back-channel logout', () => {
  it('by a real provider, when the person logs out there, is taken and journaled', async () => {
    await provider.tokensOf(subject);
    await provider.logOut(subject);
    expect(provider.logouts).toEqual(['success']);
    expect(await entries()).toMatchObject([
      { target_id: id, facts: { by: 'backchannel', known: true, revokesKeys: true } },
    ]);
  });

  it.each([
    ['as it should be', {}, { typ: 'logout+jwt' }],
    ['of an older provider, whose type is JWT', {}, { typ: 'JWT' }],
    ['of an older provider, without a type and without an end', { exp: undefined }, {}],
    ['with a session beside the subject', { sid: 's-1' }, { typ: 'application/logout+jwt' }],
    ['of several clients', { aud: [CLIENT.id, 'other'] }, { typ: 'logout+jwt' }],
  ])('%s is answered 200, which nobody may store', async (_what, claims, header) => {
    const { status, headers, body } = await send(await logoutToken(claims, header));
    expect([status, body, headers.get('cache-control')]).toEqual([200, null, 'no-store']);
    expect(await entries()).toHaveLength(1);
  });

  it('of the named connection is taken there', async () => {
    expect(await send(await logoutToken(), '/connections/default/oidc/backchannel-logout')).toMatchObject({
      status: 200,
    });
    expect(await send(await logoutToken(), '/connections/other/oidc/backchannel-logout')).toMatchObject({
      status: 404,
    });
  });

  it('of somebody unknown, or of a session alone, is journaled and answered 200: nobody is logged in', async () => {
    const sid = subject;
    expect(await send(await logoutToken({ sub: `${subject}-other` }))).toMatchObject({ status: 200 });
    expect(await send(await logoutToken({ sub: undefined, sid }))).toMatchObject({ status: 200 });
    expect(await entries()).toMatchObject([
      { target_id: null, facts: { known: false } },
      { target_id: null, facts: { known: false }, personal: { values: { sessionId: sid } } },
    ]);
  });

  it('whose token comes again is answered as at first, and does nothing', async () => {
    const token = await logoutToken();
    expect(await send(token)).toMatchObject({ status: 200 });
    expect(await send(token)).toMatchObject({ status: 200 });
    expect(await entries()).toHaveLength(1);
  });

  const now = (): number => Math.floor(Date.now() / 1_000);
  const attacks: [string, () => Promise<string>, RegExp][] = [
    ['an ID token', () => provider.sign({ sub: subject }, { header: { typ: 'JWT' } }), /no|event/],
    ['an ID token with an identifier', () => provider.sign({ sub: subject, jti: 'j-1' }), /events/],
    ['a nonce', () => logoutToken({ nonce: 'n-1' }), /nonce/],
    ['another event', () => logoutToken({ events: { 'https://x.io/other': {} } }), /event/],
    [
      'an event that is no object',
      () => logoutToken({ events: { [Object.keys(EVENTS)[0] ?? '']: 1 } }),
      /event/,
    ],
    ['another audience', () => logoutToken({ aud: 'other' }), /audience/],
    ['another issuer', () => logoutToken({ iss: 'https://evil.example.com' }), /issuer/],
    ['an end that is past', () => logoutToken({ iat: now() - 300, exp: now() - 120 }), /expired/],
    ['an age of an hour', () => logoutToken({ iat: now() - 3_600, exp: now() + 3_600 }), /too old/],
    ['a beginning in the future', () => logoutToken({ iat: now() + 3_600, exp: now() + 7_200 }), /future/],
    ['no beginning', () => logoutToken({ iat: undefined }), /iat/],
    ['no identifier', () => logoutToken({ jti: undefined }), /jti/],
    ['an identifier that is no text', () => logoutToken({ jti: 'x'.repeat(256) }), /jti/],
    ['neither subject nor session', () => logoutToken({ sub: undefined }), /nobody/],
    ['a session that is no text', () => logoutToken({ sub: undefined, sid: 7 }), /nobody/],
    ['a type of its own', () => logoutToken({}, { typ: 'at+jwt' }), /kind/],
    [
      'no signature',
      async () => `${btoa('{"alg":"none"}').replace(/=+$/, '')}.${(await logoutToken()).split('.')[1]}.`,
      /algorithm/,
    ],
    [
      "somebody else's signature",
      async () => provider.sign({ sub: subject, jti: 'j', events: EVENTS }, { key: await makeKey('first') }),
      /signature/,
    ],
    ['no form of a token', () => Promise.resolve('nothing'), /no signed JWT/],
  ];

  it.each(attacks)(
    'by a token with %s is refused with 400, and nothing is done',
    async (_what, make, why) => {
      const { status, headers, body } = await send(await make());
      expect([status, body?.['error'], headers.get('cache-control')]).toEqual([
        400,
        'invalid_request',
        'no-store',
      ]);
      expect(body?.['error_description']).toMatch(why);
      expect(JSON.stringify(body)).not.toContain(subject);
      expect(await entries()).toEqual([]);
    },
  );

  it.each([
    ['no token', '', FORM],
    ['two tokens', 'logout_token=a&logout_token=b', FORM],
    ['JSON', '{"logout_token":"a"}', 'application/json'],
    ['more than a token', `logout_token=${'x'.repeat(40_000)}`, FORM],
  ])('with %s is refused with 400', async (_what, body, type) => {
    expect(await post('/oidc/backchannel-logout', body, { 'content-type': type })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  it('by bad tokens again and again is slowed down', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 25; n += 1) statuses.push((await send('nothing')).status);
    expect([statuses.at(0), statuses.at(-1)]).toEqual([400, 429]);
    expect(await send(await logoutToken())).toMatchObject({ status: 200 });
  });

  it('is not asked for by another verb', async () => {
    const response = await fetch(`${url}/oidc/backchannel-logout`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('whose token is no ID token is not taken for one either', async () => {
    const token = await logoutToken({}, { typ: 'JWT' });
    const headers = { 'content-type': 'application/json' };
    expect(await post('/oidc/claims', JSON.stringify({ id_token: token }), headers)).toMatchObject({
      status: 401,
    });
  });
});

describe('a Universal Logout', () => {
  const endpoint = (): string => `${url}/oidc/universal-logout`;
  const authorization = (claims: JWTPayload = {}, typ: string | undefined = REVOCATION) =>
    provider.sign({ aud: endpoint(), jti: randomUUID(), ...claims }, { header: { typ } });
  const revoke = async (body: unknown, token?: string, path = '/oidc/universal-logout'): Promise<Answer> =>
    post(path, JSON.stringify(body), {
      'content-type': 'application/json',
      authorization: `Bearer ${token ?? (await authorization())}`,
    });
  const byEmail = (): unknown => ({ sub_id: { format: 'email', email: `${subject}@X.io` } });

  it.each([
    ['by address', byEmail],
    ['by address, under the older name', () => ({ subject: { format: 'email', email: `${subject}@x.io` } })],
    ['by issuer and subject', () => ({ sub_id: { format: 'iss_sub', iss: provider.issuer, sub: subject } })],
  ])('%s is answered 204', async (_what, body) => {
    expect(await revoke(body())).toMatchObject({ status: 204, body: null });
    expect(await entries()).toMatchObject([{ target_id: id, facts: { by: 'universal', revokesKeys: true } }]);
  });

  it('of somebody unknown, or of another issuer, is answered 404', async () => {
    const unknown = { sub_id: { format: 'email', email: `not-${subject}@x.io` } };
    expect(await revoke(unknown)).toMatchObject({ status: 404, body: { error: 'not_found' } });
    const other = { sub_id: { format: 'iss_sub', iss: 'https://evil.example.com', sub: subject } };
    expect(await revoke(other)).toMatchObject({ status: 404, body: { error: 'not_found' } });
  });

  it('whose token comes again is answered as at first, and does nothing', async () => {
    const token = await authorization();
    expect([(await revoke(byEmail(), token)).status, (await revoke(byEmail(), token)).status]).toEqual([
      204, 204,
    ]);
    expect(await entries()).toHaveLength(1);
  });

  const now = (): number => Math.floor(Date.now() / 1_000);
  it.each<[string, () => Promise<string>]>([
    ['for another URL', () => authorization({ aud: 'https://bridge.example.com/oidc/universal-logout' })],
    [
      "for another connection's URL",
      () => authorization({ aud: `${url}/connections/default/oidc/universal-logout` }),
    ],
    ['for the client', () => authorization({ aud: CLIENT.id })],
    ['of another type', () => authorization({}, 'JWT')],
    ['of another issuer', () => authorization({ iss: 'https://evil.example.com' })],
    ['of ten minutes ago', () => authorization({ iat: now() - 600, exp: now() + 600 })],
    ['without an end', () => authorization({ exp: undefined })],
    ['without an identifier', () => authorization({ jti: undefined })],
    ['that is a logout token', () => logoutToken({ aud: [CLIENT.id, endpoint()] })],
    ['that is none', () => Promise.resolve('nothing')],
  ])('by a token %s is refused with 401', async (_what, make) => {
    const { status, headers, body } = await revoke(byEmail(), await make());
    expect([status, body?.['error']]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toContain('Bearer');
    expect(await entries()).toEqual([]);
  });

  it('without a token is refused with 401, whatever the body', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await post('/oidc/universal-logout', '{', headers)).toMatchObject({ status: 401 });
  });

  it('of a named connection needs a token for its URL', async () => {
    const path = '/connections/default/oidc/universal-logout';
    expect(await revoke(byEmail(), await authorization({ aud: url + path }), path)).toMatchObject({
      status: 204,
    });
    expect(await revoke(byEmail(), undefined, path)).toMatchObject({ status: 401 });
  });

  it.each<[string, unknown]>([
    ['nobody', {}],
    ['a format that is not known', { sub_id: { format: 'opaque', id: 'x' } }],
    ['an address that is none', { sub_id: { format: 'email', email: 7 } }],
    ['a subject that is none', { sub_id: { format: 'iss_sub', iss: 'https://x.io', sub: '' } }],
    ['no issuer', { sub_id: { format: 'iss_sub', sub: 'x' } }],
    ['no object', [1]],
  ])('of %s is refused with 400', async (_what, body) => {
    expect(await revoke(body)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('a connection with a custom authorization server of Okta', () => {
  it('takes a Universal Logout that the organization signed, and no other', async () => {
    const server = `${provider.issuer}/oauth2/default`;
    provider.describe('/oauth2/default', server);
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const env = {
      PORT: String(port),
      PUBLIC_URL: `${base}/`,
      OIDC_ISSUER: server,
      OIDC_CLIENT_ID: CLIENT.id,
    };
    const okta = await startTestBridge({ env });
    try {
      await okta.scim.postUser(subject, { externalId: subject });
      const aud = `${base}/oidc/universal-logout`;
      const statusOf = async (iss: string, of: string): Promise<number> => {
        const claims = { iss, aud, jti: randomUUID() };
        const token = await provider.sign(claims, { header: { typ: REVOCATION } });
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
        const body = JSON.stringify({ sub_id: { format: 'iss_sub', iss: of, sub: subject } });
        return (await fetch(aud, { method: 'POST', headers, body })).status;
      };
      expect(await statusOf(provider.issuer, server)).toBe(204);
      expect(await statusOf(provider.issuer, provider.issuer)).toBe(204);
      expect(await statusOf(server, server)).toBe(401);
    } finally {
      await okta.close();
    }
  });
});

describe('while the keys of the provider cannot be had', () => {
  it('logouts are answered 503, to be sent again', async () => {
    const strange = await makeKey('rotated-since');
    const token = await provider.sign(
      { sub: subject, jti: randomUUID(), events: EVENTS },
      { key: strange, header: { typ: 'logout+jwt' } },
    );
    const other = await startTestBridge({
      env: { OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: CLIENT.id },
    });
    try {
      provider.down = true;
      const base = other.scim.base.replace('/scim/v2', '');
      const body = new URLSearchParams({ logout_token: token });
      const answer = await fetch(`${base}/oidc/backchannel-logout`, { method: 'POST', body });
      expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true]);
    } finally {
      await other.close();
    }
  });
});
