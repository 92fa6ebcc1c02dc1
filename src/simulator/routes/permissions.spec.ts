import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CoderGroup, CoderUsersPage } from '../../coder/index.js';
import { type Simulator, startSimulator } from '../index.js';
import { type Client, client } from '../testing.js';

let simulator: Simulator;
let devs: string;
beforeEach(async () => {
  simulator = await startSimulator();
  for (const name of ['ann', 'bob']) simulator.admin.createUser({ username: name, email: `${name}@x.io` });
  devs = simulator.admin.createGroup({ name: 'devs' }).id;
});
afterEach(() => simulator.close());

function as(...roles: string[]): Client {
  simulator.admin.createUser({ username: 'caller', email: 'caller@x.io', roles });
  return client(simulator, simulator.admin.createToken('caller'));
}

const GROUPS = '/organizations/default/groups';
const MEMBERS = '/organizations/default/members';
const newUser = (): Record<string, unknown> => ({
  email: 'eve@x.io',
  username: 'eve',
  login_type: 'oidc',
  organization_ids: [simulator.state.defaultOrganization.id],
});

describe('a user admin', () => {
  it('manages users, members and groups and reads the sync settings', async () => {
    const call = as('user-admin');
    expect((await call('POST', '/users', newUser())).status).toBe(201);
    expect((await call('PUT', '/users/ann/status/suspend')).status).toBe(200);
    expect(
      (await call('PATCH', `/groups/${devs}`, { add_users: [simulator.admin.user('bob').id] })).status,
    ).toBe(200);
    expect((await call('DELETE', `${MEMBERS}/bob`)).status).toBe(204);
    expect((await call('GET', '/settings/idpsync/organization')).status).toBe(200);
  });

  it('may change no real role: 400', async () => {
    const call = as('user-admin');
    simulator.admin.setRoles('bob', ['auditor']);
    for (const [user, roles] of [
      ['ann', ['auditor']],
      ['bob', []],
    ] as const) {
      const { status, body } = await call('PUT', `/users/${user}/roles`, { roles });
      expect([status, String(body['message'])]).toEqual([
        400,
        expect.stringContaining('not authorized to assign role'),
      ]);
    }
    expect((await call('PUT', '/users/ann/roles', { roles: [] })).status).toBe(200);
    expect((await call('PUT', `${MEMBERS}/ann/roles`, { roles: ['organization-auditor'] })).status).toBe(400);
  });
});

describe('somebody who may only read', () => {
  it.each([
    ['POST', '/users', 403],
    ['DELETE', '/users/ann', 403],
    ['PUT', '/users/ann/roles', 403],
    ['PUT', `${MEMBERS}/ann/roles`, 403],
    ['GET', '/settings/idpsync/organization', 403],
    ['GET', '/organizations/default/settings/idpsync/groups', 403],
    ['POST', `${MEMBERS}/ann`, 404],
    ['DELETE', `${MEMBERS}/ann`, 404],
    ['PUT', '/users/ann/status/suspend', 500],
    ['PUT', '/users/ann/status/activate', 500],
    ['PUT', '/users/ann/profile', 500],
    ['POST', GROUPS, 500],
    ['DELETE', '/groups/{devs}', 500],
    ['PATCH', '/groups/{devs}', 400],
  ])('is answered %s %s with %i', async (method, path, status) => {
    const call = as('auditor');
    const bodies: Record<string, unknown> = {
      '/users': newUser(),
      '/users/ann/roles': { roles: ['auditor'] },
      [`${MEMBERS}/ann/roles`]: { roles: ['organization-auditor'] },
      '/users/ann/profile': { username: 'anna' },
      [GROUPS]: { name: 'ops' },
      '/groups/{devs}': { name: 'ops' },
    };
    const answer = await call(
      method,
      path.replace('{devs}', devs),
      method === 'GET' ? undefined : (bodies[path] ?? ''),
    );
    expect(answer.status).toBe(status);
    expect(String(answer.body['message']).includes('non-existent group member')).toBe(method === 'PATCH');
    expect(simulator.calls.countMutations()).toBe(0);
  });
});

describe('a plain member', () => {
  it('sees only itself, and its own groups without the others in them', async () => {
    const call = as();
    simulator.admin.addToGroup('devs', 'caller', 'ann');
    simulator.admin.createGroup({ name: 'ops' });
    expect((await call<CoderUsersPage>('GET', '/users')).body).toMatchObject({
      users: [{ username: 'caller' }],
      count: 1,
    });
    expect((await call('GET', '/users/ann')).status).toBe(400);
    expect((await call<unknown[]>('GET', MEMBERS)).body).toHaveLength(1);
    expect((await call('GET', '/organizations/default/paginated-members')).status).toBe(404);
    const { body } = await call<CoderGroup[]>('GET', GROUPS);
    expect(body.map(({ name }) => name)).toEqual(['Everyone', 'devs']);
    expect(body[1]).toMatchObject({ members: [{ username: 'caller' }], total_member_count: 2 });
    expect((await call('GET', `${GROUPS}/ops`)).status).toBe(404);
  });

  it('does not learn of organizations it is not in', async () => {
    simulator.admin.createOrganization('labs');
    const call = as();
    expect((await call('GET', '/organizations/labs')).status).toBe(404);
    expect((await call<unknown[]>('GET', '/organizations')).body).toHaveLength(1);
  });

  it('as an organization’s user admin manages that organization’s groups and members', async () => {
    const call = as();
    simulator.admin.setOrganizationRoles('caller', ['organization-user-admin']);
    expect((await call('POST', GROUPS, { name: 'ops' })).status).toBe(201);
    expect((await call<unknown[]>('GET', MEMBERS)).body).toHaveLength(4);
  });
});

describe('the licence', () => {
  beforeEach(() => simulator.admin.set({ features: { template_rbac: false } }));

  it('is asked for before the token on /groups, after it below organizations', async () => {
    const nobody = client(simulator, '');
    const owner = client(simulator);
    const refused = await nobody('GET', '/groups');
    expect([refused.status, String(refused.body['message'])]).toEqual([
      403,
      expect.stringContaining('Premium feature'),
    ]);
    expect((await nobody('PATCH', `/groups/${devs}`, {})).status).toBe(403);
    expect((await nobody('GET', GROUPS)).status).toBe(401);
    expect((await owner('GET', GROUPS)).status).toBe(403);
    expect((await owner('GET', '/organizations/nowhere/groups')).status).toBe(403);
  });

  it('hides the routes in the oldest profile', async () => {
    simulator.admin.set({ profile: 's-old' });
    expect((await client(simulator)('GET', GROUPS)).status).toBe(404);
  });

  it('without the audit log leaves no audit rows', async () => {
    simulator.admin.set({ features: { audit_log: false } });
    simulator.ledger.reset();
    simulator.admin.suspend('ann');
    expect(simulator.ledger.audited).toBe(0);
  });
});
