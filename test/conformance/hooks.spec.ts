import { describe, expect, it, vi } from 'vitest';
import { HookedBridge, NEXT, oktaEvents, SECRET, SIGNING, statusOf, UNPROVEN } from './support/hooks.js';

const hooked = new HookedBridge(2);

describe('Okta’s token inline hook', () => {
  it('is answered 204, and what the tokens will claim is recorded of the person', async () => {
    const user = await hooked.makeUser();
    await hooked.bridge.untilSettled();
    const before = await hooked.version(user);
    const answer = await hooked.okta(hooked.oktaToken({ groups: ['eng'] }, { access: { roles: ['dev'] } }));
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await hooked.subjects()).toMatchObject([
      {
        issuer: hooked.issuer.url,
        user_id: user,
        tied_by: 'externalId',
        source: 'hook',
        claims: {
          sub: hooked.id,
          groups: ['eng'],
          roles: ['dev'],
          name: 'Ada King',
          email: hooked.email,
          preferred_username: hooked.email,
        },
      },
    ]);
    expect(Object.keys((await hooked.claims()) ?? {})).toHaveLength(6);
    expect(await hooked.version(user)).toBe(before + 1);
  });

  it('leaves what a thin token does not bring, and takes an empty list for none', async () => {
    await hooked.okta(hooked.oktaToken({ groups: ['eng'] }));
    await hooked.okta(hooked.oktaToken({}));
    expect(await hooked.claims()).toMatchObject({ groups: ['eng'] });
    await hooked.okta(hooked.oktaToken({ groups: [] }));
    expect(await hooked.claims()).toMatchObject({ groups: [] });
  });

  it('is not older than the ID token that follows it', async () => {
    await hooked.okta(hooked.oktaToken({ groups: ['eng'] }));
    const iat = Math.floor(Date.now() / 1_000);
    const token = await hooked.issuer.sign({ aud: 'bridge', sub: hooked.id, iat, groups: ['ops'] });
    const answer = await hooked.send('/oidc/claims', { id_token: token });
    expect(answer.body).toMatchObject({ outcome: 'recorded' });
  });

  it('is known by any of its secrets', async () => {
    expect(await statusOf(hooked.okta(hooked.oktaToken(), NEXT))).toBe(204);
    expect(await statusOf(hooked.okta(hooked.oktaToken(), SECRET, '/connections/other'))).toBe(204);
  });

  it.each([
    ['a wrong secret', { authorization: `${SECRET}x` }],
    ['the secret of another hook', { authorization: SIGNING }],
    ['a scheme before it', { authorization: `Bearer ${SECRET}` }],
    ['no secret', {}],
    ['the secret in another header', { 'x-okta-secret': SECRET }],
  ])('is refused with %s, in words that tell nothing', async (_what, headers) => {
    const answer = await hooked.send('/oidc/hooks/okta/token', hooked.oktaToken(), headers);
    expect([answer.status, answer.body]).toEqual([401, UNPROVEN]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="idp-bridge"');
    expect(await hooked.subjects()).toEqual([]);
  });

  it('slows down whoever guesses, and lets the good secret in all the same', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 22; guess++) statuses.push(await statusOf(hooked.okta({}, `guess-${guess}`)));
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(await statusOf(hooked.okta(hooked.oktaToken()))).toBe(204);
  });

  it.each([
    ['of another issuer', () => hooked.oktaToken({}, { identity: { iss: 'https://evil.example' } })],
    ['of another user than the context', () => hooked.oktaToken({}, { identity: { sub: 'somebody' } })],
    ['of another event', () => ({ ...hooked.oktaToken(), eventType: 'com.okta.saml.tokens.transform' })],
    ['of the future', () => ({ ...hooked.oktaToken(), eventTime: '2999-01-01T00:00:00Z' })],
    ['of long ago', () => ({ ...hooked.oktaToken(), eventTime: '2020-01-01T00:00:00Z' })],
    ['with a claim that is called __proto__', () => withText('"groups":["x"]', '"__proto__":{"admin":true}')],
    ['nested too deep', () => withText('["x"]', `${'['.repeat(5_000)}${']'.repeat(5_000)}`)],
    ['with a NUL', () => hooked.oktaToken({ groups: ['a\0'] })],
    ['that is no JSON', () => '{'],
    ['that is a list', () => []],
    ['that is empty', () => ''],
  ])('is refused %s', async (_what, body) => {
    const answer = await hooked.okta(body());
    expect([answer.status, answer.body]).toMatchObject([400, { error: 'invalid_request' }]);
    expect(await hooked.subjects()).toEqual([]);
  });
  const withText = (text: string, other: string) =>
    JSON.stringify(hooked.oktaToken({ groups: ['x'] })).replace(text, () => other);

  it('is refused when it is huge', async () => {
    const answer = await hooked.okta(hooked.oktaToken({ groups: ['x'.repeat(300_000)] }));
    expect([answer.status, answer.body]).toMatchObject([413, { error: 'too_large' }]);
  });

  it.each([
    ['nobody, as of a client', { context: { user: undefined } }],
    ['a client that does not count', { context: { protocol: { client: { id: 'another' } } } }],
  ])('says nothing about %s', async (_what, more) => {
    expect(await statusOf(hooked.okta(hooked.oktaToken({ groups: ['x'] }, more)))).toBe(204);
    expect(await hooked.subjects()).toEqual([]);
  });

  it('is answered in time that it was not recorded, when the database takes longer', async () => {
    const release = hooked.hang();
    const answer = await hooked.okta(hooked.oktaToken({ groups: ['late'] }));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await hooked.subjects()).toEqual([]);
    release();
    await vi.waitUntil(async () => (await hooked.subjects()).length === 1, { timeout: 20_000 });
  });
});

