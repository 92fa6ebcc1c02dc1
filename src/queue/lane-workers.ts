import { DelayedError } from 'bullmq';

import { LANES } from '../common/index.js';
import type { Lane, TargetKey } from '../common/index.js';
import type { LaneProcessor, LaneWorker, LaneWorkerOptions, QueueBackend } from './backend.js';
import type { LaneQueues } from './lane-queues.js';

/** How a run ended: done with, or to be looked at again after some time (which spends no attempt of BullMQ's). */
export type RunOutcome = { readonly next: 'done' } | { readonly next: 'later'; readonly ms: number };

/** Does the work of one job. Must not throw for anything that Coder answers; what it throws the sweep repairs. */
export type RunTarget = (target: TargetKey, lane: Lane) => Promise<RunOutcome>;

/** Four slots serve urgent work only, so that no backlog delays a deactivation. */
const SLOTS: Readonly<Record<Lane, number>> = { urgent: 4, normal: 12 };

const OPTIONS: LaneWorkerOptions = {
  // A stalled job is a key like any other: it may stall as often as it likes.
  maxStalledCount: 1_000_000,
  lockDuration: 15_000,
  stalledInterval: 5_000,
  // After the backend was away, a worker asks again this soon; BullMQ's own 15 s would keep urgent work waiting.
  runRetryDelay: 1_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
};

/**
 * The workers of both lanes of this process. A job that is put off waits, but for the sweep's: it ends, and the target's own job
 * waits in its place, which is made where there is none.
 */
export class LaneWorkers {
  private readonly workers: readonly LaneWorker[];
  private paused = false;
  private settled: Promise<void> = Promise.resolve();

  constructor(
    backend: QueueBackend,
    queues: Pick<LaneQueues, 'add'>,
    run: RunTarget,
    onError: (lane: Lane, error: Error) => void,
  ) {
    this.workers = LANES.map((lane) => {
      const worker = backend.worker(lane, processor(lane, queues, run, onError), {
        ...OPTIONS,
        concurrency: SLOTS[lane],
      });
      worker.on('error', (error) => onError(lane, error));
      return worker;
    });
  }

  /** Stops taking jobs, or takes them again; jobs that run go on. The last call wins. */
  setPaused(paused: boolean): void {
    this.paused = paused;
    this.settled = this.settled.then(() => this.applyPause()).catch(() => undefined);
  }

  private async applyPause(): Promise<void> {
    for (const worker of this.workers) {
      if (this.paused && !worker.isPaused()) await worker.pause(true);
      else if (!this.paused && worker.isPaused()) worker.resume();
    }
  }

  /** Stops fetching and waits for the jobs in flight, at most `graceMs`. */
  async close(graceMs: number): Promise<void> {
    await Promise.all(
      this.workers.map(async (worker) => {
        let timer: NodeJS.Timeout | undefined;
        const grace = new Promise<'late'>((resolve) => {
          timer = setTimeout(() => resolve('late'), graceMs);
        });
        const ended = await Promise.race([worker.close().catch(() => undefined), grace]);
        clearTimeout(timer);
        if (ended === 'late') await worker.close(true).catch(() => undefined);
      }),
    );
  }
}

function processor(
  lane: Lane,
  queues: Pick<LaneQueues, 'add'>,
  run: RunTarget,
  onError: (lane: Lane, error: Error) => void,
): LaneProcessor {
  return async (job, token) => {
    const { target, swept } = job.data;
    let outcome: RunOutcome;
    try {
      outcome = await run(target, lane);
      if (outcome.next === 'later' && swept)
        return await queues.add(lane, [{ target, lane, delayMs: delayOf(outcome.ms) }]);
    } catch (error) {
      onError(lane, error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    if (outcome.next === 'done') return;
    await job.moveToDelayed(Date.now() + delayOf(outcome.ms), token);
    throw new DelayedError();
  };
}

/** At least a millisecond, in whole ones. */
function delayOf(ms: number): number {
  return Math.max(1, Math.round(ms));
}
