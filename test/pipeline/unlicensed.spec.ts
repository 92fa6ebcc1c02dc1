import { describe, expect, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { useBridge } from '../support/bridge.js';

describe('a bridge whose Coder has no licence for groups', () => {
  const bridge = useBridge({ tuning: { readinessMs: 50 } });

  it('tries no group, says why, keeps people all the same, and takes the groups up when the licence has them', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.set({ features: { template_rbac: false } });
    await eventually(async () =>
      expect((await admin.ready()).body.components['coder-readiness'].status).toBe('degraded'),
    );
    const { body } = await admin.ready();
    expect(body.components['coder-readiness'].reason).toContain('template_rbac');

    simulator.calls.reset();
    const ann = await scim.postUser('ann');
    await scim.postGroup('Devs', [ann]);
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').username).toBe('ann');
    const failures = await admin.failures();
    expect(failures).toHaveLength(1);
    expect(failures[0]!.failure.detail).toMatch(/template_rbac.*follows by itself/);

    // The full sync compares the people, and asks for no group.
    expect((await admin.sync()).status).toBe(200);
    await bridge.untilSettled();
    expect(await admin.failures()).toHaveLength(1);
    const groupCalls = simulator.calls.all().filter(({ path }) => /\/groups(\/[^/]+)?$/.test(path));
    expect(groupCalls.filter(({ path }) => !path.includes('/idpsync/'))).toEqual([]);

    simulator.admin.set({ features: { template_rbac: true } });
    await eventually(async () => expect(await admin.failures()).toEqual([]));
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('devs')).toEqual(['ann']);
    expect((await admin.ready()).body.components['coder-readiness'].status).toBe('ok');
  });
});
