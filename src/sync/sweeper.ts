import { LANES } from '../common/index.js';
import type { Lane } from '../common/index.js';
import type { DirtyTargets, LaneQueues, Locks, QueueBackend, SweepOptions } from '../queue/index.js';

/** Dirty targets of one turn. */
const LIMIT = 500;
/** Of a lane that seems to be covered: the oldest ones. */
const LIMIT_OF_COVERED = 50;
/** Jobs of a lane beyond two for each of its targets: nobody takes them now, and more are of no use. */
const LIMIT_OF_JOBS = 1_000;
/** Turns of one sweep, so that a large backlog after an outage is enqueued at once and not over minutes. */
const MAX_TURNS = 40;

/**
 * Finds what no job covers: what was committed while the queue was down, or whose job was lost. Adds without deduplication,
 * so that an orphaned deduplication key holds nothing back.
 */
export class Sweeper {
  constructor(
    private readonly dirty: Pick<DirtyTargets, 'sweep' | 'counts'>,
    private readonly queues: Pick<LaneQueues, 'addSwept' | 'depth'>,
    private readonly backend: Pick<QueueBackend, 'ping'>,
    private readonly locks: Pick<Locks, 'tryAcquire'>,
  ) {}

  /**
   * One sweep, by one replica at a time.
   *
   * @param atStart also what was pushed or swept just now: after a start nobody has it in hand
   * @returns how many targets were enqueued
   * @throws when the queue does not take them; the next sweep after `swept_at` finds them again
   */
  async sweep(atStart = false): Promise<number> {
    const lock = await this.locks.tryAcquire('sweep', 15_000);
    if (!lock) return 0;
    try {
      // Marking targets as swept while the queue is away would keep them from the next sweep.
      await this.backend.ping();
      if (atStart) return await this.turn(LIMIT * MAX_TURNS, { atStart });
      return await this.sweepLanes();
    } finally {
      await lock.release();
    }
  }

  /**
   * Where a lane has as many jobs as dirty targets, each may have its own, and every turn would take up thousands of them for
   * nothing while Coder is away. Or else some have several, and others, for which these wait, have none: nobody can
   * tell, so that the oldest ones are taken all the same. Not so where there are two for each, a target's own and the sweep's:
   * the workers stand still.
   */
  private async sweepLanes(): Promise<number> {
    const { dirty, urgent } = await this.dirty.counts();
    const targets: Readonly<Record<Lane, number>> = { urgent, normal: dirty - urgent };
    let total = 0;
    for (const lane of LANES) {
      if (targets[lane] === 0) continue;
      const depth = await this.queues.depth(lane);
      if (depth >= 2 * targets[lane] + LIMIT_OF_JOBS) continue;
      const covered = depth >= targets[lane];
      total += covered ? await this.turn(LIMIT_OF_COVERED, { lane }) : await this.turns(lane);
    }
    return total;
  }

  private async turns(lane: Lane): Promise<number> {
    let total = 0;
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const found = await this.turn(LIMIT, { lane });
      total += found;
      if (found < LIMIT) break;
    }
    return total;
  }

  /** At start there is no mark that tells what this sweep has taken already, so it takes one large turn. */
  private async turn(limit: number, options: SweepOptions): Promise<number> {
    const found = await this.dirty.sweep(limit, options);
    for (const lane of LANES) {
      const some = found.filter((wakeUp) => wakeUp.lane === lane);
      if (some.length > 0) await this.queues.addSwept(lane, some);
    }
    return found.length;
  }
}
