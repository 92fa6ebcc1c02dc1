import { beforeAll, describe, expect, it } from 'vitest';

import { useClaimedBridge } from '../support/claimant.js';
import { eventually } from '../support/eventually.js';

const READ = { method: 'GET', route: '/api/v2/organizations/{organization}/settings/idpsync/groups' };

describe('settings of IdP sync that change in Coder', () => {
  // Every second; usually it is every five minutes.
  const bridge = useClaimedBridge(() => ({ env: { IDP_SYNC_CRON: '* * * * * *' } }));
  beforeAll(async () => {
    const { simulator, scim, claim } = bridge;
    for (const name of ['eng', 'ops']) simulator.admin.createGroup({ name });
    simulator.admin.setGroupSync({ field: 'groups' });
    await scim.postUser('ann');
    await scim.postUser('bob');
    await claim('ann', { groups: ['eng'], teams: ['ops'] });
  });
  const members = (group: string): string[] => bridge.simulator.admin.membersOf(group);
  const changes = async (): Promise<number> => {
    const [row] = await bridge.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM bridge.journal WHERE source = 'settings'`,
    );
    return row?.count ?? -1;
  };
  const reads = (): number => bridge.simulator.calls.count(`${READ.method} ${READ.route}`);
  /** Whoever is decided on reads them too, so wait first; of three reads two are of different turns: one turn was whole. */
  const wholeTurn = async (): Promise<void> => {
    await bridge.untilSettled();
    const from = reads();
    await eventually(() => expect(reads()).toBeGreaterThan(from + 2));
  };

  it('are followed by everybody who has claims, and nobody else, without a login', async () => {
    await eventually(() => expect(members('eng')).toEqual(['ann']));
    bridge.simulator.admin.setGroupSync({ field: 'teams' });
    await eventually(() => expect([members('eng'), members('ops')]).toEqual([[], ['ann']]));
    const rows = await bridge.database.query<{ name: string }>(
      `SELECT DISTINCT u.user_name AS name FROM bridge.journal j JOIN bridge.users u ON u.id = j.target_id
        WHERE j.source = 'settings'`,
    );
    expect(rows).toEqual([{ name: 'ann' }]);
  });

  it('are read again and again, and raise nobody where they are the same, or cannot be read', async () => {
    const { simulator } = bridge;
    // The effect may be there before the turn that raises for it: some decision was being made just then.
    await wholeTurn();
    const before = await changes();
    await wholeTurn();
    expect(await changes()).toBe(before);
    const fault = simulator.faults.add({ kind: 'status', status: 403, match: READ });
    simulator.admin.setGroupSync({ field: 'groups' });
    await wholeTurn();
    expect([await changes(), members('ops')]).toEqual([before, ['ann']]);
    simulator.faults.clear(fault.id);
    await eventually(() => expect([members('eng'), members('ops')]).toEqual([['ann'], []]));
  });
});
