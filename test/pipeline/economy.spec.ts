import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';

describe('a single change in steady state', () => {
  const bridge = useBridge({ env: { REVOKE_TOKENS: 'false', STOP_WORKSPACES: 'false', SITE_ROLES: '*' } });

  /** Every call of Coder that the work makes. */
  async function callsOf(work: () => Promise<unknown>): Promise<string[]> {
    await bridge.untilSettled();
    bridge.simulator.calls.reset();
    await work();
    await bridge.untilSettled();
    return bridge.simulator.calls
      .all()
      .map(({ method, route }) => `${method} ${route.replace('/api/v2', '')}`);
  }

  it('asks Coder nothing and tells it once: creation, name, members, suspension', async () => {
    const { scim } = bridge;
    const [ann, bob] = [await scim.postUser('ann'), await scim.postUser('bob')];
    const devs = await scim.postGroup('devs', [ann]);
    expect(await callsOf(() => scim.postUser('cleo'))).toEqual(['POST /users']);
    expect(
      await callsOf(() => scim.patchUser(ann, { op: 'replace', path: 'name.formatted', value: 'Ann Lee' })),
    ).toEqual(['PUT /users/{user}/profile']);
    expect(await callsOf(() => scim.addMembers(devs, bob))).toEqual(['PATCH /groups/{group}']);
    expect(await callsOf(() => scim.removeMembers(devs, ann))).toEqual(['PATCH /groups/{group}']);
    expect(await callsOf(() => scim.renameGroup(devs, 'Developers'))).toEqual(['PATCH /groups/{group}']);
    expect(await callsOf(() => scim.deactivate(bob))).toEqual(['PUT /users/{user}/status/suspend']);
    expect(bridge.simulator.admin.membersOf('developers')).toEqual(['bob']);
  });

  it('looks first before roles are replaced and before somebody returns', async () => {
    const { scim } = bridge;
    const id = await scim.postUser('dora');
    expect(await callsOf(() => scim.putUser(id, 'dora', { roles: [{ value: 'auditor' }] }))).toEqual([
      'GET /users/{user}',
      'PUT /users/{user}/roles',
    ]);
    await scim.deactivate(id);
    expect(await callsOf(() => scim.activate(id))).toEqual([
      'GET /users/{user}',
      'PUT /users/{user}/status/activate',
    ]);
  });

  it('asks when Coder surprises: a member who is in the group already', async () => {
    const { scim, simulator } = bridge;
    const [emil, fay] = [await scim.postUser('emil'), await scim.postUser('fay')];
    const ops = await scim.postGroup('ops', [emil]);
    await bridge.untilSettled();
    simulator.admin.addToGroup('ops', 'fay');
    expect(await callsOf(() => scim.addMembers(ops, fay))).toEqual([
      'PATCH /groups/{group}',
      'GET /groups/{group}',
    ]);
    expect(await bridge.admin.failures()).toEqual([]);
    await scim.removeMembers(ops, fay);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('ops')).toEqual(['emil']);
  });

  it('asks again where the full sync saw something else, and not where it saw the same', async () => {
    const { scim, simulator, admin } = bridge;
    const [gus, hal] = [await scim.postUser('gus'), await scim.postUser('hal')];
    await bridge.untilSettled();
    simulator.admin.updateUser('gus', { username: 'gustav' });
    await admin.sync();
    const rename = (id: string) => () =>
      scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Another Name' });
    expect(await callsOf(rename(hal))).toEqual(['PUT /users/{user}/profile']);
    expect(await callsOf(rename(gus))).toContain('PUT /users/{user}/profile');
    expect(simulator.admin.user('gustav').name).toBe('Another Name');
  });

  it('is known no more after a death between the call and its record', async () => {
    const { scim, simulator, database } = bridge;
    const id = await scim.postUser('ida');
    await bridge.untilSettled();
    const known = async (): Promise<unknown> =>
      (await database.query<{ known: unknown }>('SELECT known FROM bridge.targets WHERE id = $1', [id]))[0]
        ?.known;
    expect(await known()).toMatchObject({ account: { username: 'ida' } });
    const fault = simulator.faults.add({ kind: 'status', status: 502, match: { method: 'PUT' } });
    await scim.deactivate(id);
    await expect.poll(() => fault.struck).toBeGreaterThan(0);
    expect(await known()).toBeNull();
    simulator.faults.clear();
    await bridge.untilSettled();
    expect(await known()).toMatchObject({ account: { status: 'suspended' } });
  });
});

describe('a burst of users and groups', () => {
  const bridge = useBridge({ env: { SITE_ROLES: '*' } });

  it('makes one creation for each user, one PATCH for each group, and one PUT of roles', async () => {
    const { scim, simulator } = bridge;
    simulator.calls.reset();
    const roles = { roles: [{ value: 'auditor' }, { value: 'template-admin' }] };
    const ids = await Promise.all(Array.from({ length: 60 }, (_, n) => scim.postUser(`user-${n}`, roles)));
    // Most of them are still on their way.
    for (const [at, name] of ['One', 'Two', 'Three'].entries()) {
      await scim.postGroup(
        name,
        ids.filter((_, n) => n % 3 === at),
      );
    }
    await bridge.untilSettled();
    const { calls } = simulator;
    expect(calls.countMutations('POST /api/v2/users')).toBe(60);
    expect(calls.countMutations('PUT /api/v2/users/{user}/roles')).toBe(60);
    expect(calls.countMutations('POST /api/v2/organizations/{organization}/groups')).toBe(3);
    expect(calls.countMutations('PATCH /api/v2/groups/{group}')).toBe(3);
    expect(calls.countMutations()).toBe(126);
  });
});
