import { describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { useBridge } from '../support/bridge.js';

const POST_GROUP = 'POST /api/v2/organizations/{organization}/groups';
const PATCH_GROUP = 'PATCH /api/v2/groups/{group}';
const DELETE_GROUP = 'DELETE /api/v2/groups/{group}';

describe('a group in Coder', () => {
  const bridge = useBridge();

  it('has a name made from the displayName, which stays its display name', async () => {
    const { scim, simulator } = bridge;
    await scim.postGroup('Équipe R&D (Zürich)');
    await bridge.untilSettled();
    expect(simulator.admin.group('equipe-r-d-zurich')).toMatchObject({ display_name: 'Équipe R&D (Zürich)' });
  });

  it('whose name would clash with another one of ours gets -2, and keeps it', async () => {
    const { scim, simulator } = bridge;
    const [first, second] = [await scim.postGroup('Data Team'), await scim.postGroup('data.team')];
    await bridge.untilSettled();
    const names = [simulator.admin.group('data-team'), simulator.admin.group('data-team-2')];
    expect(names.map((group) => group.display_name).toSorted()).toEqual(['Data Team', 'data.team']);
    await scim.deleteGroup(first);
    await bridge.untilSettled();
    const ann = await scim.postUser('ann-of-data');
    await scim.addMembers(second, ann);
    await bridge.untilSettled();
    const left = [...simulator.state.groups.values()].find((group) => group.display_name === 'data.team');
    expect(simulator.admin.membersOf(left?.id ?? '')).toEqual(['ann-of-data']);
  });

  it('of somebody else with the same name is a reported conflict, and stays as it is', async () => {
    const { scim, simulator, admin } = bridge;
    const foreign = simulator.admin.createGroup({ name: 'ops' });
    simulator.calls.reset();
    const ann = await scim.postUser('ann-of-ops');
    const id = await scim.postGroup('Ops', [ann]);
    await bridge.untilSettled();
    const [failure] = await admin.failures();
    expect(failure).toMatchObject({ name: 'Ops', failure: { kind: 'uniqueness', step: 'adoptGroup' } });
    expect(failure?.failure.detail).toContain('"ops"');
    expect(simulator.calls.countMutations(PATCH_GROUP)).toBe(0);
    expect(simulator.admin.membersOf(foreign.id)).toEqual([]);
    // Out of the way, it is made at the next full sync.
    simulator.admin.renameGroup(foreign.id, 'old-ops');
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('ops')).toEqual(['ann-of-ops']);
    expect(await admin.failures()).toEqual([]);
    await scim.deleteGroup(id);
    await bridge.untilSettled();
  });

  it('is renamed with its members in place', async () => {
    const { scim, simulator } = bridge;
    const user = await scim.postUser('renate');
    const id = await scim.postGroup('Before', [user]);
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.group('before');
    simulator.calls.reset();
    await scim.renameGroup(id, 'After');
    await bridge.untilSettled();
    expect(simulator.admin.group('after')).toMatchObject({ id: coderId, display_name: 'After' });
    expect(simulator.admin.membersOf('after')).toEqual(['renate']);
    expect(simulator.calls.mutations()).toMatchObject([{ method: 'PATCH', body: { name: 'after' } }]);
  });

  it('that cannot be renamed, for the name is taken by somebody else, still follows its members', async () => {
    const { scim, simulator, admin } = bridge;
    const [kept, lost] = [await scim.postUser('kept'), await scim.postUser('lost')];
    const id = await scim.postGroup('Mine', [kept, lost]);
    await bridge.untilSettled();
    simulator.admin.createGroup({ name: 'theirs' });
    await scim.patchGroup(
      id,
      { op: 'replace', path: 'displayName', value: 'Theirs' },
      { op: 'remove', path: `members[value eq "${lost}"]` },
    );
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('mine')).toEqual(['kept']);
    expect(await admin.failures()).toMatchObject([{ failure: { kind: 'uniqueness', step: 'patchGroup' } }]);
    await scim.renameGroup(id, 'Mine');
    await bridge.untilSettled();
    expect(await admin.failures()).toEqual([]);
  });

  it('is removed with the group in the directory', async () => {
    const { scim, simulator } = bridge;
    const user = await scim.postUser('short');
    const id = await scim.postGroup('Short-lived', [user]);
    await bridge.untilSettled();
    simulator.calls.reset();
    await scim.deleteGroup(id);
    await bridge.untilSettled();
    expect(() => simulator.admin.group('short-lived')).toThrow('no group');
    expect(simulator.calls.countMutations(DELETE_GROUP)).toBe(1);
    expect(simulator.admin.user('short').status).toBe('dormant');
  });

  it('takes 250 members in three PATCHes, and gives them back in three', async () => {
    const { scim, simulator } = bridge;
    const users = await Promise.all(Array.from({ length: 250 }, (_none, at) => scim.postUser(`crowd-${at}`)));
    await bridge.untilSettled();
    simulator.calls.reset();
    const id = await scim.postGroup('Crowd', users);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('crowd')).toHaveLength(250);
    expect(simulator.calls.byRoute()).toMatchObject({
      [POST_GROUP]: { mutations: 1 },
      [PATCH_GROUP]: { mutations: 3 },
    });
    simulator.calls.reset();
    await scim.patchGroup(id, { op: 'replace', path: 'members', value: [] });
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('crowd')).toEqual([]);
    expect(simulator.calls.countMutations()).toBe(3);
  });

  it('gets a member who is not in Coder yet as soon as the member is there', async () => {
    const { scim, simulator, admin } = bridge;
    const late = await scim.postUser('latecomer', { active: false });
    const prompt = await scim.postUser('prompt');
    await scim.postGroup('Patient', [late, prompt]);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(simulator.admin.membersOf('patient')).toEqual(['prompt']);
    await scim.activate(late);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('patient')).toEqual(['latecomer', 'prompt']);
    expect(await admin.failures()).toEqual([]);
  });

  it('takes all but the one member that Coder refuses, who fails alone, by name', async () => {
    const { scim, simulator, admin } = bridge;
    const users = await Promise.all(Array.from({ length: 8 }, (_none, at) => scim.postUser(`guest-${at}`)));
    await bridge.untilSettled();
    // Somebody took the account out of the organization: Coder refuses it as a member, and with it the whole PATCH.
    simulator.admin.removeFromOrganization('guest-5');
    await scim.postGroup('Guests', users);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('guests')).toEqual([0, 1, 2, 3, 4, 6, 7].map((at) => `guest-${at}`));
    const [failure, ...others] = await admin.failures();
    expect(others).toEqual([]);
    expect(failure).toMatchObject({ name: 'Guests', failure: { step: 'patchGroup', status: 400 } });
    expect(failure?.failure.detail).toContain('guest-5');
    // The full sync brings the member back into the organization, and then into the group.
    await admin.sync();
    await eventually(() => expect(simulator.admin.membersOf('guests')).toContain('guest-5'));
    await bridge.untilSettled();
    expect(await admin.failures()).toEqual([]);
  });

  it('never loses a member that nobody stated, nor one by a push of others', async () => {
    const { scim, simulator } = bridge;
    simulator.admin.createUser({ username: 'stranger', email: 'stranger@example.org' });
    const user = await scim.postUser('stated');
    const id = await scim.postGroup('Mixed', [user]);
    await bridge.untilSettled();
    simulator.admin.addToGroup('mixed', 'stranger');
    await scim.removeMembers(id, user);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('mixed')).toEqual(['stranger']);
  });
});

