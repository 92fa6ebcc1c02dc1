import { beforeEach, describe, expect, it } from 'vitest';

import { targetKey } from '../common/index.js';
import type { Lane } from '../common/index.js';
import type { LaneQueue, QueueBackend } from './backend.js';
import { LaneQueues } from './lane-queues.js';

type Jobs = Parameters<LaneQueue['addBulk']>[0];

const ANN = targetKey('user', 'ann');
const BOB = targetKey('user', 'bob');

let added: { lane: Lane; jobs: Jobs }[];
let counts: Record<string, number>;
let listeners: Map<Lane, (error: Error) => void>;
let closed: Lane[];
let closing: () => Promise<void>;
let told: string[];
let now: number;
let queues: LaneQueues;

beforeEach(() => {
  now = 0;
  added = [];
  counts = {};
  listeners = new Map();
  closed = [];
  told = [];
  closing = () => Promise.resolve();
  const backend: Pick<QueueBackend, 'queue'> = {
    queue: (lane) => ({
      addBulk: async (jobs) => void added.push({ lane, jobs }),
      getJobCounts: async () => counts,
      on: (_event, listener) => listeners.set(lane, listener),
      close: async () => {
        closed.push(lane);
        await closing();
      },
    }),
  };
  const tell = (lane: Lane, error: Error): unknown => told.push(`${lane}: ${error.message}`);
  queues = new LaneQueues(backend as QueueBackend, tell, { now: () => now });
});

describe('the queues of the lanes', () => {
  it('add one job a wake-up, which carries the key of its target and nothing else', async () => {
    await queues.add('urgent', [
      { target: ANN, lane: 'urgent' },
      { target: BOB, lane: 'urgent' },
    ]);
    expect(added).toMatchObject([
      { lane: 'urgent', jobs: [{ data: { target: ANN } }, { data: { target: BOB } }] },
    ]);
    expect(added[0]?.jobs.map(({ data }) => Object.keys(data))).toEqual([['target'], ['target']]);
  });

  it('let a waiting job of the target swallow a new one, and a running one be followed by one more', async () => {
    await queues.add('normal', [{ target: ANN, lane: 'normal' }]);
    expect(added[0]?.jobs[0]?.opts.deduplication).toEqual({ id: ANN, keepLastIfActive: true });
  });

  it('bring a job forward that was put off, where the wake-up says so', async () => {
    await queues.add('normal', [{ target: ANN, lane: 'normal', bringForward: true }]);
    expect(added[0]?.jobs[0]?.opts.deduplication).toMatchObject({ id: ANN, reschedule: true });
  });

  it('delay a job where the wake-up wants to wait for more', async () => {
    await queues.add('normal', [
      { target: ANN, lane: 'normal', delayMs: 250 },
      { target: BOB, lane: 'normal' },
    ]);
    expect(added[0]?.jobs.map(({ opts }) => opts.delay)).toEqual([250, undefined]);
  });

  it('keep nothing of a job that is done, and count no attempts', async () => {
    await queues.add('normal', [{ target: ANN, lane: 'normal' }]);
    await queues.addSwept('normal', [{ target: ANN, lane: 'normal' }]);
    for (const { jobs } of added) {
      expect(jobs[0]?.opts).toMatchObject({ removeOnComplete: true, removeOnFail: true, attempts: 1 });
    }
  });

  it('add for the sweep without deduplication, so that an orphaned key holds nothing back', async () => {
    await queues.addSwept('urgent', [{ target: ANN, lane: 'urgent', delayMs: 250 }]);
    expect(added[0]?.jobs[0]?.data).toEqual({ target: ANN, swept: true });
    expect(added[0]?.jobs[0]?.opts).not.toHaveProperty('deduplication');
    expect(added[0]?.jobs[0]?.opts).not.toHaveProperty('delay');
  });

  it('have one job of the sweep’s for a target, and of another id ten minutes later', async () => {
    for (const at of [0, 599_999, 600_000]) {
      now = at;
      await queues.addSwept('normal', [
        { target: ANN, lane: 'normal' },
        { target: BOB, lane: 'normal' },
      ]);
    }
    const [first, second, third] = added.map(({ jobs }) => jobs.map(({ opts }) => opts.jobId));
    expect(first).toEqual(['swept-user-ann-0', 'swept-user-bob-0']);
    expect(second).toEqual(first);
    expect(third).toEqual(['swept-user-ann-1', 'swept-user-bob-1']);
  });

  it('count the jobs that wait, run or are delayed', async () => {
    counts = { waiting: 1, prioritized: 2, active: 4, delayed: 8 };
    expect(await queues.jobs('normal')).toEqual({ waiting: 3, active: 4, delayed: 8 });
    expect(await queues.depth('normal')).toBe(15);
    counts = {};
    expect(await queues.depth('urgent')).toBe(0);
  });

  it('tell of errors by lane', () => {
    listeners.get('urgent')?.(new Error('connection lost'));
    expect(told).toEqual(['urgent: connection lost']);
  });

  it('close all, whichever of them fails to', async () => {
    closing = () => Promise.reject(new Error('connection is closed'));
    await queues.close();
    expect(closed).toEqual(['urgent', 'normal']);
  });
});
