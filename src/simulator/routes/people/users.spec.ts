import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CoderUser, CoderUsersPage } from '../../../coder/index.js';
import { type Simulator, startSimulator } from '../../index.js';
import { type Client, client } from '../../testing.js';

let simulator: Simulator;
let call: Client;
beforeEach(async () => {
  simulator = await startSimulator();
  call = client(simulator);
});
afterEach(() => simulator.close());

function people(...names: string[]): void {
  for (const name of names)
    simulator.admin.createUser({ username: name, email: `${name}@x.io`, name: `${name} A` });
}

async function search(query: string): Promise<string[]> {
  const { body } = await call<CoderUsersPage>('GET', `/users?${query}`);
  return body.users.map((user) => user.username);
}

describe('listing users', () => {
  it('orders by the lower username, pages by limit and offset, and counts all matches', async () => {
    people('Zoe', 'ann', 'Bob');
    expect(await search('')).toEqual(['ann', 'Bob', 'idp-bridge', 'Zoe']);
    const { body } = await call<CoderUsersPage>('GET', '/users?limit=2&offset=1');
    expect(body.users.map((user) => user.username)).toEqual(['Bob', 'idp-bridge']);
    expect(body.count).toBe(4);
  });

  it('counts only what lies behind after_id, and nothing on an empty page', async () => {
    people('ann', 'bob', 'cid');
    const after = simulator.admin.user('ann').id;
    const { body } = await call<CoderUsersPage>('GET', `/users?after_id=${after}&limit=1`);
    expect([body.users[0]?.username, body.count]).toEqual(['bob', 3]);
    expect((await call('GET', `/users?offset=50`)).body).toEqual({ users: [], count: 0 });
    expect((await call('GET', `/users?after_id=11111111-1111-4111-8111-111111111111`)).body).toEqual({
      users: [],
      count: 0,
    });
  });

  it.each(['limit=-1', 'limit=x', 'offset=99999999999', 'after_id=ann'])(
    'refuses the page %s',
    async (query) => {
      const { status, body } = await call('GET', `/users?${query}`);
      expect([status, body['validations']]).toEqual([
        400,
        [expect.objectContaining({ field: query.split('=')[0] })],
      ]);
    },
  );

  it('searches a substring of email or username, never an exact match', async () => {
    people('ann', 'joann', 'bob');
    expect(await search('q=ANN')).toEqual(['ann', 'joann']);
    expect(await search('q=ann@x.io')).toEqual(['ann', 'joann']);
    expect(await search('q=a_n')).toEqual(['ann', 'joann']);
    expect(await search('q=o%25n')).toEqual(['joann']);
    expect(await search('q=nobody')).toEqual([]);
  });

  it('filters by status, role and login type, all at once', async () => {
    people('ann', 'bob');
    simulator.admin.suspend('bob');
    simulator.admin.updateUser('ann', { login_type: 'github' });
    expect(await search('q=status:suspended')).toEqual(['bob']);
    expect(await search('q=status:active,suspended')).toEqual(['ann', 'bob', 'idp-bridge']);
    expect(await search('q=role:owner')).toEqual(['idp-bridge']);
    expect(await search('q=role:member')).toEqual(['ann', 'bob', 'idp-bridge']);
    expect(await search('q=login_type:github+status:active+ann')).toEqual(['ann']);
    expect(await search('q=created_after:"2999-01-01T00:00:00Z"')).toEqual([]);
    expect(await search('q=created_before:"2999-01-01T00:00:00Z"+role:owner')).toEqual(['idp-bridge']);
  });

  it.each(['a:b:c', ':a', 'status:', 'colour:red', 'status:asleep', 'created_after:soon'])(
    'refuses the query %s',
    async (q) => {
      expect((await call('GET', `/users?q=${encodeURIComponent(q)}`)).status).toBe(400);
    },
  );

  it('hides deleted users', async () => {
    people('ann');
    simulator.admin.deleteUser('ann');
    expect(await search('')).toEqual(['idp-bridge']);
  });
});

