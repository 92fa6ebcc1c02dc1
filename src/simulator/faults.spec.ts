import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from './index.js';
import { type Client, client } from './testing.js';

let simulator: Simulator;
let call: Client;
beforeEach(async () => {
  let next = 0;
  simulator = await startSimulator({ random: () => (next = (next + 0.25) % 1) });
  call = client(simulator);
});
afterEach(() => simulator.close());

const GROUPS = '/organizations/default/groups';
const control = (method: string, path: string, body?: unknown, headers = {}): Promise<Response> =>
  fetch(`${simulator.url}/simulator/${path}`, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });

describe('faults', () => {
  it('answer a status, as often as they were told, without doing the work', async () => {
    simulator.faults.add({ match: { method: 'POST' }, kind: 'status', status: 503, times: 1 });
    expect(await call('POST', GROUPS, { name: 'devs' })).toMatchObject({
      status: 503,
      body: { message: expect.any(String) },
    });
    expect((await call('POST', GROUPS, { name: 'devs' })).status).toBe(201);
    expect(simulator.faults.list()[0]).toMatchObject({ left: 0, struck: 1 });
  });

  it('answer 429 with the given Retry-After, and any body', async () => {
    simulator.faults.set([{ kind: 'status', status: 429, retryAfter: 7, body: { message: 'slow' } }]);
    const answer = await call('GET', '/users');
    expect([answer.status, answer.headers.get('retry-after'), answer.body]).toEqual([
      429,
      '7',
      { message: 'slow' },
    ]);
  });

  it('close the connection before the work', async () => {
    simulator.faults.add({
      kind: 'dropBefore',
      match: { route: '/api/v2/organizations/{organization}/groups' },
      times: 1,
    });
    await expect(call('POST', GROUPS, { name: 'devs' })).rejects.toThrow('fetch failed');
    expect(simulator.calls.all()).toMatchObject([{ status: 0, mutation: false, fault: 'dropBefore' }]);
    expect((await call('POST', GROUPS, { name: 'devs' })).status).toBe(201);
  });

  it('close the connection after the work, which counts as a mutation', async () => {
    simulator.faults.add({ kind: 'dropAfter', times: 1 });
    await expect(call('POST', GROUPS, { name: 'devs' })).rejects.toThrow('fetch failed');
    expect(simulator.admin.group('devs').name).toBe('devs');
    expect(simulator.calls.mutations()).toMatchObject([{ status: 0, fault: 'dropAfter' }]);
  });

  it('delay and then go on, to the next fault or the work', async () => {
    const rule = simulator.faults.add({ kind: 'delay', delayMs: 30, times: 2 });
    const began = performance.now();
    expect((await call('GET', '/users')).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(25);
    simulator.faults.add({ kind: 'status', status: 502 });
    expect((await call('GET', '/users')).status).toBe(502);
    expect(rule.struck).toBe(2);
  });

  it('hang until they are cleared, then close, the work undone', async () => {
    const { id } = simulator.faults.add({ kind: 'hang', match: { method: 'POST' } });
    const hanging = call('POST', GROUPS, { name: 'devs' }).then(
      () => 'answered',
      () => 'closed',
    );
    await expect.poll(() => simulator.calls.count()).toBe(1);
    expect((await call('GET', '/users')).status).toBe(200);
    simulator.faults.clear(id);
    expect(await hanging).toBe('closed');
    expect((await call('GET', `${GROUPS}/devs`)).status).toBe(404);
  });

  it('make the token bad for everybody', async () => {
    simulator.faults.add({ kind: 'badToken' });
    const answer = await call('GET', '/users');
    expect([answer.status, answer.headers.has('www-authenticate')]).toEqual([401, true]);
    simulator.faults.clear();
    expect((await call('GET', '/users')).status).toBe(200);
  });

  it('strike only what they match: method, path, and the user in path or body', async () => {
    const { id } = simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    const devs = simulator.admin.createGroup({ name: 'devs' }).id;
    simulator.faults.set([
      { kind: 'status', status: 500, match: { user: 'ann' } },
      { kind: 'status', status: 502, match: { user: id } },
      { kind: 'status', status: 503, match: { pathPrefix: '/api/v2/org', method: 'get' } },
      { kind: 'status', status: 504, match: { pathContains: '/bui' } },
    ]);
    expect((await call('GET', '/users/ann')).status).toBe(500);
    expect((await call('POST', '/users', { username: 'ANN' })).status).toBe(500);
    expect((await call('PATCH', `/groups/${devs}`, { add_users: [id] })).status).toBe(502);
    expect((await call('GET', '/organizations')).status).toBe(503);
    expect((await call('POST', GROUPS, { name: 'ops' })).status).toBe(201);
    expect((await call('GET', '/buildinfo')).status).toBe(504);
    expect((await call('GET', '/users/me')).status).toBe(200);
  });

  it('strike by chance as the given source of chance says', async () => {
    simulator.faults.add({ kind: 'status', status: 500, probability: 0.5 });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await call('GET', '/users')).status);
    expect(statuses).toEqual([500, 200, 200, 500]); // 0.25, 0.5, 0.75, 0
  });

  it('include a Coder that is away, and comes back on the same port', async () => {
    await call('GET', '/users');
    await simulator.admin.stopListening();
    await expect(call('GET', '/users')).rejects.toThrow('fetch failed');
    await simulator.admin.startListening();
    expect((await call('GET', '/users')).status).toBe(200);
  });
});

