import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Lane, TargetKey } from '../../src/common/index.js';
import { newId, targetKey } from '../../src/common/index.js';
import type { Engine } from '../../src/database/index.js';
import { LaneQueues, LaneWorkers, postgresBackend, redisBackend } from '../../src/queue/index.js';
import type { LaneWorker, QueueBackend, RunTarget } from '../../src/queue/index.js';
import { memoryEngine, postgresEngine } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import { redisAvailable, startRedis } from '../support/redis.js';

/** Longer than any test: a job that is put off so far runs only when it is brought forward. */
const FAR_MS = 600_000;

/** A queue's backend for a `describe`, with a way to spoil it. */
interface Backend {
  readonly backend: QueueBackend;
  /** Leaves a deduplication key behind whose job does not exist. */
  orphan(lane: Lane, id: string): Promise<void>;
  close(): Promise<void>;
}

const BACKENDS: Readonly<Record<string, () => Promise<Backend>>> = {
  pglite: async () => onDatabase('pglite', await memoryEngine()),
  ...(postgresAvailable() && {
    postgres: async () => {
      const server = await startPostgres();
      return onDatabase('postgres', await postgresEngine(server.url), () => server.stop());
    },
  }),
  ...(redisAvailable() && { redis: onRedis }),
};

async function onDatabase(
  kind: 'pglite' | 'postgres',
  engine: Engine,
  andThen: () => Promise<void> = async () => undefined,
): Promise<Backend> {
  const pool = await engine.queuePool(2);
  return {
    backend: postgresBackend(kind, pool),
    orphan: async (lane, id) => {
      await pool.query('INSERT INTO dedup (queue, dedup_id, job_id) VALUES ($1, $2, $3)', [
        `reconcile-${lane}`,
        id,
        'none',
      ]);
    },
    close: async () => {
      await engine.close();
      await andThen();
    },
  };
}

async function onRedis(): Promise<Backend> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  const backend = redisBackend(server.url);
  return {
    backend,
    orphan: async (lane, id) => {
      await redis.set(`bull:reconcile-${lane}:de:${id}`, 'none');
    },
    close: async () => {
      redis.disconnect();
      await backend.close();
      await server.remove();
    },
  };
}

