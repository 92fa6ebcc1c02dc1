import { expect, it } from 'vitest';

import { targetKey } from '../../src/common/index.js';
import { LaneQueues } from '../../src/queue/index.js';
import type { QueueBackend } from '../../src/queue/index.js';
import { useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

let backend: QueueBackend | undefined;
const bridge = useBridge({ tuning: { queue: (opened) => (backend = opened) } });

/** As it is behind a worker that died, with a queue that lost its job meanwhile. */
const LEFT_BEHIND = `
  UPDATE bridge.targets SET lease_token = gen_random_uuid(), lease_until = now() + interval '15 seconds' WHERE id = $1`;

/** Runs that have ended, whatever became of them. */
async function runs(): Promise<number> {
  const { text } = await bridge.admin.get('/metrics');
  const counts = [...text.matchAll(/^idp_bridge_reconcile_runs_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** A job of somebody who has nothing to be done, and which runs long after this test. */
async function addIdleJob(target: string): Promise<void> {
  if (!backend) throw new Error('no queue');
  const queues = new LaneQueues(backend, (_lane, error) => expect.fail(error.message));
  await queues.add('normal', [{ target: targetKey('user', target), lane: 'normal', delayMs: 600_000 }]);
  await queues.close();
}

it('a person whose job was lost is taken up once the lease of the dead worker is over, though there are as many jobs as targets', async () => {
  const { scim, admin, simulator, database } = bridge;
  const ann = await scim.postUser('ann');
  await bridge.untilSettled();
  await eventually(async () => expect(await admin.jobs()).toBe(0));
  // While its connection is paused a target's job ends without any work.
  await database.query('UPDATE bridge.connections SET paused_at = now()');
  const before = await runs();
  const bob = await scim.postUser('bob');
  await eventually(async () => expect(await runs()).toBeGreaterThan(before));
  await eventually(async () => expect(await admin.jobs()).toBe(0));
  await database.query(LEFT_BEHIND, [bob]);
  await database.query('UPDATE bridge.connections SET paused_at = NULL');
  await addIdleJob(ann);
  // It waits for bob, with a job of its own.
  await scim.postGroup('Devs', [bob]);
  await eventually(async () => expect(await admin.jobs()).toBe(2));
  expect(await admin.targets()).toMatchObject({ dirty: 2 });
  await bridge.untilSettled();
  expect(simulator.admin.membersOf('devs')).toEqual(['bob']);
});
