import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

describe('somebody whom an administrator took out of the organization', () => {
  const bridge = useBridge();

  it('is back in it and in the groups after one full sync, whichever is repaired first', async () => {
    const { scim, simulator, admin } = bridge;
    const ann = await scim.postUser('ann');
    await scim.postGroup('Devs', [ann]);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('devs')).toEqual(['ann']);
    simulator.admin.removeFromOrganization('ann');
    // Coder takes its members' groups with it; the group is repaired before the person is back.
    const slow = simulator.faults.add({
      kind: 'delay',
      delayMs: 2_500,
      match: { method: 'POST', route: '/api/v2/organizations/{organization}/members/{user}' },
    });
    await admin.sync();
    await eventually(() => expect(slow.struck).toBeGreaterThan(0));
    await bridge.untilSettled();
    await eventually(() => expect(simulator.admin.membersOf('devs')).toEqual(['ann']));
    await bridge.untilSettled();
    expect(await admin.failures()).toEqual([]);
  });
});
