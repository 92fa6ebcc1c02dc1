import type { JobsOptions } from 'bullmq';

import { LANES, systemClock } from '../common/index.js';
import type { Clock, Lane } from '../common/index.js';
import type { LaneQueue, QueueBackend } from './backend.js';
import type { WakeUp } from './wake-ups.js';

/** Jobs are keys: nothing is worth keeping of a finished one. Tries are counted on the target's row, not by BullMQ. */
const JOB: JobsOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

/** The ids of the sweep's jobs change after this long: one that the queue holds and never runs holds its target back no longer. */
const SWEPT_ID_MS = 600_000;

/** The two lanes as BullMQ queues. */
export class LaneQueues {
  private readonly queues: ReadonlyMap<Lane, LaneQueue>;

  constructor(
    backend: QueueBackend,
    onError: (lane: Lane, error: Error) => void,
    private readonly clock: Pick<Clock, 'now'> = systemClock,
  ) {
    this.queues = new Map(LANES.map((lane) => [lane, backend.queue(lane)]));
    for (const [lane, queue] of this.queues) queue.on('error', (error) => onError(lane, error));
  }

  /**
   * Adds a job for each wake-up. A job of that target which waits already, or which runs (then one more run follows),
   * swallows it; one that was put off is brought forward when the wake-up says so.
   */
  async add(lane: Lane, wakeUps: readonly WakeUp[]): Promise<void> {
    await this.queue(lane).addBulk(
      wakeUps.map(({ target, delayMs, bringForward }) => ({
        name: 'reconcile',
        data: { target },
        opts: {
          ...JOB,
          ...(delayMs ? { delay: delayMs } : {}),
          deduplication: {
            id: target,
            keepLastIfActive: true,
            ...(bringForward ? { reschedule: true } : {}),
          },
        },
      })),
    );
  }

  /**
   * Adds without deduplication: the sweep must get through even where a deduplication key was orphaned. By its id a target has
   * one such job at a time, and it runs once (see {@link LaneWorkers}): sweeps that go on while Coder is away heap nothing up.
   */
  async addSwept(lane: Lane, wakeUps: readonly WakeUp[]): Promise<void> {
    const period = Math.floor(this.clock.now() / SWEPT_ID_MS);
    await this.queue(lane).addBulk(
      wakeUps.map(({ target }) => ({
        name: 'reconcile',
        data: { target, swept: true },
        // BullMQ refuses ids with one colon.
        opts: { ...JOB, jobId: `swept-${target.replace(':', '-')}-${period}` },
      })),
    );
  }

  /** Jobs of a lane by state. */
  async jobs(lane: Lane): Promise<{ waiting: number; active: number; delayed: number }> {
    const counts = await this.queue(lane).getJobCounts('waiting', 'active', 'delayed', 'prioritized');
    return {
      waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0),
      active: counts['active'] ?? 0,
      delayed: counts['delayed'] ?? 0,
    };
  }

  /** Jobs of a lane that wait, run or are delayed. */
  async depth(lane: Lane): Promise<number> {
    const { waiting, active, delayed } = await this.jobs(lane);
    return waiting + active + delayed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close().catch(() => undefined)));
  }

  private queue(lane: Lane): LaneQueue {
    const queue = this.queues.get(lane);
    if (!queue) throw new Error(`no queue for lane ${lane}`);
    return queue;
  }
}
