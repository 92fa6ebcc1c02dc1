import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { AdminClient, useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const GROUPS_LIST = { method: 'GET', route: '/api/v2/organizations/{organization}/groups' };
const USERS_LIST = { method: 'GET', route: '/api/v2/users' };

describe('a full sync', () => {
  const bridge = useBridge();
  let crew: string[] = [];

  beforeAll(async () => {
    const { scim } = bridge;
    crew = await Promise.all(['ann', 'bob', 'cyd'].map((name) => scim.postUser(name)));
    await scim.postGroup('Crew', crew);
    await bridge.untilSettled();
  });

  it('finds nothing where nothing differs, in one list of users and one of groups', async () => {
    const { simulator, admin } = bridge;
    simulator.calls.reset();
    const synced = await admin.sync();
    expect(synced).toMatchObject({
      status: 200,
      body: {
        outcome: 'done',
        users: { compared: 3, differing: 0 },
        groups: { compared: 1, differing: 0 },
        retried: 0,
      },
    });
    // And one look whether the bridge's account still sees everything.
    expect(simulator.calls.count()).toBe(3);
  });

  it('suspends again whom somebody activated behind the back', async () => {
    const { scim, simulator, admin } = bridge;
    const leaver = await scim.postUser('leaver');
    await bridge.untilSettled();
    await scim.deactivate(leaver);
    await bridge.untilSettled();
    simulator.admin.activate('leaver');
    expect((await admin.sync()).body).toMatchObject({ users: { differing: 1 } });
    await bridge.untilSettled();
    expect(simulator.admin.user('leaver').status).toBe('suspended');
  });

  it('suspends again whom the IdP deleted and somebody activated', async () => {
    const { scim, simulator, admin } = bridge;
    const former = await scim.postUser('former');
    await bridge.untilSettled();
    await scim.deleteUser(former);
    await bridge.untilSettled();
    simulator.admin.activate('former');
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.user('former').status).toBe('suspended');
  });

  it('brings back a member that somebody removed, and leaves one that somebody added', async () => {
    const { simulator, admin } = bridge;
    simulator.admin.createUser({ username: 'stranger', email: 'stranger@example.org' });
    simulator.admin.removeFromGroup('crew', 'ann');
    simulator.admin.addToGroup('crew', 'stranger');
    expect((await admin.sync()).body).toMatchObject({ groups: { differing: 1 } });
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('crew')).toEqual(['ann', 'bob', 'cyd', 'stranger']);
    simulator.admin.removeFromGroup('crew', 'stranger');
  });

  it('leaves a member whom the IdP withdrew and somebody brought back: that is a fact of theirs now', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postGroup('Secret', crew);
    await bridge.untilSettled();
    await scim.removeMembers(id, crew[0] ?? '');
    await bridge.untilSettled();
    simulator.admin.addToGroup('secret', 'ann');
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('secret')).toEqual(['ann', 'bob', 'cyd']);
    await scim.deleteGroup(id);
    await bridge.untilSettled();
  });

  it('names a group again as it was, and makes one anew that somebody deleted', async () => {
    const { scim, simulator, admin } = bridge;
    await scim.postGroup('Doomed', crew);
    await bridge.untilSettled();
    simulator.admin.renameGroup('crew', 'hijacked');
    simulator.admin.deleteGroup('doomed');
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('crew')).toEqual(['ann', 'bob', 'cyd']);
    expect(simulator.admin.membersOf('doomed')).toEqual(['ann', 'bob', 'cyd']);
    expect(() => simulator.admin.group('hijacked')).toThrow('no group');
  });

  it('brings back who was taken out of the organization, and into the groups', async () => {
    const { simulator, admin } = bridge;
    simulator.admin.removeFromOrganization('bob');
    expect(simulator.admin.membersOf('crew')).toEqual(['ann', 'cyd']);
    await admin.sync();
    await eventually(async () => {
      await bridge.untilSettled();
      expect(simulator.admin.membersOf('crew')).toEqual(['ann', 'bob', 'cyd']);
    });
  });

  it('makes an account anew that somebody deleted', async () => {
    const { simulator, admin } = bridge;
    const { id } = simulator.admin.user('cyd');
    simulator.admin.deleteUser('cyd');
    await admin.sync();
    await eventually(async () => {
      await bridge.untilSettled();
      expect(simulator.admin.membersOf('crew')).toEqual(['ann', 'bob', 'cyd']);
    });
    expect(simulator.admin.user('cyd').id).not.toBe(id);
  });

  it('leaves in peace what the directory has nothing to do with', async () => {
    const { simulator, admin } = bridge;
    simulator.admin.createUser({ username: 'outsider', email: 'outsider@example.org' });
    simulator.admin.createGroup({ name: 'outsiders' });
    simulator.admin.addToGroup('outsiders', 'outsider');
    simulator.calls.reset();
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
  });

  it('is for the admin alone', async () => {
    const { admin, scim } = bridge;
    for (const token of [null, 'wrong', String(scim.token)]) {
      const answer = await new AdminClient(admin.base, token).sync();
      expect(answer).toMatchObject({ status: 401, body: { error: 'unauthorized' } });
    }
  });

  it('runs once at a time: a second one is told so', async () => {
    const { simulator, admin } = bridge;
    const slow = simulator.faults.add({ kind: 'delay', delayMs: 5_000, match: USERS_LIST, times: 1 });
    const first = admin.sync();
    await eventually(() => expect(slow.struck).toBe(1));
    expect(await admin.sync()).toMatchObject({ status: 409, body: { outcome: 'busy' } });
    expect((await first).body.outcome).toBe('done');
  });
});

