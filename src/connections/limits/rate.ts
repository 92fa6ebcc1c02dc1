import type { Clock } from '../../common/index.js';

/** So many in a second on average, and so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Keys remembered at once. */
const MOST_KEYS = 10_000;

/**
 * Counts events by key against a rate, with one number for each key (the "generic cell rate algorithm": the time at which
 * the key would be idle). Memory is bounded: beyond {@link MOST_KEYS} the key that was counted first is forgotten.
 */
export class RateLimiter {
  private readonly idleAt = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Counts one event. @returns 0, or after how many milliseconds the next one is within the rate: then it is not counted */
  take(key: string, rate: Rate): number {
    const wait = this.waitOf(key, rate);
    if (wait > 0) return wait;
    const now = this.clock.monotonic();
    const idleAt = Math.max(this.idleAt.get(key) ?? now, now) + 1_000 / rate.perSecond;
    // Moved to the end: the first key is then the one whose last event is the longest ago.
    this.idleAt.delete(key);
    this.idleAt.set(key, idleAt);
    const [first] = this.idleAt.keys();
    if (this.idleAt.size > MOST_KEYS && first !== undefined) this.idleAt.delete(first);
    return 0;
  }

  /** After how many milliseconds one more event is within the rate; counts nothing. */
  waitOf(key: string, { perSecond, burst }: Rate): number {
    const idleAt = this.idleAt.get(key);
    if (idleAt === undefined) return 0;
    const interval = 1_000 / perSecond;
    // One event is room for itself, so that a burst of 1 lets one pass.
    const wait = idleAt + interval - burst * interval - this.clock.monotonic();
    // Rounding must not refuse what is due now.
    return wait > 1e-6 ? wait : 0;
  }

  get size(): number {
    return this.idleAt.size;
  }
}
