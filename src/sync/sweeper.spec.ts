import { beforeEach, describe, expect, it } from 'vitest';

import { targetKey } from '../common/index.js';
import type { Lane } from '../common/index.js';
import type { SweepOptions, WakeUp } from '../queue/index.js';
import { Sweeper } from './sweeper.js';

let backlog: WakeUp[];
let turns: { limit: number | undefined; options: SweepOptions | undefined }[];
let added: { lane: Lane; count: number }[];
let locked: boolean;
let releases: number;
let queueIsDown: boolean;

const sweeper = new Sweeper(
  {
    sweep: async (limit, options) => {
      turns.push({ limit, options });
      return backlog.splice(0, limit);
    },
  },
  {
    addPlain: async (lane, wakeUps) => {
      added.push({ lane, count: wakeUps.length });
    },
  },
  {
    ping: () => (queueIsDown ? Promise.reject(new Error('away')) : Promise.resolve()),
  },
  {
    tryAcquire: async () =>
      locked ? null : { renew: async () => true, release: async () => void (releases += 1) },
  },
);

const dirty = (count: number, lane: Lane = 'normal'): WakeUp[] =>
  Array.from({ length: count }, (_none, at) => ({ target: targetKey('user', `${lane}-${at}`), lane }));

beforeEach(() => {
  backlog = [];
  turns = [];
  added = [];
  locked = false;
  releases = 0;
  queueIsDown = false;
});

describe('a sweep', () => {
  it('adds what no job covers, urgent ones to their lane and first', async () => {
    backlog = [...dirty(3), ...dirty(2, 'urgent')];
    expect(await sweeper.sweep()).toBe(5);
    expect(added).toEqual([
      { lane: 'urgent', count: 2 },
      { lane: 'normal', count: 3 },
    ]);
    expect(releases).toBe(1);
  });

  it('takes 500 a turn, and as many turns as a backlog needs, up to forty', async () => {
    backlog = dirty(1_200);
    expect(await sweeper.sweep()).toBe(1_200);
    expect(turns.map(({ limit }) => limit)).toEqual([500, 500, 500]);
    backlog = dirty(30_000);
    expect(await sweeper.sweep()).toBe(20_000);
  });

  it('at start takes one large turn of all that there is', async () => {
    backlog = dirty(1_200);
    expect(await sweeper.sweep(true)).toBe(1_200);
    expect(turns).toEqual([{ limit: 20_000, options: { atStart: true } }]);
  });

  it('is done by one replica at a time', async () => {
    locked = true;
    backlog = dirty(3);
    expect(await sweeper.sweep()).toBe(0);
    expect(turns).toEqual([]);
  });

  it('marks nothing as swept while the queue is away, and gives its lock back', async () => {
    queueIsDown = true;
    backlog = dirty(3);
    await expect(sweeper.sweep()).rejects.toThrow('away');
    expect(turns).toEqual([]);
    expect(releases).toBe(1);
  });
});