describe('the control over HTTP', () => {
  it('puts, shows and deletes faults, and no fault strikes it', async () => {
    const rules = [{ kind: 'status', status: 503, match: { method: 'GET' }, times: 2 }, { kind: 'badToken' }];
    expect(await (await control('PUT', 'faults', { rules })).json()).toMatchObject([
      { left: 2, struck: 0 },
      { left: null },
    ]);
    expect((await call('GET', '/users')).status).toBe(503);
    expect(await (await control('GET', 'faults')).json()).toMatchObject([
      { left: 1, struck: 1 },
      { kind: 'badToken' },
    ]);
    expect((await control('DELETE', 'faults')).status).toBe(204);
    expect((await call('GET', '/users')).status).toBe(200);
  });

  it.each([
    [{ kind: 'explode' }],
    [{ kind: 'status', status: 99 }],
    [{ kind: 'status', times: 'many' }],
    [{ kind: 'status', match: { regex: '.*' } }],
    [7],
  ])('refuses the rule %j and keeps the present ones', async (rule) => {
    simulator.faults.add({ kind: 'delay', delayMs: 1 });
    expect((await control('PUT', 'faults', rule)).status).toBe(400);
    expect(simulator.faults.list()).toHaveLength(1);
  });

  it('sums up calls and resets them', async () => {
    await call('POST', GROUPS, { name: 'devs' });
    await call('GET', '/users');
    expect(await (await control('GET', 'calls')).json()).toMatchObject({
      total: 2,
      mutations: 1,
      routes: {
        'GET /api/v2/users': { calls: 1, mutations: 0 },
        'POST /api/v2/organizations/{organization}/groups': { calls: 1, mutations: 1 },
      },
      audited: 1,
    });
    expect((await control('DELETE', 'calls')).status).toBe(204);
    expect(simulator.calls.count()).toBe(0);
  });

  it('shows the newest calls with their time, and not what was sent', async () => {
    await call('GET', '/users');
    await call('POST', GROUPS, { name: 'devs' });
    const { calls } = (await (await control('GET', 'calls/newest')).json()) as { calls: object[] };
    const path = '/api/v2/organizations/default/groups';
    expect(calls.at(-1)).toEqual({
      at: expect.any(Number),
      method: 'POST',
      path,
      status: 201,
      mutation: true,
    });
    for (let read = 0; read < 250; read += 1) await call('GET', '/users');
    const later = (await (await control('GET', 'calls/newest')).json()) as { calls: object[] };
    expect(later.calls).toHaveLength(200);
  });

  it('shows users, groups and members by name', async () => {
    simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    simulator.admin.createGroup({ name: 'devs' });
    simulator.admin.addToGroup('devs', 'ann');
    expect(await (await control('GET', 'state')).json()).toMatchObject({
      users: [{ username: 'ann', status: 'active' }, { username: 'idp-bridge' }],
      groups: [
        { name: 'Everyone', members: ['idp-bridge', 'ann'] },
        { name: 'devs', members: ['ann'] },
      ],
    });
  });

  it('is not served to a caller that came by a foreign name', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example' };
      const ask = request(`${simulator.url}/simulator/state`, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      ask.on('error', reject).end();
    });
    expect(status).toBe(404);
  });
});

describe('the call log', () => {
  it('keeps what was asked in order, with route, status and body', async () => {
    await call('POST', GROUPS, { name: 'devs' });
    await call('POST', GROUPS, { name: 'devs' });
    await call('GET', '/nowhere');
    expect(simulator.calls.all()).toMatchObject([
      {
        method: 'POST',
        route: '/api/v2/organizations/{organization}/groups',
        status: 201,
        mutation: true,
        body: { name: 'devs' },
      },
      { status: 409, mutation: false },
      { route: 'unknown', status: 404 },
    ]);
    expect(simulator.calls.count('POST /api/v2/organizations/{organization}/groups')).toBe(2);
    expect(simulator.calls.countMutations()).toBe(1);
  });
});
