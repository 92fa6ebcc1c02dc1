import { createHmac } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeKey } from '../support/jwt-issuer.js';
import { stopClock } from '../support/still-clock.js';
import { API, HookedBridge, NEXT, SECRET, SIGNING, statusOf, TENANT, UNPROVEN } from './support/hooks.js';

const OTHER_TENANT = '11111111-1f5e-4b8e-9c55-0d2f4a6b7c8d';
const MICROSOFT = '99045fe1-7639-4a75-9d4a-577b6ca3810f';
const NO_CLAIMS = {
  data: {
    '@odata.type': 'microsoft.graph.onTokenIssuanceStartResponseData',
    actions: [{ '@odata.type': 'microsoft.graph.tokenIssuanceStart.provideClaimsForToken', claims: {} }],
  },
};

const hooked = new HookedBridge(3);

const entraEvent = (more: { tenantId?: unknown; user?: object } = {}) => ({
  type: 'microsoft.graph.authenticationEvent.tokenIssuanceStart',
  source: `/tenants/${TENANT}/applications/00001111-aaaa-2222-bbbb-3333cccc4444`,
  data: {
    '@odata.type': 'microsoft.graph.onTokenIssuanceStartCalloutData',
    tenantId: TENANT,
    authenticationEventListenerId: '11112222-bbbb-3333-cccc-4444dddd5555',
    customAuthenticationExtensionId: '22223333-cccc-4444-dddd-5555eeee6666',
    authenticationContext: {
      correlationId: `correlation-${hooked.n}`,
      client: { ip: '127.0.0.1', locale: 'en-us', market: 'en-us' },
      protocol: 'OAUTH2.0',
      clientServicePrincipal: { id: 'aaaa0000', appId: 'bridge', appDisplayName: 'Coder' },
      user: {
        displayName: 'Ada King',
        id: hooked.id,
        mail: hooked.email,
        userPrincipalName: hooked.email,
        userType: 'Member',
        ...more.user,
      },
    },
    ...('tenantId' in more ? { tenantId: more.tenantId } : {}),
  },
});
const entraToken = (claims: object = {}) =>
  hooked.issuer.sign({ aud: API, ver: '2.0', tid: TENANT, azp: MICROSOFT, sub: 'x', ...claims });
const entra = async (body: unknown, token?: string, at = '') =>
  hooked.send(`${at}/oidc/hooks/entra`, body, { authorization: `Bearer ${token ?? (await entraToken())}` });