describe('one user', () => {
  it('is found by uuid, by username in any case, and as me, but not by email', async () => {
    people('ann');
    const { id } = simulator.admin.user('ann');
    for (const user of [id, 'ann', 'ANN']) expect((await call('GET', `/users/${user}`)).body['id']).toBe(id);
    expect((await call('GET', '/users/me')).body['username']).toBe('idp-bridge');
    expect((await call('GET', '/users/ann@x.io')).status).toBe(400);
    expect((await call('GET', '/users/11111111-1111-4111-8111-111111111111')).status).toBe(400);
  });

  it('has the documented fields, without empty name and avatar', async () => {
    simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    const { body } = await call<CoderUser>('GET', '/users/ann');
    expect(body).toMatchObject({
      status: 'active',
      login_type: 'oidc',
      roles: [],
      last_seen_at: '0001-01-01T00:00:00Z',
    });
    expect(body.organization_ids).toEqual([simulator.state.defaultOrganization.id]);
    expect(Object.keys(body)).not.toContain('name');
    expect(Object.keys(body)).not.toContain('avatar_url');
  });

  it('still answers by uuid when deleted, and frees username and email', async () => {
    people('ann');
    const { id } = simulator.admin.user('ann');
    expect((await call('DELETE', '/users/ann')).body).toHaveProperty('message');
    expect((await call('GET', `/users/${id}`)).status).toBe(200);
    expect((await call('GET', '/users/ann')).status).toBe(400);
    expect((await call('DELETE', `/users/${id}`)).status).toBe(200);
    expect((await call('DELETE', '/users/ann')).status).toBe(400);
    people('ann');
    expect((await call('GET', '/users/ann')).body['id']).not.toBe(id);
  });

  it('cannot be deleted while it owns workspaces, nor by itself', async () => {
    people('ann');
    simulator.admin.setWorkspaces('ann', 2);
    expect((await call('DELETE', '/users/ann')).status).toBe(417);
    expect((await call('DELETE', '/users/me')).status).toBe(403);
    simulator.admin.setWorkspaces('ann', 0);
    expect((await call('DELETE', '/users/ann')).status).toBe(200);
  });

  it('loses its tokens when deleted', async () => {
    people('ann');
    const token = simulator.admin.createToken('ann');
    await call('DELETE', '/users/ann');
    expect((await client(simulator, token)('GET', '/users/me')).status).toBe(401);
  });

  it('takes a new username, keeps its own, clears an omitted name, and refuses another’s username', async () => {
    people('ann', 'bob');
    expect((await call('PUT', '/users/ann/profile', { username: 'anna', name: 'Ann B' })).body).toMatchObject(
      {
        username: 'anna',
        name: 'Ann B',
      },
    );
    expect((await call('PUT', '/users/anna/profile', { username: 'anna' })).body).not.toHaveProperty('name');
    expect((await call('PUT', '/users/anna/profile', { username: 'BOB', name: '' })).status).toBe(409);
    const refused = await call('PUT', '/users/anna/profile', { username: 'a.b', name: ' Ann' });
    expect([refused.status, refused.body['validations']]).toMatchObject([
      400,
      [{ field: 'username' }, { field: 'name' }],
    ]);
    expect(await search('q=ann')).toEqual(['anna']);
  });

  it('is suspended and activated, and told of it every time', async () => {
    people('ann');
    simulator.ledger.reset();
    for (let i = 0; i < 2; i += 1)
      expect((await call('PUT', '/users/ann/status/suspend')).body['status']).toBe('suspended');
    expect(simulator.ledger.notified('user suspended')).toBe(2);
    expect((await call('PUT', '/users/ann/status/activate')).body['status']).toBe('active');
    expect(simulator.ledger.notified('user activated')).toBe(1);
    expect(simulator.ledger.audited).toBe(3);
  });

  it('becomes active from dormant by activation', async () => {
    simulator.admin.createUser({ username: 'ann', email: 'ann@x.io', status: 'dormant' });
    expect((await call('PUT', '/users/ann/status/activate')).body['status']).toBe('active');
  });

  it('cannot be suspended by itself or as an owner', async () => {
    people('ann');
    simulator.admin.setRoles('ann', ['owner']);
    expect((await call('PUT', '/users/me/status/suspend')).status).toBe(400);
    const refused = await call('PUT', '/users/ann/status/suspend');
    expect([refused.status, String(refused.body['message'])]).toEqual([
      400,
      expect.stringContaining('"owner"'),
    ]);
  });

  it('keeps memberships while suspended', async () => {
    people('ann');
    simulator.admin.createGroup({ name: 'devs' });
    simulator.admin.addToGroup('devs', 'ann');
    await call('PUT', '/users/ann/status/suspend');
    expect(simulator.admin.membersOf('devs')).toEqual(['ann']);
    expect((await call<unknown[]>('GET', '/users/ann/organizations')).body).toHaveLength(1);
  });
});
