import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

/** The licence has so many seats, and the bridge has seen it. */
async function withSeats({ simulator, admin }: TestBridge, left: number): Promise<void> {
  simulator.admin.set({ userLimit: simulator.state.activeUsers + left });
  await eventually(async () => {
    const { status, reason = '' } = (await admin.ready()).body.components['coder-readiness'];
    expect([status, /seats: \d+ of \d+ used, 0 left/.test(reason)]).toEqual(
      left === 0 ? ['degraded', true] : ['ok', false],
    );
  });
}

async function entriesOf({ database }: TestBridge, id: string): Promise<{ action: string; facts: object }[]> {
  return database.query('SELECT action, facts FROM bridge.journal WHERE target_id = $1 ORDER BY id', [id]);
}

describe('a licence whose seats are used up', () => {
  const bridge = useBridge({ env: { NEW_USER_STATUS: 'active' }, tuning: { readinessMs: 50 } });

  it('has new users made dormant, with the reason; with seats again they are made active', async () => {
    const { scim, simulator } = bridge;
    const first = await scim.postUser('ann');
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').status).toBe('active');
    expect((await entriesOf(bridge, first)).map(({ action }) => action)).not.toContain('note.seats');

    await withSeats(bridge, 0);
    const second = await scim.postUser('bob');
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(simulator.admin.user('bob').status).toBe('dormant');
    const entries = await entriesOf(bridge, second);
    expect(entries).toEqual(
      expect.arrayContaining([
        {
          action: 'coder.user.created',
          facts: expect.objectContaining({
            status: 'dormant',
            reason: expect.stringContaining('no seat left'),
          }),
        },
        { action: 'note.seats', facts: { detail: expect.stringContaining('made dormant') } },
      ]),
    );

    await withSeats(bridge, 5);
    await scim.postUser('cid');
    await bridge.untilSettled();
    expect(simulator.admin.user('cid').status).toBe('active');
  });
});

describe('a policy that refuses users without a seat', () => {
  const bridge = useBridge({
    env: { NEW_USER_STATUS: 'active', WHEN_SEATS_RUN_OUT: 'refuse' },
    tuning: { readinessMs: 50 },
  });

  it('fails them with the reason, makes no call, and makes them once there are seats again', async () => {
    const { scim, simulator, admin } = bridge;
    await withSeats(bridge, 0);
    simulator.calls.reset();
    const id = await scim.postUser('ann');
    await bridge.untilSettled();
    expect(await admin.failures()).toMatchObject([
      {
        id,
        failure: { kind: 'refused', step: 'createUser', detail: expect.stringContaining('no seat left') },
      },
    ]);
    expect(simulator.calls.countMutations()).toBe(0);
    expect((await admin.ready()).body.components['coder-readiness'].reason).toContain(
      'New users are refused',
    );

    await withSeats(bridge, 3);
    await eventually(async () => expect(await admin.failures()).toEqual([]));
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').status).toBe('active');
  });
});
