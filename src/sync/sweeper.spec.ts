import { beforeEach, describe, expect, it } from 'vitest';

import { LANES, targetKey } from '../common/index.js';
import type { Lane } from '../common/index.js';
import type { SweepOptions, WakeUp } from '../queue/index.js';
import { Sweeper } from './sweeper.js';

/** Dirty targets that no sweep has taken yet, by lane. */
let backlog: Record<Lane, WakeUp[]>;
/** Jobs by lane. */
let depth: Record<Lane, number>;
let turns: { limit: number | undefined; options: SweepOptions | undefined }[];
let added: { lane: Lane; count: number }[];
let locked: boolean;
let releases: number;
let queueIsDown: boolean;

const sweeper = new Sweeper(
  {
    sweep: async (limit, options) => {
      turns.push({ limit, options });
      const lanes = options?.lane ? [options.lane] : LANES;
      return lanes.flatMap((lane) => backlog[lane].splice(0, limit));
    },
    counts: async () => {
      const [urgent, normal] = [backlog.urgent.length, backlog.normal.length];
      return { dirty: urgent + normal, urgent, failed: 0, held: 0, paused: 0, oldestDirtyMs: 0 };
    },
  },
  {
    addSwept: async (lane, wakeUps) => void added.push({ lane, count: wakeUps.length }),
    depth: async (lane) => depth[lane],
  },
  { ping: () => (queueIsDown ? Promise.reject(new Error('away')) : Promise.resolve()) },
  {
    tryAcquire: async () =>
      locked ? null : { renew: async () => true, release: async () => void (releases += 1) },
  },
);

const dirty = (count: number, lane: Lane = 'normal'): WakeUp[] =>
  Array.from({ length: count }, (_none, at) => ({ target: targetKey('user', `${lane}-${at}`), lane }));

beforeEach(() => {
  backlog = { urgent: [], normal: [] };
  depth = { urgent: 0, normal: 0 };
  turns = [];
  added = [];
  locked = false;
  releases = 0;
  queueIsDown = false;
});

describe('a sweep', () => {
  it('adds what no job covers, urgent ones to their lane and first', async () => {
    backlog = { normal: dirty(3), urgent: dirty(2, 'urgent') };
    expect(await sweeper.sweep()).toBe(5);
    expect(added).toEqual([
      { lane: 'urgent', count: 2 },
      { lane: 'normal', count: 3 },
    ]);
    expect(releases).toBe(1);
  });

  it('takes 500 a turn, and as many turns as a backlog needs, up to forty', async () => {
    backlog.normal = dirty(1_200);
    expect(await sweeper.sweep()).toBe(1_200);
    expect(turns.map(({ limit }) => limit)).toEqual([500, 500, 500]);
    backlog.normal = dirty(30_000);
    expect(await sweeper.sweep()).toBe(20_000);
  });

  it('takes only the oldest of a lane that has as many jobs as dirty targets, so that an outage does not heap up work', async () => {
    backlog = { normal: dirty(300), urgent: dirty(2, 'urgent') };
    depth = { urgent: 1, normal: 300 };
    expect(await sweeper.sweep()).toBe(52);
    expect(turns).toEqual([
      { limit: 500, options: { lane: 'urgent' } },
      { limit: 50, options: { lane: 'normal' } },
    ]);
  });

  it('finds the one target without a job though others have several', async () => {
    backlog.normal = dirty(1);
    depth.normal = 7;
    expect(await sweeper.sweep()).toBe(1);
  });

  it('adds nothing to a lane that has two jobs for each target and a thousand more, which nobody takes', async () => {
    backlog = { normal: dirty(300), urgent: dirty(2, 'urgent') };
    depth = { urgent: 1_003, normal: 1_600 };
    expect(await sweeper.sweep()).toBe(2);
    expect(turns).toEqual([{ limit: 50, options: { lane: 'urgent' } }]);
  });

  it('asks the queue nothing where nothing is dirty', async () => {
    expect(await sweeper.sweep()).toBe(0);
    expect(turns).toEqual([]);
    expect(releases).toBe(1);
  });

  it('at start takes one large turn of all that there is, whatever the queue has', async () => {
    backlog.normal = dirty(1_200);
    depth.normal = 5_000;
    expect(await sweeper.sweep(true)).toBe(1_200);
    expect(turns).toEqual([{ limit: 20_000, options: { atStart: true } }]);
  });

  it('is done by one replica at a time', async () => {
    locked = true;
    backlog.normal = dirty(3);
    expect(await sweeper.sweep()).toBe(0);
    expect(turns).toEqual([]);
  });

  it('marks nothing as swept while the queue is away, and gives its lock back', async () => {
    queueIsDown = true;
    backlog.normal = dirty(3);
    await expect(sweeper.sweep()).rejects.toThrow('away');
    expect(turns).toEqual([]);
    expect(releases).toBe(1);
  });
});
