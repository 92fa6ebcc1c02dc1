import { LANES } from '../common/index.js';
import type { Lane, TargetKey } from '../common/index.js';
import type { LaneQueues } from './lane-queues.js';
import type { WakeUp, WakeUps } from './wake-ups.js';

/** Keys held per lane while the queue is slow or away; what does not fit the sweep finds. */
const CAPACITY = 10_000;
/** Jobs of one addBulk: one round trip for fifty is three times as fast as fifty. */
const BATCH = 100;
const FLUSH_MS = 5;
/**
 * Jobs that are added in a second while more come than that, but for urgent ones: twelve times what Coder takes by default, so
 * that workers have enough to do and a flood of pushes comes first.
 */
const ADDED_PER_SECOND = 100;
/** After this long an unanswered add is given up; the sweep delivers. */
const TIMEOUT_MS = 5_000;

/**
 * Between commit and queue: no push ever waits for the queue. Wake-ups gather for 5 ms (urgent ones go at once) and are
 * added in bulk; in a flood of pushes for longer, so that the queue's work does not take the time of theirs, and soon after it. While the
 * queue is down they are dropped, which is harmless: the dirty mark is in the database.
 */
export class WakeBuffer implements WakeUps {
  private readonly pending = new Map<Lane, Map<TargetKey, WakeUp>>(LANES.map((lane) => [lane, new Map()]));
  private readonly timers = new Map<Lane, NodeJS.Timeout>();
  private readonly flushing = new Map<Lane, Promise<void>>();
  /** How many were taken in since the last were added. */
  private readonly arrived = new Map<Lane, number>();
  private closed = false;
  private failing = false;

  constructor(
    private readonly queues: Pick<LaneQueues, 'add'>,
    private readonly onState: (state: { failing: boolean; dropped: number; reason?: string }) => void,
  ) {}

  /** Whether the last add failed. */
  get isFailing(): boolean {
    return this.failing;
  }

  wake(wakeUps: readonly WakeUp[]): void {
    if (this.closed) return;
    for (const wakeUp of wakeUps) this.keep(wakeUp);
  }

  /** Sends what is held, waits at most for the time limit of an add, and accepts nothing more. */
  async close(): Promise<void> {
    this.closed = true;
    for (const lane of LANES) {
      clearTimeout(this.timers.get(lane));
      await this.flushing.get(lane);
      while (!this.failing && this.lane(lane).size > 0) await this.flush(lane);
    }
  }

  private keep(wakeUp: WakeUp): void {
    const lane = this.lane(wakeUp.lane);
    const held = lane.get(wakeUp.target);
    if (!held && lane.size >= CAPACITY) return;
    lane.set(wakeUp.target, held ? merge(held, wakeUp) : wakeUp);
    this.arrived.set(wakeUp.lane, (this.arrived.get(wakeUp.lane) ?? 0) + 1);
    if (this.timers.has(wakeUp.lane) || this.flushing.has(wakeUp.lane)) return;
    this.schedule(wakeUp.lane, wakeUp.lane === 'urgent' ? 0 : FLUSH_MS);
  }

  private schedule(lane: Lane, ms: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(lane);
      const grows = (this.arrived.get(lane) ?? 0) >= Math.min(BATCH, this.lane(lane).size);
      this.arrived.set(lane, 0);
      const flush = this.flush(lane).then((added) => this.rest(lane, grows ? added : 0));
      this.flushing.set(lane, flush);
    }, ms);
    this.timers.set(lane, timer);
  }

  /** @param paced how many of those that were added count towards the pace */
  private rest(lane: Lane, paced: number): void {
    this.flushing.delete(lane);
    if (this.closed || this.lane(lane).size === 0) return;
    const pause = lane === 'urgent' ? 0 : (paced * 1_000) / ADDED_PER_SECOND;
    this.schedule(lane, Math.max(FLUSH_MS, pause));
  }

  /** Adds the oldest ones that are held; answers how many. */
  private async flush(lane: Lane): Promise<number> {
    const held = this.lane(lane);
    const batch = [...held.values()].slice(0, BATCH);
    for (const { target } of batch) held.delete(target);
    try {
      if (batch.length > 0) await within(TIMEOUT_MS, this.queues.add(lane, batch));
      this.state(false, 0);
    } catch (error) {
      this.state(true, batch.length, error instanceof Error ? error.message : String(error));
    }
    return batch.length;
  }

  private state(failing: boolean, dropped: number, reason?: string): void {
    if (!failing && !this.failing) return;
    this.failing = failing;
    this.onState({ failing, dropped, ...(reason ? { reason } : {}) });
  }

  private lane(lane: Lane): Map<TargetKey, WakeUp> {
    const held = this.pending.get(lane);
    if (!held) throw new Error(`no lane ${lane}`);
    return held;
  }
}

/** Two wake-ups of one target: the sooner one counts, and bringing forward once asked for stays. */
function merge(a: WakeUp, b: WakeUp): WakeUp {
  return {
    ...a,
    delayMs: Math.min(a.delayMs ?? 0, b.delayMs ?? 0),
    bringForward: Boolean(a.bringForward) || Boolean(b.bringForward),
  };
}

/** Rejects when `work` takes longer than `ms`; the work itself goes on. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
