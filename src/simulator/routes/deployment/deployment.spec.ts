import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../index.js';
import { type Client, client } from '../../testing.js';

const clock = {
  time: Date.parse('2026-01-15T12:00:00Z'),
  now: () => clock.time,
  monotonic: () => clock.time,
};
let simulator: Simulator;
let call: Client;
beforeEach(async () => {
  clock.time = Date.parse('2026-01-15T12:00:00Z');
  simulator = await startSimulator({ clock });
  call = client(simulator);
  simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
});
afterEach(() => simulator.close());

const as = (user: string): Client => client(simulator, simulator.admin.createToken(user));

async function entitlements(): Promise<Record<string, { entitlement: string; enabled: boolean }>> {
  const { body } = await call('GET', '/entitlements');
  return body['features'] as Record<string, { entitlement: string; enabled: boolean }>;
}

describe('licences', () => {
  const jwt = (claims: unknown): string =>
    `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

  it('entitle until they expire, then in grace, then not any more, with a warning in a header', async () => {
    const quiet = await call('GET', '/users/me');
    expect(quiet.headers.get('x-coder-entitlements-warning')).toBeNull();
    clock.time += 370 * 86_400_000;
    expect(await entitlements()).toMatchObject({
      template_rbac: { entitlement: 'grace_period', enabled: true },
    });
    const warned = await call('GET', '/users/me');
    expect(warned.headers.get('x-coder-entitlements-warning')).toContain('grace');
    clock.time += 30 * 86_400_000;
    expect(await entitlements()).toMatchObject({
      template_rbac: { entitlement: 'not_entitled', enabled: false },
    });
    expect((await call('GET', '/groups')).status).toBe(403);
  });

  it('can be listed, deleted and added; without any nothing is licensed', async () => {
    const { body } = await call<{ id: number }[]>('GET', '/licenses');
    expect(body).toMatchObject([{ id: 1, claims: { feature_set: 'premium' } }]);
    expect((await call('DELETE', '/licenses/x')).status).toBe(404);
    expect((await call('DELETE', '/licenses/7')).status).toBe(404);
    expect((await call('DELETE', '/licenses/1')).status).toBe(200);
    expect((await call('GET', '/licenses')).body).toBeNull();
    expect((await call('GET', '/organizations/default/groups')).status).toBe(403);
    expect((await call('POST', '/licenses', { license: 'nonsense' })).status).toBe(400);
    const added = await call('POST', '/licenses', { license: jwt({ features: { template_rbac: 1 } }) });
    expect(added.status).toBe(201);
    expect(await entitlements()).toMatchObject({
      template_rbac: { enabled: true },
      custom_roles: { enabled: false },
    });
  });

  it('are read again at most once a minute, and only by owners', async () => {
    const path = '/licenses/refresh-entitlements';
    expect((await call('POST', path)).status).toBe(200);
    clock.time += 20_000;
    const soon = await call('POST', path);
    expect([soon.status, soon.headers.get('retry-after')]).toEqual([400, '40']);
    for (const [method, where] of [
      ['GET', '/licenses'],
      ['DELETE', '/licenses/1'],
      ['POST', path],
    ] as const) {
      expect((await as('ann')(method, where)).status).toBe(403);
    }
  });

  it('count active users against their limit, and warn only', async () => {
    simulator.admin.set({ userLimit: 1 });
    simulator.admin.suspend('ann');
    expect((await call('GET', '/entitlements')).body['warnings']).toEqual([]);
    simulator.admin.activate('ann');
    expect((await call('GET', '/entitlements')).body).toMatchObject({
      warnings: [expect.stringContaining('2 active users but is only licensed for 1')],
      features: { user_limit: { limit: 1, actual: 2 } },
    });
  });
});

describe('tokens', () => {
  it('are created with a name and a life, listed, read and deleted', async () => {
    const path = '/users/ann/keys/tokens';
    const created = await call('POST', path, { token_name: 'laptop', lifetime: 3_600_000_000_000 });
    const key = String(created.body['key']);
    expect([created.status, key]).toEqual([201, expect.stringMatching(/^\w{10}-\w{22}$/)]);
    expect((await call('POST', path, { token_name: 'laptop' })).status).toBe(409);
    expect((await call('POST', path, { lifetime: 4e17 })).status).toBe(400);
    const { body } = await call<{ id: string }[]>('GET', path);
    expect(body).toMatchObject([{ token_name: 'laptop', lifetime_seconds: 3600, username: 'ann' }]);
    const id = body[0]?.id ?? '';
    expect((await call('GET', `${path}/laptop`)).body['id']).toBe(id);
    expect((await call('GET', `/users/ann/keys/${id}`)).body['token_name']).toBe('laptop');
    expect((await client(simulator, key)('GET', '/users/me')).body['username']).toBe('ann');
    expect((await call('DELETE', `/users/ann/keys/${id}`)).status).toBe(204);
    expect((await call('DELETE', `/users/ann/keys/${id}`)).status).toBe(404);
    expect((await client(simulator, key)('GET', '/users/me')).status).toBe(401);
    expect((await call('GET', `${path}/tokenconfig`)).body['max_token_lifetime']).toBe(
      31_536_000_000_000_000,
    );
  });

  it('of others are seen by owners only', async () => {
    simulator.admin.createUser({ username: 'bob', email: 'bob@x.io', roles: ['user-admin'] });
    const token = simulator.admin.createToken('ann');
    const bob = as('bob');
    expect((await bob('GET', '/users/ann/keys/tokens')).body).toEqual([]);
    expect((await bob('DELETE', `/users/ann/keys/${token.slice(0, 10)}`)).status).toBe(404);
    expect((await bob('POST', '/users/ann/keys/tokens', {})).status).toBe(500);
  });
});

describe('the audit log', () => {
  it('shows the newest first, found by kind, action, target and organization', async () => {
    await call('POST', '/organizations/default/groups', { name: 'devs' });
    await call('PUT', '/users/ann/status/suspend');
    const { body } = await call<{ audit_logs: object[]; count: number }>('GET', '/audit?limit=10');
    expect(body).toMatchObject({
      count: 3,
      audit_logs: [
        { action: 'write', resource_type: 'user', resource_target: 'ann', user: { username: 'idp-bridge' } },
        { action: 'create', resource_type: 'group', organization: { name: 'coder' } },
        { action: 'create', resource_type: 'user', organization_id: expect.stringMatching(/^0{8}/) },
      ],
    });
    const find = async (q: string): Promise<number> =>
      Number((await call('GET', `/audit?q=${encodeURIComponent(q)}`)).body['count']);
    expect(await find('resource_type:user')).toBe(2);
    expect(await find('action:create resource_type:group resource_target:devs')).toBe(1);
    expect(await find('organization:coder')).toBe(1);
    expect(await find('username:idp-bridge')).toBe(2);
    expect(await find('date_from:2026-01-15 date_to:2026-01-15')).toBe(3);
    expect(await find('date_from:2026-01-16')).toBe(0);
    expect((await call('GET', '/audit?q=color:red')).status).toBe(400);
    expect((await call('GET', '/audit?q=date_from:soon')).status).toBe(400);
  });

  it('is for owners and auditors, and for those of the organization that is asked for', async () => {
    expect((await as('ann')('GET', '/audit')).status).toBe(403);
    simulator.admin.setOrganizationRoles('ann', ['organization-auditor']);
    expect((await as('ann')('GET', '/audit?q=organization:coder')).status).toBe(200);
    simulator.admin.setRoles('ann', ['auditor']);
    expect((await as('ann')('GET', '/audit')).status).toBe(200);
  });
});

describe('the appearance', () => {
  it('shows what was set while it is licensed', async () => {
    const body = { application_name: 'Ours', service_banner: { enabled: true, background_color: '#0000ff' } };
    expect((await call('PUT', '/appearance', body)).body).toMatchObject(body);
    expect((await call('GET', '/appearance')).body).toMatchObject(body);
    simulator.admin.set({ features: { appearance: false } });
    expect((await call('GET', '/appearance')).body['application_name']).toBe('');
    const bad = { service_banner: { enabled: true, background_color: 'blue' } };
    expect((await call('PUT', '/appearance', bad)).status).toBe(400);
    expect((await as('ann')('PUT', '/appearance', body)).status).toBe(403);
    expect((await client(simulator, '')('GET', '/appearance')).status).toBe(401);
  });
});