describe.each([
  ['empty', true],
  ['always', true],
  ['always', false],
] as const)('with the policy adoptGroups=%s', (policy, empty) => {
  const bridge = useBridge({ env: { ADOPT_GROUPS: policy } });

  it(`a group of somebody else that ${empty ? 'is empty' : 'has members'} is adopted, keeps its name and what is not ours, and outlives its deletion`, async () => {
    const { scim, simulator, admin } = bridge;
    const found = simulator.admin.createGroup({ name: 'legacy', display_name: 'Old Name' });
    simulator.admin.createUser({ username: 'stranger', email: 'stranger@example.org' });
    if (!empty) simulator.admin.addToGroup('legacy', 'stranger');
    const user = await scim.postUser('ours');
    const id = await scim.postGroup('Legacy', [user]);
    await bridge.untilSettled();
    expect(simulator.admin.group('legacy')).toMatchObject({ id: found.id, display_name: 'Legacy' });
    expect(simulator.admin.membersOf('legacy')).toEqual(empty ? ['ours'] : ['ours', 'stranger']);
    await scim.renameGroup(id, 'Modern');
    await bridge.untilSettled();
    expect(simulator.admin.group('legacy')).toMatchObject({ id: found.id, display_name: 'Modern' });
    if (empty) simulator.admin.addToGroup('legacy', 'stranger');
    await scim.deleteGroup(id);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('legacy')).toEqual(['stranger']);
    expect(await admin.failures()).toEqual([]);
  });
});

describe('with the policy adoptGroups=empty', () => {
  const bridge = useBridge({ env: { ADOPT_GROUPS: 'empty' } });

  it('a group of somebody else that has members is not adopted, and the failure says what to do', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createUser({ username: 'stranger', email: 'stranger@example.org' });
    simulator.admin.createGroup({ name: 'inhabited' });
    simulator.admin.addToGroup('inhabited', 'stranger');
    await scim.postGroup('Inhabited');
    await bridge.untilSettled();
    expect(await admin.failures()).toMatchObject([
      { failure: { kind: 'uniqueness', detail: expect.stringContaining('it has members') } },
    ]);
  });
});