const tell = (...events: unknown[]) =>
  hooked.send('/oidc/hooks/okta/events', oktaEvents(...events), { 'x-okta-secret': SECRET });

describe('Okta’s event hook', () => {
  it('is verified once by its challenge, as JSON', async () => {
    const challenge = '"><script>&';
    const headers = { 'x-okta-verification-challenge': challenge };
    const answer = await hooked.send('/oidc/hooks/okta/events', null, headers, 'GET');
    expect([answer.status, answer.body]).toEqual([200, { verification: challenge }]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it.each([
    ['none', {}],
    ['one that is too long', { 'x-okta-verification-challenge': 'x'.repeat(1_025) }],
  ])('is not verified by %s', async (_what, headers) => {
    const answer = await hooked.send('/oidc/hooks/okta/events', null, headers, 'GET');
    expect(answer.status).toBe(400);
  });

  it('raises the user whom an event is about, and journals it', async () => {
    const user = await hooked.makeUser();
    await hooked.bridge.untilSettled();
    const before = await hooked.version(user);
    const one = hooked.event();
    const answer = await tell(one);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await hooked.received(one.uuid)).toMatchObject([
      { source: 'hook', target_id: user, version: before + 1, facts: { event: 'user.lifecycle.deactivate' } },
    ]);
    await hooked.bridge.untilSettled();
  });

  it('is taken once by its uuid, also within one batch', async () => {
    const user = await hooked.makeUser();
    const one = hooked.event();
    await tell(one, one);
    const raised = await hooked.version(user);
    expect(await statusOf(tell(one))).toBe(204);
    expect(await hooked.received(one.uuid)).toHaveLength(1);
    expect(await hooked.version(user)).toBe(raised);
  });

  it('finds by the login who has no externalId', async () => {
    const user = await hooked.bridge.scim.postUser(hooked.email);
    const one = hooked.event({
      target: [{ id: 'unknown', type: 'User', alternateId: hooked.email.toUpperCase() }],
    });
    await tell(one);
    expect(await hooked.received(one.uuid)).toMatchObject([{ target_id: user }]);
  });

  it.each([
    ['came to nothing', { outcome: { result: 'FAILURE' } }],
    ['has no outcome', { outcome: null }],
    ['is of an unknown kind', { eventType: 'system.agent.connector' }],
    ['names the person as the actor only', { actor: { id: '00u', type: 'User' }, target: null }],
    ['names an account of an application', { target: [{ id: '0ua1', type: 'AppUser' }] }],
  ])('does nothing by an event that %s', async (_what, more) => {
    const one = hooked.event(more);
    expect(await statusOf(tell(one))).toBe(204);
    expect(await hooked.received(one.uuid)).toEqual([]);
  });

  it('is told again after it could not be recorded', async () => {
    await hooked.makeUser();
    const back = hooked.loseDatabase();
    const one = hooked.event();
    expect(await statusOf(tell(one))).toBe(503);
    back();
    expect(await statusOf(tell(one))).toBe(204);
    expect(await hooked.received(one.uuid)).toHaveLength(1);
  });

  it.each([
    ['no events', { data: {} }, 400],
    ['an event without a uuid', oktaEvents({ eventType: 'user.lifecycle.create' }), 400],
    ['an event that is a text', oktaEvents('event'), 400],
  ])('is refused with %s', async (_what, body, status) => {
    expect(await statusOf(hooked.send('/oidc/hooks/okta/events', body, { 'x-okta-secret': SECRET }))).toBe(
      status,
    );
  });

  it('is refused with a wrong secret', async () => {
    const answer = await hooked.send('/oidc/hooks/okta/events', oktaEvents(hooked.event()), {
      'x-okta-secret': NEXT,
    });
    expect([answer.status, answer.body]).toEqual([401, UNPROVEN]);
  });
});

describe('hooks', () => {
  it.each([
    ['/connections/plain/oidc/hooks/okta/token'],
    ['/connections/plain/oidc/hooks/okta/events'],
    ['/connections/plain/oidc/hooks/entra'],
    ['/connections/bare/oidc/hooks/okta/token'],
    ['/connections/unknown/oidc/hooks/entra'],
    ['/oidc/hooks/webhook/unknown'],
    ['/oidc/hooks/webhook/__proto__'],
    ['/connections/__proto__/oidc/hooks/okta/token'],
  ])('are not there where they are not configured: %s', async (path) => {
    const answer = await hooked.send(path, hooked.oktaToken(), { authorization: SECRET });
    expect([answer.status, answer.body]).toMatchObject([404, { error: 'not_found' }]);
  });

  it('take POST only', async () => {
    const answer = await hooked.send('/oidc/hooks/entra', null, {}, 'GET');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await hooked.send('/oidc/hooks/okta/events', {}, {}, 'PUT')).headers.get('allow')).toBe(
      'GET, POST',
    );
    expect(await statusOf(hooked.send('/connections/plain/oidc/hooks/entra', null, {}, 'GET'))).toBe(404);
  });

  it('are counted, by names of a closed set', async () => {
    const { text } = await hooked.bridge.admin.get('/metrics');
    expect(text).toMatch(/^idp_bridge_oidc_hooks_total\{hook="okta-events",outcome="unknown"\} [1-9]/m);
    expect(text).toMatch(/^idp_bridge_oidc_hooks_total\{hook="okta-token",outcome="refused"\} [1-9]/m);
    expect(text).toMatch(/^idp_bridge_oidc_hooks_total\{hook="okta-token",outcome="failed"\} [1-9]/m);
  });

  it('leave no secret, name or address in the log', () => {
    const log = hooked.lines.join('\n');
    expect(log).toContain('the secret is not good');
    for (const fact of [SECRET, NEXT, SIGNING, 'corp.example', 'person-', 'Ada', '00u'])
      expect(log).not.toContain(fact);
  });
});
