import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CoderGroup } from '../../../coder/index.js';
import { type Simulator, startSimulator } from '../../index.js';
import { type Answered, type Client, client } from '../../testing.js';

let simulator: Simulator;
let call: Client;
let devs: string;
let everyone: string;
beforeEach(async () => {
  simulator = await startSimulator();
  call = client(simulator);
  for (const name of ['ann', 'bob', 'cid'])
    simulator.admin.createUser({ username: name, email: `${name}@x.io` });
  devs = simulator.admin.createGroup({ name: 'devs', display_name: 'Developers' }).id;
  everyone = simulator.state.defaultOrganization.id;
  simulator.ledger.reset();
});
afterEach(() => simulator.close());

const GROUPS = '/organizations/default/groups';
const id = (name: string): string => simulator.admin.user(name).id;
const patch = (body: unknown, group = devs): Promise<Answered> => call('PATCH', `/groups/${group}`, body);

describe('creating groups', () => {
  it('answers 201 with no members and source user', async () => {
    const fields = { name: 'ops', display_name: 'Operations', avatar_url: '/a.png', quota_allowance: 7 };
    const { status, body } = await call('POST', GROUPS, fields);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...fields,
      members: [],
      total_member_count: 0,
      source: 'user',
      organization_id: everyone,
    });
  });

  it.each([
    [{ name: '' }, 400],
    [{ name: 'new' }, 400],
    [{ name: 'a b' }, 400],
    [{ name: 'a'.repeat(256) }, 400],
    [{ name: 'a'.repeat(255) }, 201],
    [{ name: 'Everyone' }, 400],
    [{ name: 'everyone' }, 201],
    [{ name: 'devs' }, 409],
    [{ name: 'Devs' }, 201],
    [{ name: 'ops', display_name: 'x'.repeat(65) }, 400],
    [{ name: 'ops', display_name: ' x' }, 400],
  ])('%j is answered with %i', async (fields, status) => {
    expect((await call('POST', GROUPS, fields)).status).toBe(status);
  });

  it('narrows a quota to 32 bits unchecked', async () => {
    expect(
      (await call('POST', GROUPS, { name: 'ops', quota_allowance: 2 ** 32 - 5 })).body['quota_allowance'],
    ).toBe(-5);
  });

  it('allows the same name in another organization', async () => {
    simulator.admin.createOrganization('labs');
    expect((await call('POST', '/organizations/labs/groups', { name: 'devs' })).status).toBe(201);
  });
});

describe('reading groups', () => {
  it('lists all of an organization with their members, Everyone among them', async () => {
    simulator.admin.addToGroup('devs', 'ann', 'bob');
    simulator.admin.suspend('bob');
    const { body } = await call<CoderGroup[]>('GET', GROUPS);
    expect(body.map(({ name }) => name)).toEqual(['Everyone', 'devs']);
    expect(body[0]?.total_member_count).toBe(4);
    expect(body[1]?.members.map(({ username, status }) => [username, status])).toEqual([
      ['ann', 'active'],
      ['bob', 'suspended'],
    ]);
    expect(Object.keys(body[1]?.members[0] ?? {})).not.toContain('roles');
  });

  it('hides deleted users', async () => {
    simulator.admin.addToGroup('devs', 'ann', 'bob');
    await call('DELETE', '/users/ann');
    expect((await call('GET', `/groups/${devs}`)).body).toMatchObject({
      total_member_count: 1,
      members: [{ username: 'bob' }],
    });
  });

  it('finds by exact name in the organization, and by uuid only elsewhere', async () => {
    expect((await call('GET', `${GROUPS}/devs`)).body['id']).toBe(devs);
    expect((await call('GET', `${GROUPS}/Devs`)).status).toBe(404);
    expect((await call('GET', `/groups/${devs}`)).body['name']).toBe('devs');
    expect((await call('GET', '/groups/devs')).status).toBe(400);
    expect((await call('GET', '/groups/11111111-1111-4111-8111-111111111111')).status).toBe(404);
  });

  it('filters by organization, member and ids; unknown names are 400, unknown uuids find nothing', async () => {
    simulator.admin.addToGroup('devs', 'ann');
    const names = async (query: string): Promise<unknown> => {
      const { body } = await call<CoderGroup[]>('GET', `/groups?${query}`);
      return body.map(({ name }) => name);
    };
    expect(await names('')).toEqual(['Everyone', 'devs']);
    expect(await names('has_member=ann')).toEqual(['Everyone', 'devs']);
    expect(await names(`has_member=${id('bob')}`)).toEqual(['Everyone']);
    expect(await names(`group_ids=${devs},${devs}&organization=coder`)).toEqual(['devs']);
    expect(await names('organization=11111111-1111-4111-8111-111111111111')).toEqual([]);
    for (const query of ['organization=nowhere', 'has_member=nobody', 'group_ids=devs', 'colour=red']) {
      expect((await call('GET', `/groups?${query}`)).status).toBe(400);
    }
  });
});

