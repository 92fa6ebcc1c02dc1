import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from './index.js';
import { type Client, client } from './testing.js';

const clock = {
  time: Date.parse('2026-01-01T00:00:30Z'),
  now: () => clock.time,
  monotonic: () => clock.time,
};
let simulator: Simulator;
let call: Client;
beforeEach(async () => {
  clock.time = Date.parse('2026-01-01T00:00:30Z');
  simulator = await startSimulator({ clock });
  call = client(simulator);
});
afterEach(() => simulator.close());

describe('the transport', () => {
  it('answers liveness in plain text without a token', async () => {
    const answer = await fetch(`${simulator.url}/healthz`);
    expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([
      200,
      'OK',
      'text/plain; charset=utf-8',
    ]);
  });

  it('says its version in buildinfo and on every answer', async () => {
    const open = client(simulator, '');
    const info = await open('GET', '/buildinfo');
    expect(info.body['version']).toBe('v2.26.0');
    for (const path of ['/buildinfo', '/users', '/nowhere']) {
      expect((await open('GET', path)).headers.get('x-coder-build-version')).toBe('v2.26.0');
    }
  });

  it('shows licensed features, and active users as seats, without a token', async () => {
    simulator.admin.createUser({ username: 'ann', email: 'ann@x.io', status: 'dormant' });
    const { body } = await client(simulator, '')<{ features: Record<string, unknown> }>(
      'GET',
      '/entitlements',
    );
    expect(body.features['template_rbac']).toEqual({ entitlement: 'entitled', enabled: true });
    expect(body.features['scim']).toEqual({ entitlement: 'not_entitled', enabled: false });
    expect(body.features['user_limit']).toMatchObject({ actual: 1 });
  });

  it('answers an unknown route with 404 and the error shape, and an unknown method with 405', async () => {
    expect(await call('GET', '/nowhere')).toMatchObject({
      status: 404,
      body: { message: 'Route not found.' },
    });
    expect((await call('GET', '/scim/v2/Users')).status).toBe(404);
    expect((await call('DELETE', '/users')).status).toBe(405);
  });

  it.each([
    ['no token', '', 'must be provided'],
    ['a malformed token', 'nonsense', 'format'],
    ['a token with two hyphens', 'aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb-c', 'format'],
    ['an unknown token', 'aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb', 'invalid'],
  ])('refuses %s with 401, a challenge and the reason in detail', async (_, token, detail) => {
    const answer = await client(simulator, token)('GET', '/users/me');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.body['message']).toContain('signed out');
    expect(answer.body['detail']).toContain(detail);
  });

  it('refuses a wrong secret and an expired token', async () => {
    const wrong = `${simulator.token.slice(0, 11)}${'x'.repeat(22)}`;
    expect((await client(simulator, wrong)('GET', '/users/me')).body['detail']).toContain('secret');
    const short = simulator.admin.createToken('idp-bridge', clock.time + 1000);
    expect((await client(simulator, short)('GET', '/users/me')).status).toBe(200);
    clock.time += 1000;
    expect((await client(simulator, short)('GET', '/users/me')).body['detail']).toContain('expired');
  });

  it('quotes the status to a suspended owner of a token, and wakes a dormant one', async () => {
    simulator.admin.createUser({ username: 'ann', email: 'ann@x.io', status: 'dormant' });
    const ann = client(simulator, simulator.admin.createToken('ann'));
    expect((await ann('GET', '/users/me')).body['status']).toBe('active');
    simulator.admin.suspend('ann');
    const refused = await ann('GET', '/users/me');
    expect([refused.status, String(refused.body['message'])]).toEqual([
      401,
      expect.stringContaining('"suspended"'),
    ]);
  });

  it.each([
    ['an empty body', ''],
    ['broken JSON', '{'],
    ['an array', '[]'],
    ['a value of a wrong type', '{"name":7}'],
  ])('refuses %s as invalid JSON', async (_, text) => {
    const answer = await call('POST', '/organizations/default/groups', text);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('valid JSON') } });
  });

  it('ignores unknown fields and prototype keys in a body', async () => {
    const text = '{"name":"devs","colour":"red","__proto__":{"display_name":"x"}}';
    const answer = await call('POST', '/organizations/default/groups', text);
    expect(answer).toMatchObject({ status: 201, body: { display_name: '' } });
  });
});

describe('the limit of requests', () => {
  it('counts per path and answers 429 with the whole window as Retry-After', async () => {
    simulator.admin.set({ rateLimit: 3 });
    const remaining: (string | null)[] = [];
    for (let i = 0; i < 3; i += 1)
      remaining.push((await call('GET', '/users')).headers.get('x-ratelimit-remaining'));
    expect(remaining).toEqual(['2', '1', '0']);
    const refused = await call('GET', '/users');
    expect(refused.status).toBe(429);
    expect(Object.keys(refused.body)).toEqual(['message']);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(refused.headers.get('x-ratelimit-limit')).toBe('3');
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBe(Date.parse('2026-01-01T00:01:00Z') / 1000);
    expect((await call('GET', '/organizations')).status).toBe(200);
  });

  it('stands before the token, slides with the window, and can be switched off', async () => {
    simulator.admin.set({ rateLimit: 2 });
    for (let i = 0; i < 2; i += 1) await client(simulator, '')('GET', '/users/me');
    expect((await call('GET', '/users/me')).status).toBe(429);
    clock.time += 45_000; // A quarter of the next window: three quarters of the old count still stand.
    expect((await call('GET', '/users/me')).status).toBe(429);
    clock.time += 30_000;
    expect((await call('GET', '/users/me')).status).toBe(200);
    simulator.admin.set({ rateLimit: -1 });
    for (let i = 0; i < 5; i += 1) expect((await call('GET', '/users/me')).status).toBe(200);
  });
});