describe('Entra ID’s custom claims provider', () => {
  it('is answered with no claims, in the one form that lets people in, and raises who logs in', async () => {
    const user = await hooked.makeUser();
    await hooked.bridge.untilSettled();
    const before = await hooked.version(user);
    const answer = await entra(entraEvent());
    expect([answer.status, answer.body]).toEqual([200, NO_CLAIMS]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await hooked.received(`correlation-${hooked.n}`)).toMatchObject([
      { target_id: user, version: before + 1 },
    ]);
  });

  it('takes tokens of version 1 too', async () => {
    const answer = await entra(
      entraEvent(),
      await entraToken({ azp: undefined, appid: MICROSOFT, ver: '1.0' }),
    );
    expect([answer.status, answer.body]).toEqual([200, NO_CLAIMS]);
  });

  const forged = async () =>
    hooked.issuer.sign({ aud: API, tid: TENANT, azp: MICROSOFT }, await makeKey('first'));
  it.each([
    ['for another application', () => entraToken({ aud: 'another' })],
    ['given to another client (azp)', () => entraToken({ azp: API })],
    ['given to another client (appid)', () => entraToken({ azp: undefined, appid: API })],
    ['given to nobody', () => entraToken({ azp: undefined })],
    ['given to another client that says appid too', () => entraToken({ azp: API, appid: MICROSOFT })],
    ['of another tenant', () => entraToken({ tid: OTHER_TENANT })],
    ['of another issuer', () => entraToken({ iss: 'https://evil.example/' })],
    ['that has expired', () => entraToken({ exp: 1 })],
    ['signed with another key', forged],
    ['that is none', async () => 'garbage'],
    ['that is empty', async () => ''],
  ])('is refused with a token %s', async (_what, token) => {
    const answer = await entra(entraEvent(), await token());
    expect([answer.status, answer.body]).toEqual([401, UNPROVEN]);
    expect(await hooked.received(`correlation-${hooked.n}`)).toEqual([]);
  });

  it.each([OTHER_TENANT, null, undefined, [TENANT]])(
    'is refused where the event is of tenant %s',
    async (tenantId) => {
      const answer = await entra(entraEvent({ tenantId }));
      expect([answer.status, answer.body]).toEqual([401, UNPROVEN]);
    },
  );

  it('lets people in all the same where it cannot be recorded', async () => {
    hooked.loseDatabase();
    const away = await entra(entraEvent());
    expect([away.status, away.body]).toEqual([200, NO_CLAIMS]);
  });

  it('lets people in all the same where the database takes longer', async () => {
    const release = hooked.hang();
    const late = await entra(entraEvent());
    expect([late.status, late.body]).toEqual([200, NO_CLAIMS]);
    release();
    await vi.waitUntil(async () => (await hooked.received(`correlation-${hooked.n}`)).length === 1, {
      timeout: 20_000,
    });
  });

  it('lets people in all the same beyond the connection’s rate', async () => {
    stopClock();
    for (const _time of [1, 2, 3]) {
      const answer = await entra(entraEvent(), undefined, '/connections/slow');
      expect([answer.status, answer.body]).toEqual([200, NO_CLAIMS]);
    }
    expect(await hooked.received(`correlation-${hooked.n}`)).toHaveLength(1);
    expect(await statusOf(hooked.okta(hooked.oktaToken(), SECRET, '/connections/slow'))).toBe(429);
  });

  it('lets people in all the same by an event that it does not know, or of nobody', async () => {
    for (const body of [
      { ...entraEvent(), type: 'another' },
      entraEvent({ user: { id: 1, mail: null, userPrincipalName: 0 } }),
    ])
      expect((await entra(body)).body).toEqual(NO_CLAIMS);
    expect(await hooked.received(`correlation-${hooked.n}`)).toEqual([]);
  });

  it('lets people in all the same where its keys are away', async () => {
    hooked.issuer.set('down');
    try {
      const answer = await entra(entraEvent(), undefined, '/connections/other');
      expect([answer.status, answer.body]).toEqual([200, NO_CLAIMS]);
      expect(await hooked.received(`correlation-${hooked.n}`)).toEqual([]);
    } finally {
      hooked.issuer.set('up');
    }
  });
});