describe('patching groups', () => {
  it('adds and removes members by uuid, and writes one audit row', async () => {
    simulator.admin.addToGroup('devs', 'cid');
    simulator.ledger.reset();
    const { status, body } = await patch({ add_users: [id('ann'), id('bob')], remove_users: [id('cid')] });
    expect([status, body['total_member_count']]).toEqual([200, 2]);
    expect(simulator.admin.membersOf('devs')).toEqual(['ann', 'bob']);
    expect(simulator.ledger.audited).toBe(1);
  });

  it.each([['a member again'], ['one id twice']])(
    'adding %s is 400 and rolls everything back',
    async (which) => {
      if (which === 'a member again') simulator.admin.addToGroup('devs', 'ann');
      const before = simulator.admin.membersOf('devs');
      const { status, body } = await patch({
        name: 'other',
        add_users: [id('bob'), id('ann'), ...(which === 'one id twice' ? [id('ann')] : [])],
      });
      expect([status, String(body['message'])]).toEqual([
        400,
        expect.stringContaining('same user to a group twice'),
      ]);
      expect(simulator.admin.membersOf('devs')).toEqual(before);
      expect(simulator.admin.group(devs).name).toBe('devs');
      expect(simulator.calls.countMutations()).toBe(0);
    },
  );

  it('removes a non-member quietly, and adds then removes an id in both lists', async () => {
    expect((await patch({ remove_users: [id('ann')] })).status).toBe(200);
    expect((await patch({ add_users: [id('ann')], remove_users: [id('ann')] })).status).toBe(200);
    expect(simulator.admin.membersOf('devs')).toEqual([]);
  });

  it.each(['add_users', 'remove_users'])('wants uuids of members of the organization in %s', async (list) => {
    simulator.admin.createUser({ username: 'dan', email: 'dan@x.io', organization_ids: [] });
    const gone = id('cid');
    simulator.admin.deleteUser('cid');
    expect((await patch({ [list]: ['ann'] })).body['message']).toContain('valid user UUID');
    for (const user of [id('dan'), gone, '11111111-1111-4111-8111-111111111111']) {
      const { status, body } = await patch({ [list]: [user] });
      expect([status, String(body['message'])]).toEqual([
        400,
        expect.stringContaining('must be a member of organization "devs"'),
      ]);
    }
  });

  it('leaves alone what is absent or null, and clears an empty display name', async () => {
    expect((await patch({ name: '', display_name: null, quota_allowance: 3 })).body).toMatchObject({
      name: 'devs',
      display_name: 'Developers',
      quota_allowance: 3,
    });
    expect((await patch({ name: 'devs', display_name: '' })).body).toMatchObject({
      name: 'devs',
      display_name: '',
    });
  });

  it('renames, but not to a taken or reserved name', async () => {
    simulator.admin.createGroup({ name: 'ops' });
    expect((await patch({ name: 'ops' })).status).toBe(409);
    expect((await patch({ name: 'Everyone' })).status).toBe(400);
    expect((await patch({ name: 'create' })).status).toBe(400);
    expect((await patch({ name: 'makers' })).body['name']).toBe('makers');
    expect((await call('GET', `${GROUPS}/devs`)).status).toBe(404);
    expect((await call('POST', GROUPS, { name: 'devs' })).status).toBe(201);
  });

  it('checks the ids before the name', async () => {
    simulator.admin.createGroup({ name: 'ops' });
    expect((await patch({ name: 'ops', add_users: ['ann'] })).status).toBe(400);
  });

  it('lets only quota and avatar of Everyone change', async () => {
    expect((await patch({ name: 'all' }, everyone)).status).toBe(400);
    expect((await patch({ display_name: 'All' }, everyone)).status).toBe(400);
    expect((await patch({ add_users: [id('ann')] }, everyone)).status).toBe(403);
    expect((await patch({ remove_users: ['x'] }, everyone)).status).toBe(403);
    expect(
      (await patch({ name: 'Everyone', display_name: '', quota_allowance: 5 }, everyone)).body[
        'quota_allowance'
      ],
    ).toBe(5);
  });

  it('takes fifty patches at once without losing one', async () => {
    const users = Array.from(
      { length: 50 },
      (_, i) => simulator.admin.createUser({ username: `u${i}`, email: `u${i}@x.io` }).id,
    );
    await Promise.all(users.map((user) => patch({ add_users: [user] })));
    expect(simulator.admin.membersOf('devs')).toHaveLength(50);
  });
});

describe('deleting groups', () => {
  it('answers a message, takes the members along, and makes a new id the next time', async () => {
    simulator.admin.addToGroup('devs', 'ann');
    expect((await call('DELETE', `/groups/${devs}`)).body).toEqual({
      message: expect.stringContaining('deleted'),
    });
    expect((await call('DELETE', `/groups/${devs}`)).status).toBe(404);
    const { body } = await call('POST', GROUPS, { name: 'devs' });
    expect(body).toMatchObject({ members: [] });
    expect(body['id']).not.toBe(devs);
  });

  it('refuses Everyone', async () => {
    expect((await call('DELETE', `/groups/${everyone}`)).status).toBe(400);
  });
});
