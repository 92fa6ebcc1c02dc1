import { LANES } from '../common/index.js';
import type { DirtyTargets, LaneQueues, Locks, QueueBackend } from '../queue/index.js';

/** Dirty targets of one turn. */
const LIMIT = 500;
/** Turns of one sweep, so that a large backlog after an outage is enqueued at once and not over minutes. */
const MAX_TURNS = 40;

/**
 * Finds what no job covers: what was committed while the queue was down, or whose job was lost. Adds without deduplication,
 * so that an orphaned deduplication key holds nothing back.
 */
export class Sweeper {
  constructor(
    private readonly dirty: DirtyTargets,
    private readonly queues: Pick<LaneQueues, 'addPlain'>,
    private readonly backend: Pick<QueueBackend, 'ping'>,
    private readonly locks: Locks,
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
      return await this.turns(atStart);
    } finally {
      await lock.release();
    }
  }

  private async turns(atStart: boolean): Promise<number> {
    let total = 0;
    // At start there is no mark that tells what this sweep has taken already, so it takes one large turn.
    const limit = atStart ? LIMIT * MAX_TURNS : LIMIT;
    for (let turn = 0; turn < (atStart ? 1 : MAX_TURNS); turn += 1) {
      const found = await this.dirty.sweep(limit, { atStart });
      for (const lane of LANES) {
        const some = found.filter((wakeUp) => wakeUp.lane === lane);
        if (some.length > 0) await this.queues.addPlain(lane, some);
      }
      total += found.length;
      if (found.length < limit) break;
    }
    return total;
  }
}