const nowSeconds = () => Math.floor(Date.now() / 1_000);
const signature = (body: string, t = nowSeconds(), secret = SIGNING) =>
  `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
const statement = (claims: object, more: object = {}) =>
  JSON.stringify({ issuer: hooked.issuer.url, subject: hooked.id, claims, ...more });
const webhook = (body: string, header = signature(body), name = 'auth0') =>
  hooked.send(`/oidc/hooks/webhook/${name}`, body, { 'x-bridge-signature': header });

describe('a signed webhook', () => {
  it('states claims of a person, who is found by the verified address', async () => {
    const user = await hooked.bridge.scim.postUser(hooked.email);
    const answer = await webhook(
      statement({ groups: ['eng'] }, { email: hooked.email, email_verified: true }),
    );
    expect([answer.status, answer.body]).toEqual([
      202,
      { outcome: 'recorded', tied: true, tiedBy: 'email', version: expect.any(Number) as number },
    ]);
    expect(await hooked.subjects()).toMatchObject([
      { user_id: user, source: 'hook', issuer: hooked.issuer.url },
    ]);
    expect(await hooked.claims()).toEqual({
      sub: hooked.id,
      groups: ['eng'],
      email: hooked.email,
      email_verified: true,
    });
  });

  it('finds people by externalId, and by no address that is not verified', async () => {
    await hooked.bridge.scim.postUser(hooked.email, { externalId: `employee-${hooked.n}` });
    expect((await webhook(statement({}, { email: hooked.email }))).body).toMatchObject({ tied: false });
    const answer = await webhook(statement({ a: 1 }, { external_id: `employee-${hooked.n}` }));
    expect(answer.body).toMatchObject({ tiedBy: 'externalId' });
  });

  it('leaves claims that it does not name, unless it is configured to say all', async () => {
    await webhook(statement({ groups: ['eng'] }));
    await webhook(statement({ roles: ['dev'] }));
    expect(await hooked.claims()).toEqual({ sub: hooked.id, groups: ['eng'], roles: ['dev'] });
    const whole = statement({ roles: ['dev'] });
    await webhook(whole, signature(whole), 'whole');
    expect(await hooked.claims()).toEqual({ sub: hooked.id, roles: ['dev'] });
  });

  it('is taken once', async () => {
    const body = statement({ groups: ['eng'] });
    const header = signature(body);
    expect(await statusOf(webhook(body, header))).toBe(202);
    const later = statement({ groups: [] });
    expect(await statusOf(webhook(later))).toBe(202);
    const again = await webhook(body, header);
    expect([again.status, again.body]).toMatchObject([409, { error: 'replayed' }]);
    // Nor with what the header may have besides.
    expect(await statusOf(webhook(body, `${header},v1=${'0'.repeat(64)}`))).toBe(409);
    expect(
      await statusOf(webhook(body, header.toUpperCase().replace('T=', 't=').replace('V1=', 'v1='))),
    ).toBe(409);
    expect(await hooked.claims()).toMatchObject({ groups: [] });
  });

  it('does not bring back what was said before, by its own time', async () => {
    const time = (seconds: number) => ({ time: new Date(Date.now() + seconds * 1_000).toISOString() });
    await webhook(statement({ groups: ['now'] }, time(0)));
    const answer = await webhook(statement({ groups: ['before'] }, time(-10)));
    expect([answer.status, answer.body]).toMatchObject([202, { outcome: 'older' }]);
    expect(await hooked.claims()).toMatchObject({ groups: ['now'] });
  });

  it('may be sent again after it could not be recorded', async () => {
    const back = hooked.loseDatabase();
    const body = statement({ groups: ['eng'] });
    const header = signature(body);
    expect(await statusOf(webhook(body, header))).toBe(503);
    back();
    expect(await statusOf(webhook(body, header))).toBe(202);
  });

  it.each([
    ['by another secret', (body: string) => signature(body, nowSeconds(), NEXT)],
    ['of another body', () => signature('{}')],
    ['of another time', (body: string) => signature(body).replace(/t=\d+/, `t=${nowSeconds() - 60}`)],
    ['that is too old', (body: string) => signature(body, nowSeconds() - 302)],
    ['of the future', (body: string) => signature(body, nowSeconds() + 302)],
    ['without a time', (body: string) => signature(body).replace(/t=\d+,/, '')],
    ['that is cut', (body: string) => signature(body).slice(0, -1)],
    ['that is garbage', () => 't=,v1='],
    ['that is huge', (body: string) => `${signature(body)},${'x'.repeat(2_000)}`],
    ['that is empty', () => ''],
  ])('is refused with a signature %s', async (_what, header) => {
    // Time stands still: what lies just beyond the tolerance stays there.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const body = statement({ groups: ['eng'] });
    const answer = await webhook(body, header(body));
    expect([answer.status, answer.body]).toEqual([401, UNPROVEN]);
    expect(await hooked.subjects()).toEqual([]);
  });

  it.each([
    ['another issuer', () => statement({}, { issuer: 'https://evil.example/' })],
    ['no subject', () => statement({}, { subject: undefined })],
    ['a subject that is too long', () => statement({}, { subject: 'x'.repeat(256) })],
    ['claims that are a list', () => statement([])],
    ['claims that are too many', () => statement({ groups: 'x'.repeat(70_000) })],
    ['a claim that is called __proto__', () => statement({ x: 1 }).replace('"x"', '"__proto__"')],
    ['a member that is called __proto__', () => statement({}, { x: {} }).replace('"x"', '"__proto__"')],
    ['a member that nobody knows', () => statement({}, { groups: ['eng'] })],
    ['a time that is none', () => statement({}, { time: 'yesterday' })],
    ['a time of the future', () => statement({}, { time: '2999-01-01T00:00:00Z' })],
    ['an address that is a list', () => statement({}, { email: [hooked.email] })],
    ['email_verified as a text', () => statement({}, { email: hooked.email, email_verified: 'true' })],
    ['no JSON', () => 'garbage'],
  ])('is refused with %s', async (_what, body) => {
    const answer = await webhook(body());
    expect([answer.status, answer.body]).toMatchObject([400, { error: 'invalid_request' }]);
    expect(await hooked.subjects()).toEqual([]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('signed hooks', () => {
  it('leave no secret, name or address in the log', () => {
    const log = hooked.lines.join('\n');
    expect(log).toContain('the signature is not good');
    for (const fact of [SECRET, SIGNING, 'corp.example', 'person-', 'Ada', '00u', 'eyJ'])
      expect(log).not.toContain(fact);
  });
});
