import { beforeAll, describe, expect, it } from 'vitest';

import { useClaimedBridge } from '../support/claimant.js';

describe('groups that claims name', () => {
  const bridge = useClaimedBridge();
  beforeAll(() => {
    bridge.simulator.admin.setGroupSync({ field: 'groups' });
  });
  const members = (group: string): string[] => bridge.simulator.admin.membersOf(group);

  it('are joined without a login, and left when the claim loses the value', async () => {
    const { scim, simulator, claim } = bridge;
    simulator.admin.createGroup({ name: 'eng' });
    simulator.admin.createGroup({ name: 'ops' });
    await scim.postUser('ann');
    await bridge.untilSettled();
    expect(await claim('ann', { groups: ['eng', 'ops'] })).toMatchObject({ outcome: 'recorded', tied: true });
    await bridge.untilSettled();
    expect([members('eng'), members('ops')]).toEqual([['ann'], ['ann']]);
    await claim('ann', { groups: ['eng'] });
    await bridge.untilSettled();
    expect([members('eng'), members('ops')]).toEqual([['ann'], []]);
    await claim('ann', {});
    await bridge.untilSettled();
    expect(members('eng')).toEqual([]);
  });

  it('keep the members whom somebody else put there, their name and their settings', async () => {
    const { scim, simulator, claim, admin } = bridge;
    const group = { name: 'mixed', display_name: 'As it was', quota_allowance: 7 };
    simulator.admin.createUser({ username: 'by-hand', email: 'by-hand@x.io' });
    simulator.admin.createGroup(group);
    simulator.admin.addToGroup('mixed', 'by-hand');
    await scim.postUser('bea');
    await claim('bea', { groups: 'mixed' });
    await bridge.untilSettled();
    expect(members('mixed')).toEqual(['bea', 'by-hand']);
    await claim('bea', { groups: [] });
    await bridge.untilSettled();
    await admin.sync();
    await bridge.untilSettled();
    expect(members('mixed')).toEqual(['by-hand']);
    expect(simulator.admin.group('mixed')).toMatchObject(group);
  });

  it('are joined once the person, unknown until then, appears over SCIM', async () => {
    const { scim, simulator, claim } = bridge;
    simulator.admin.createGroup({ name: 'early' });
    expect(await claim('cleo', { groups: ['early'] })).toMatchObject({ tied: false, version: null });
    await scim.postUser('cleo');
    await bridge.untilSettled();
    expect(members('early')).toEqual(['cleo']);
    simulator.calls.reset();
    expect(await claim('cleo', { groups: ['early'] })).toMatchObject({
      outcome: 'unchanged',
      tiedBy: 'email',
    });
    await bridge.untilSettled();
    expect(simulator.calls.count()).toBe(0);
  });

  it('are neither joined nor left by a claim that cannot be read', async () => {
    const { scim, simulator, claim } = bridge;
    simulator.admin.createGroup({ name: 'kept' });
    await scim.postUser('dora');
    await claim('dora', { groups: ['kept'] });
    await bridge.untilSettled();
    expect(await claim('dora', { hasgroups: true })).toMatchObject({
      unreadable: { groups: expect.any(String) },
    });
    await bridge.untilSettled();
    expect(members('kept')).toEqual(['dora']);
    await claim('dora', { groups: 'one,two' });
    await bridge.untilSettled();
    expect(members('kept')).toEqual(['dora']);
    await claim('dora', { groups: [] });
    await bridge.untilSettled();
    expect(members('kept')).toEqual([]);
  });
});
