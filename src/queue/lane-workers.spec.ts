import { DelayedError } from 'bullmq';
import type { Job } from 'bullmq';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { targetKey } from '../common/index.js';
import type { Lane } from '../common/index.js';
import type { JobData, LaneProcessor, LaneWorkerOptions, QueueBackend } from './backend.js';
import { LaneWorkers } from './lane-workers.js';
import type { RunOutcome } from './lane-workers.js';
import type { WakeUp } from './wake-ups.js';

const USER = targetKey('user', 'one');

/** A worker that does what it is told and writes down what it was told. */
class FakeWorker {
  readonly calls: string[] = [];
  paused = false;
  /** Resolves the graceful close; none: it closes at once. */
  finish: (() => void) | null = null;
  slow = false;

  constructor(
    readonly lane: Lane,
    readonly processor: LaneProcessor,
    readonly options: LaneWorkerOptions,
  ) {}

  async pause(doNotWaitActive?: boolean): Promise<void> {
    this.calls.push(doNotWaitActive ? 'pause at once' : 'pause');
    this.paused = true;
  }

  resume(): void {
    this.calls.push('resume');
    this.paused = false;
  }

  isPaused(): boolean {
    return this.paused;
  }

  on(): this {
    return this;
  }

  async close(force?: boolean): Promise<void> {
    this.calls.push(force ? 'close by force' : 'close');
    if (!force && this.slow) await new Promise<void>((resolve) => (this.finish = resolve));
  }
}

let workers: FakeWorker[];
let errors: { lane: Lane; message: string }[];
let run: (target: string, lane: Lane) => Promise<RunOutcome>;
let lanes: LaneWorkers;
let added: WakeUp[];

beforeEach(() => {
  workers = [];
  errors = [];
  added = [];
  run = async () => ({ next: 'done' });
  const backend: Pick<QueueBackend, 'worker'> = {
    worker: (lane, processor, options) => {
      const worker = new FakeWorker(lane, processor, options);
      workers.push(worker);
      return worker;
    },
  };
  lanes = new LaneWorkers(
    backend as QueueBackend,
    { add: async (lane, wakeUps) => void added.push(...wakeUps.map((wakeUp) => ({ ...wakeUp, lane }))) },
    (target, lane) => run(target, lane),
    (lane, error) => void errors.push({ lane, message: error.message }),
  );
});

/** Lets the lane's worker have a job of the target; answers until when the job was put off, if it was. */
async function process(
  lane: Lane,
  data: Partial<JobData> = {},
): Promise<{ delayedTo: number | null; error: unknown }> {
  let delayedTo: number | null = null;
  const job = {
    data: { target: USER, ...data },
    moveToDelayed: async (at: number, token: string) => {
      expect(token).toBe('the token');
      delayedTo = at;
    },
  };
  const worker = workers.find((one) => one.lane === lane);
  const error: unknown = await worker?.processor(job as unknown as Job, 'the token').then(
    () => null,
    (reason: unknown) => reason,
  );
  return { delayedTo, error };
}

describe('the workers of the lanes', () => {
  it('keep four slots for urgent work alone', () => {
    expect(workers.map(({ lane, options }) => [lane, options.concurrency])).toEqual([
      ['urgent', 4],
      ['normal', 12],
    ]);
    // A job may stall as often as it likes: it is a key like any other.
    expect(workers.every(({ options }) => (options.maxStalledCount ?? 0) >= 1_000_000)).toBe(true);
  });

  it('give the target and the lane of each job to the run', async () => {
    const seen: string[] = [];
    run = async (target, lane) => {
      seen.push(`${target} ${lane}`);
      return { next: 'done' };
    };
    expect(await process('urgent')).toEqual({ delayedTo: null, error: null });
    await process('normal');
    expect(seen).toEqual([`${USER} urgent`, `${USER} normal`]);
  });

  it('put a job off without spending an attempt, by at least a millisecond', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(1_000_000);
    for (const [ms, at] of [
      [250, 1_000_250],
      [0, 1_000_001],
      [12.6, 1_000_013],
    ] as const) {
      run = async () => ({ next: 'later', ms });
      const { delayedTo, error } = await process('normal');
      expect(delayedTo).toBe(at);
      expect(error).toBeInstanceOf(DelayedError);
    }
    vi.restoreAllMocks();
  });

  it('end a job of the sweep that would be put off, and leave the rest to the target’s own', async () => {
    run = async () => ({ next: 'later', ms: 12.6 });
    expect(await process('urgent', { swept: true })).toEqual({ delayedTo: null, error: null });
    expect(added).toEqual([{ target: USER, lane: 'urgent', delayMs: 13 }]);
    run = async () => ({ next: 'done' });
    expect(await process('normal', { swept: true })).toEqual({ delayedTo: null, error: null });
    expect(added).toHaveLength(1);
  });

  it('tell of a run that throws, and let the queue give the job up', async () => {
    run = () => Promise.reject(new Error('the database is away'));
    const { error } = await process('urgent');
    expect(error).toMatchObject({ message: 'the database is away' });
    expect(errors).toEqual([{ lane: 'urgent', message: 'the database is away' }]);
  });

  it('pause without waiting for runs, and resume; the last word counts', async () => {
    lanes.setPaused(true);
    lanes.setPaused(true);
    await vi.waitFor(() => expect(workers.every((worker) => worker.paused)).toBe(true));
    lanes.setPaused(false);
    lanes.setPaused(true);
    lanes.setPaused(false);
    await vi.waitFor(() => expect(workers.every((worker) => !worker.paused)).toBe(true));
    for (const { calls } of workers) {
      expect(calls[0]).toBe('pause at once');
      expect(calls.at(-1)).toBe('resume');
    }
  });

  it('close when their runs have ended, and by force when those take longer than the grace', async () => {
    const [urgent, normal] = workers;
    if (!urgent || !normal) throw new Error('no workers');
    urgent.slow = true;
    await lanes.close(20);
    expect(urgent.calls).toEqual(['close', 'close by force']);
    expect(normal.calls).toEqual(['close']);
    urgent.finish?.();
  });
});