describe('a full sync whose lists are not to be trusted', () => {
  const bridge = useBridge();

  // More than a page of users, so that the second page can fail.
  beforeAll(async () => {
    const { scim, simulator } = bridge;
    for (let at = 0; at < 1_100; at += 1) {
      simulator.admin.createUser({ username: `bulk-${at}`, email: `bulk-${at}@example.org` });
    }
    const user = await scim.postUser('zoe');
    await scim.postGroup('Crew', [user]);
    await bridge.untilSettled();
  });

  afterEach(() => bridge.simulator.faults.clear());

  const user = {
    id: '8d6c0f5e-6d3a-4f0c-9a38-7f6f0b1d7a10',
    username: 'only',
    email: 'only@example.org',
    status: 'active',
    created_at: '2026-01-01T00:00:00Z',
    organization_ids: [],
    roles: [],
  };

  /** Everything is as it was, and a full sync without the fault finds so. */
  async function expectNothingLost(): Promise<void> {
    const { simulator, admin } = bridge;
    simulator.faults.clear();
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
    expect(simulator.admin.membersOf('crew')).toEqual(['zoe']);
    expect((await admin.sync()).body).toMatchObject({ outcome: 'done', users: { differing: 0 } });
  }

  it('(500 on the second page of users) says so with 502, and takes nothing away', async () => {
    const { simulator, admin } = bridge;
    simulator.calls.reset();
    const first = simulator.faults.add({ kind: 'delay', delayMs: 500, match: USERS_LIST, times: 1 });
    const syncing = admin.sync();
    await eventually(() => expect(first.struck).toBe(1));
    const second = simulator.faults.add({ kind: 'status', status: 500, match: USERS_LIST });
    expect(await syncing).toMatchObject({
      status: 502,
      body: { outcome: 'failed', reason: expect.stringContaining('GET /users: 500') },
    });
    expect(second.struck).toBe(1);
    expect(simulator.calls.count('GET /api/v2/users')).toBe(2);
    await expectNothingLost();
  });

  it.each([
    ['a list of users of the wrong shape', { kind: 'status', status: 200, body: [], match: USERS_LIST }],
    ['no users at all', { kind: 'status', status: 200, body: { users: [], count: 0 }, match: USERS_LIST }],
    [
      'fewer users than the count',
      { kind: 'status', status: 200, body: { users: [user], count: 9 }, match: USERS_LIST },
    ],
    ['500 for the list of groups', { kind: 'status', status: 500, match: GROUPS_LIST }],
    [
      'a list of groups of the wrong shape',
      { kind: 'status', status: 200, body: { groups: [] }, match: GROUPS_LIST },
    ],
    ['no groups at all, not even Everyone', { kind: 'status', status: 200, body: [], match: GROUPS_LIST }],
    ['a list that breaks off', { kind: 'dropAfter', match: GROUPS_LIST }],
    [
      'an ingress that has lost Coder',
      { kind: 'status', status: 404, body: 'default backend', match: GROUPS_LIST },
    ],
  ] as const)('(%s) says so with 502, and takes nothing away', async (_what, rule) => {
    const { simulator, admin } = bridge;
    simulator.calls.reset();
    const fault = simulator.faults.add(rule);
    const answer = await admin.sync();
    expect(fault.struck).toBeGreaterThan(0);
    expect(answer).toMatchObject({ status: 502, body: { outcome: 'failed', reason: expect.any(String) } });
    await expectNothingLost();
  });
});