describe.each(Object.keys(BACKENDS))('the lanes on %s', (name) => {
  let held: Backend;
  let queues: LaneQueues;
  let workers: LaneWorkers | undefined;
  const errors: Error[] = [];
  const started: LaneWorker[] = [];

  beforeAll(async () => {
    held = (await BACKENDS[name]?.()) ?? expect.fail(name);
    // Stands still: no period of sweeps ends in the middle of a test.
    queues = new LaneQueues(held.backend, (_, error) => errors.push(error), { now: () => 0 });
  });
  afterAll(async () => {
    await queues?.close();
    await held?.close();
  });
  afterEach(async () => {
    await workers?.close(5_000);
    workers = undefined;
    expect(errors.splice(0)).toEqual([]);
  });

  const target = (): TargetKey => targetKey('user', newId());
  const work = (run: RunTarget): LaneWorkers => {
    started.length = 0;
    const observed: QueueBackend = {
      ...held.backend,
      worker: (lane, processor, options) => {
        const worker = held.backend.worker(lane, processor, options);
        started.push(worker);
        return worker;
      },
    };
    workers = new LaneWorkers(observed, queues, run, (_, error) => errors.push(error));
    return workers;
  };
  const empty = { waiting: 0, active: 0, delayed: 0 };
  const untilEmpty = (): Promise<void> =>
    eventually(async () => expect(await queues.jobs('normal')).toEqual(empty));

  /** A worker whose runs end one by one, as the test says. */
  function byHand(): { runs: TargetKey[]; end: (outcome?: 'done' | number) => Promise<void> } {
    const runs: TargetKey[] = [];
    const open: ((outcome: 'done' | number) => void)[] = [];
    work(async (key) => {
      runs.push(key);
      const outcome = await new Promise<'done' | number>((resolve) => open.push(resolve));
      return outcome === 'done' ? { next: 'done' } : { next: 'later', ms: outcome };
    });
    const end = async (outcome: 'done' | number = 'done'): Promise<void> => {
      const next = await eventually(() => open.shift() ?? expect.fail('nothing runs'));
      next(outcome);
    };
    return { runs, end };
  }

  it('run a target that is added several times while it waits once', async () => {
    const key = target();
    for (let i = 0; i < 3; i += 1) await queues.add('normal', [{ target: key, lane: 'normal' }]);
    expect(await queues.jobs('normal')).toEqual({ ...empty, waiting: 1 });
    const { runs, end } = byHand();
    await end();
    await untilEmpty();
    expect(runs).toEqual([key]);
  });

  it('run a target that is added while it runs once more, however often it was added', async () => {
    const key = target();
    const { runs, end } = byHand();
    await queues.add('normal', [{ target: key, lane: 'normal' }]);
    await eventually(() => expect(runs).toHaveLength(1));
    for (let i = 0; i < 3; i += 1) await queues.add('normal', [{ target: key, lane: 'normal' }]);
    expect(await queues.jobs('normal')).toEqual({ ...empty, active: 1 });
    await end();
    await end();
    await untilEmpty();
    expect(runs).toEqual([key, key]);
  });

  it('drop what is added over a target that was put off, and bring it forward where that is asked for', async () => {
    const key = target();
    const { runs, end } = byHand();
    await queues.add('normal', [{ target: key, lane: 'normal' }]);
    await end(FAR_MS);
    await eventually(async () => expect(await queues.jobs('normal')).toEqual({ ...empty, delayed: 1 }));
    await queues.add('normal', [{ target: key, lane: 'normal' }]);
    expect(await queues.jobs('normal')).toEqual({ ...empty, delayed: 1 });
    await queues.add('normal', [{ target: key, lane: 'normal', bringForward: true }]);
    await end();
    await untilEmpty();
    expect(runs).toEqual([key, key]);
  });

  it('bring forward a target that waits for more to come', async () => {
    const key = target();
    const { runs, end } = byHand();
    await queues.add('normal', [{ target: key, lane: 'normal', delayMs: FAR_MS }]);
    await queues.add('normal', [{ target: key, lane: 'normal', delayMs: FAR_MS }]);
    expect(await queues.jobs('normal')).toEqual({ ...empty, delayed: 1 });
    await queues.add('normal', [{ target: key, lane: 'normal', bringForward: true }]);
    await end();
    await untilEmpty();
    expect(runs).toEqual([key]);
  });

  it('bring forward what was added with a delay while the target ran', async () => {
    const key = target();
    const { runs, end } = byHand();
    await queues.add('normal', [{ target: key, lane: 'normal' }]);
    await eventually(() => expect(runs).toHaveLength(1));
    await queues.add('normal', [{ target: key, lane: 'normal', delayMs: FAR_MS }]);
    await end();
    await eventually(async () => expect(await queues.jobs('normal')).toEqual({ ...empty, delayed: 1 }));
    await queues.add('normal', [{ target: key, lane: 'normal', bringForward: true }]);
    await end();
    await untilEmpty();
    expect(runs).toEqual([key, key]);
  });

  it('keep what was added while a target ran that was put off then, and bring both forward', async () => {
    const key = target();
    const { runs, end } = byHand();
    await queues.add('normal', [{ target: key, lane: 'normal' }]);
    await eventually(() => expect(runs).toHaveLength(1));
    await queues.add('normal', [{ target: key, lane: 'normal' }]);
    await end(FAR_MS);
    await eventually(async () => expect(await queues.jobs('normal')).toEqual({ ...empty, delayed: 1 }));
    await queues.add('normal', [{ target: key, lane: 'normal', bringForward: true }]);
    await end();
    // The one that was added during the first run comes after the one that was put off.
    await end();
    await untilEmpty();
    expect(runs).toEqual([key, key, key]);
  });

  it('let a job put itself off as often as it likes without spending its one attempt', async () => {
    const key = target();
    let runs = 0;
    work(async () => {
      runs += 1;
      return runs < 20 ? { next: 'later', ms: 1 } : { next: 'done' };
    });
    await queues.add('normal', [{ target: key, lane: 'normal' }]);
    await eventually(() => expect(runs).toBe(20));
    await untilEmpty();
  });

  it('take what the sweep adds though a job of the target is stuck in a run', async () => {
    const key = target();
    const { runs, end } = byHand();
    await queues.add('normal', [{ target: key, lane: 'normal' }]);
    await eventually(() => expect(runs).toHaveLength(1));
    await queues.addSwept('normal', [{ target: key, lane: 'normal' }]);
    await eventually(() => expect(runs).toEqual([key, key]));
    await end();
    await end();
    await untilEmpty();
  });

  it('leave a target that the sweep took and that is put off to its own job, which is made where there is none', async () => {
    const key = target();
    const swept = { target: key, lane: 'normal' } as const;
    const { runs, end } = byHand();
    await queues.addSwept('normal', [swept]);
    await end(FAR_MS);
    await eventually(async () => expect(await queues.jobs('normal')).toEqual({ ...empty, delayed: 1 }));
    // Again and again, as sweeps do for hours while Coder is away.
    for (let turn = 0; turn < 3; turn += 1) {
      await queues.addSwept('normal', [swept]);
      await end(FAR_MS);
      await eventually(async () => expect(await queues.jobs('normal')).toEqual({ ...empty, delayed: 1 }));
    }
    expect(runs).toHaveLength(4);
    await queues.add('normal', [{ ...swept, bringForward: true }]);
    await end();
    await untilEmpty();
    expect(runs).toHaveLength(5);
  });

  it('heap nothing up where sweeps go on adding what waits already, and take it again afterwards', async () => {
    const key = target();
    const swept = { target: key, lane: 'normal' } as const;
    for (let turn = 0; turn < 5; turn += 1) await queues.addSwept('normal', [swept]);
    expect(await queues.depth('normal')).toBe(1);
    const { runs, end } = byHand();
    await eventually(() => expect(runs).toEqual([key]));
    await queues.addSwept('normal', [swept]);
    expect(await queues.depth('normal')).toBe(1);
    await end();
    await untilEmpty();
    await queues.addSwept('normal', [swept]);
    await eventually(() => expect(runs).toEqual([key, key]));
    await end();
    await untilEmpty();
  });

  it('take what is pushed and what the sweep adds though a deduplication key of the target was orphaned', async () => {
    const { runs, end } = byHand();
    const [swept, pushed] = [target(), target()];
    await held.orphan('normal', swept);
    await queues.addSwept('normal', [{ target: swept, lane: 'normal' }]);
    await end();
    await eventually(() => expect(runs).toEqual([swept]));
    await held.orphan('normal', pushed);
    await queues.add('normal', [{ target: pushed, lane: 'normal' }]);
    await end();
    await untilEmpty();
    expect(runs).toEqual([swept, pushed]);
  });

  it('run nothing while they are paused, and everything afterwards; the last word counts', async () => {
    const runs = new Set<TargetKey>();
    const lanes = work(async (key) => {
      runs.add(key);
      return { next: 'done' };
    });
    const keys = Array.from({ length: 30 }, target);
    lanes.setPaused(true);
    lanes.setPaused(false);
    lanes.setPaused(true);
    await eventually(() => expect(started.map((worker) => worker.isPaused())).toEqual([true, true]));
    await queues.add(
      'normal',
      keys.map((key) => ({ target: key, lane: 'normal' })),
    );
    // A worker that waited for a job when it was paused may take this one; the reconciler puts it off by itself.
    for (let i = 0; i < 50; i += 1)
      expect((await queues.jobs('normal')).waiting).toBeGreaterThanOrEqual(keys.length - 1);
    lanes.setPaused(false);
    await eventually(() => expect(runs).toEqual(new Set(keys)));
    await untilEmpty();
  });

  it('keep the lanes apart: a target may wait in both, and urgent work does not wait for the other lane', async () => {
    const order: Lane[] = [];
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    work(async (_, lane) => {
      if (lane === 'normal') await gate;
      order.push(lane);
      return { next: 'done' };
    });
    const keys = Array.from({ length: 40 }, target);
    await queues.add(
      'normal',
      keys.map((key) => ({ target: key, lane: 'normal' })),
    );
    await eventually(async () => expect((await queues.jobs('normal')).active).toBe(12));
    await queues.add('urgent', [{ target: keys[0] ?? expect.fail(), lane: 'urgent' }]);
    await eventually(() => expect(order).toEqual(['urgent']));
    release?.();
    await untilEmpty();
    expect(order).toHaveLength(41);
  });
});
