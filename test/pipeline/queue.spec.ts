import { Queue } from 'bullmq';
import { describe, expect, it } from 'vitest';

import type { Lane } from '../../src/common/index.js';
import type { LaneQueue, LaneWorker, QueueBackend } from '../../src/queue/index.js';
import { groupBody, userBody, useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const POST_USER = 'POST /api/v2/users';
const PATCH_GROUP = 'PATCH /api/v2/groups/{group}';
const CREATION = { method: 'POST', route: '/api/v2/users' };

/** A queue whose door can be shut, and whose jobs can be lost. */
class FragileQueue {
  down = false;
  private readonly queues: Queue[] = [];
  private readonly workers: LaneWorker[] = [];

  readonly wrap = (real: QueueBackend): QueueBackend => ({
    kind: real.kind,
    queue: (lane: Lane): LaneQueue => {
      const queue = real.queue(lane);
      if (queue instanceof Queue) this.queues.push(queue);
      const addBulk = queue.addBulk.bind(queue);
      queue.addBulk = (jobs) => (this.down ? Promise.reject(new Error('the queue is down')) : addBulk(jobs));
      return queue;
    },
    worker: (lane, processor, options) => {
      const worker = real.worker(lane, processor, options);
      this.workers.push(worker);
      return worker;
    },
    ping: () => (this.down ? Promise.reject(new Error('the queue is down')) : real.ping()),
    close: () => real.close(),
  });

  async pauseWorkers(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.pause(true)));
  }

  resumeWorkers(): void {
    for (const worker of this.workers) worker.resume();
  }

  async jobs(): Promise<number> {
    const counts = await Promise.all(
      this.queues.map((queue) => queue.getJobCountByTypes('waiting', 'delayed')),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** All jobs are gone. */
  async obliterate(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.obliterate({ force: true })));
  }
}

