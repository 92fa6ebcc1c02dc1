import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';

/** What the bridge remembers of Coder: links and owned facts. */
async function remembered(bridge: TestBridge): Promise<{ links: number; facts: number }> {
  const [row] = await bridge.database.query<{ links: number; facts: number }>(
    `SELECT (SELECT count(*)::int FROM bridge.targets WHERE coder_id IS NOT NULL) AS links,
            (SELECT count(*)::int FROM bridge.owned_facts) AS facts`,
  );
  return row ?? { links: 0, facts: 0 };
}

describe('a bridge whose account in Coder lost its role, and so is told that nothing is there', () => {
  const bridge = useBridge();

  it('forgets no account and no group, says why nothing is done, and goes on when the role is back', async () => {
    const { scim, simulator, admin } = bridge;
    const ann = await scim.postUser('ann');
    const bob = await scim.postUser('bob');
    const devs = await scim.postGroup('Devs', [ann, bob]);
    await bridge.untilSettled();
    const before = await remembered(bridge);
    expect(before).toEqual({ links: 3, facts: 4 });

    simulator.admin.setRoles('idp-bridge', []);
    await scim.deactivate(ann);
    await scim.removeMembers(devs, bob);
    await bridge.untilSettled();
    const sync = await admin.sync();
    await bridge.untilSettled();
    expect(await remembered(bridge)).toEqual(before);
    expect(sync.status).toBe(502);
    const failures = await admin.failures();
    expect(failures).toHaveLength(2);
    for (const { failure } of failures) expect(failure.detail).toMatch(/role/);

    simulator.admin.setRoles('idp-bridge', ['owner']);
    expect((await admin.sync()).status).toBe(200);
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').status).toBe('suspended');
    expect(simulator.admin.membersOf('devs')).toEqual(['ann']);
    expect(await admin.failures()).toEqual([]);
  });
});