/** Runs `work` for each item, ten at a time, and answers the results in order. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += 10) {
    results.push(...(await Promise.all(items.slice(at, at + 10).map(work))));
  }
  return results;
}

describe('a crowd', () => {
  const bridge = useBridge();
  const names = Array.from({ length: 300 }, (_none, at) => `crowd-${at}`);
  let crowd: string[] = [];

  it('does not delay a deactivation: it overtakes 300 creations that wait', async () => {
    const { scim, simulator, database } = bridge;
    const leavers = await each(['leaver-1', 'leaver-2', 'leaver-3'], (name) => scim.postUser(name));
    await bridge.untilSettled();
    simulator.calls.reset();
    const slow = simulator.faults.add({ kind: 'delay', delayMs: 4_000, match: CREATION });
    crowd = await each(names, (name) => scim.postUser(name));
    await each(leavers, (leaver) => scim.deactivate(leaver));
    await eventually(() => {
      for (const name of ['leaver-1', 'leaver-2', 'leaver-3'])
        expect(simulator.admin.user(name).status).toBe('suspended');
    });
    simulator.faults.clear(slow.id);
    // By the lane of their own, that is, not because the sweep came by.
    const swept = await database.query(
      'SELECT FROM bridge.targets WHERE id = ANY($1) AND swept_at IS NOT NULL',
      [leavers],
    );
    expect(swept.length).toBeLessThan(leavers.length);
    await bridge.untilSettled();
    const calls = simulator.calls.mutations().map((call) => `${call.method} ${call.route}`);
    const overtaken = calls.slice(calls.lastIndexOf('PUT /api/v2/users/{user}/status/suspend'));
    expect(overtaken.filter((call) => call === POST_USER).length).toBeGreaterThan(150);
    expect(simulator.calls.countMutations(POST_USER)).toBe(300);
    // One list for all of them, not a search for each.
    expect(simulator.calls.count('GET /api/v2/users')).toBeLessThanOrEqual(5);
  });

  it('joins a group by 300 single PATCHes in at most ten PATCHes on Coder', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postGroup('Crowd');
    await bridge.untilSettled();
    simulator.calls.reset();
    await each(crowd, (user) => scim.addMembers(id, user));
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('crowd')).toHaveLength(300);
    expect(simulator.calls.countMutations(PATCH_GROUP)).toBeLessThanOrEqual(10);
    expect(simulator.calls.countMutations()).toBe(simulator.calls.countMutations(PATCH_GROUP));
    simulator.calls.reset();
    // Everything once more, as an IdP does that does not trust its memory.
    await each(names.slice(0, 60), async (name) => {
      await scim.done('PUT', `/Users/${crowd[names.indexOf(name)]}`, userBody(name));
      expect((await scim.post('/Users', userBody(name))).status).toBe(409);
    });
    await each(crowd.slice(0, 60), (user) => scim.addMembers(id, user));
    await scim.done('PUT', `/Groups/${id}`, groupBody('Crowd', crowd));
    await bridge.admin.sync();
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
  });
});

describe('a target whose job waits in a long backoff', () => {
  // So long that none in many thousands, which are drawn between nothing and this, is below a minute.
  const HOURS = 3_600_000;
  const bridge = useBridge({ tuning: { backoff: { baseMs: 500 * HOURS, capMs: 500 * HOURS } } });

  const putOff = async (id: string): Promise<boolean> => {
    const [row] = await bridge.database.query<{ later: boolean }>(
      "SELECT not_before > now() + interval '1 minute' AS later FROM bridge.targets WHERE id = $1 AND lease_until IS NULL",
      [id],
    );
    return row?.later ?? false;
  };

  it('is brought forward by the next change', async () => {
    const { scim, simulator } = bridge;
    simulator.faults.add({ kind: 'status', status: 503, match: CREATION, times: 1 });
    const id = await scim.postUser('ann');
    await eventually(async () => expect(await putOff(id)).toBe(true));
    await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Ann Again' });
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').name).toBe('Ann Again');
  });

  it('is brought forward also where the change loses access and so goes to the other lane', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('bob');
    await bridge.untilSettled();
    const match = { method: 'PUT', route: '/api/v2/users/{user}/profile' };
    simulator.faults.add({ kind: 'status', status: 503, match, times: 1 });
    await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Robert' });
    await eventually(async () => expect(await putOff(id)).toBe(true));
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('bob')).toMatchObject({ status: 'suspended', name: 'Robert' });
  });

  it('is not waited for by a change that came while the failing run was under way', async () => {
    const { scim, simulator } = bridge;
    const slow = simulator.faults.add({ kind: 'delay', delayMs: 700, match: CREATION, times: 1 });
    simulator.faults.add({ kind: 'status', status: 503, match: CREATION, times: 1 });
    const id = await scim.postUser('cyd');
    await eventually(() => expect(slow.struck).toBe(1));
    await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Cyd Again' });
    await bridge.untilSettled();
    expect(simulator.admin.user('cyd').name).toBe('Cyd Again');
  });
});

describe('a queue that is not to be trusted', () => {
  const queue = new FragileQueue();
  const bridge = useBridge({ tuning: { queue: queue.wrap } });

  it('may lose all its jobs: the sweep delivers', async () => {
    const { scim, simulator } = bridge;
    const leaver = await scim.postUser('leaver');
    await bridge.untilSettled();
    await queue.pauseWorkers();
    const lost = await each(['lost-1', 'lost-2', 'lost-3'], (name) => scim.postUser(name));
    await scim.postGroup('Lost', lost);
    await scim.deactivate(leaver);
    // Each worker may have had its hand in the queue already.
    await eventually(async () => expect(await queue.jobs()).toBeGreaterThanOrEqual(3));
    await queue.obliterate();
    expect(await queue.jobs()).toBe(0);
    queue.resumeWorkers();
    await bridge.untilSettled();
    expect(simulator.admin.user('leaver').status).toBe('suspended');
    expect(simulator.admin.membersOf('lost')).toEqual(['lost-1', 'lost-2', 'lost-3']);
  });

  it('may be down: pushes are taken all the same, readiness says so, and they arrive when it is back', async () => {
    const { scim, simulator, admin } = bridge;
    queue.down = true;
    const id = await scim.postUser('down');
    await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Down Under' });
    await eventually(async () => {
      const { status, body } = await admin.ready();
      expect({ status, overall: body.status }).toEqual({ status: 200, overall: 'degraded' });
      expect(body.components.queue.status).not.toBe('ok');
    });
    expect((await admin.targets()).dirty).toBeGreaterThan(0);
    queue.down = false;
    await bridge.untilSettled();
    expect(simulator.admin.user('down').name).toBe('Down Under');
    // The next push that is queued again says that all is well.
    await scim.postUser('up');
    await eventually(async () => expect((await admin.ready()).body.components.queue.status).toBe('ok'));
  });

  it('has nothing left when all is done', async () => {
    await bridge.untilSettled();
    await eventually(async () => expect(await queue.jobs()).toBe(0));
  });
});
