import type { TargetKey } from '../common/index.js';

/** Targets that are remembered; beyond it the oldest is forgotten, and counts from the beginning again. */
const MAX_REMEMBERED = 10_000;

/**
 * Counts how often in a row a target failed by its own fault: a 500 while others succeed, or an error of the bridge itself.
 * Tries that Coder as a whole was to blame for do not count, however many there were: after an outage of an hour one
 * target's first 500 must not be its last. Counted in this process; another worker counts for itself.
 */
export class Blame {
  private readonly counts = new Map<TargetKey, number>();

  /** @returns how often in a row, this time included */
  add(target: TargetKey): number {
    const count = (this.counts.get(target) ?? 0) + 1;
    this.counts.delete(target);
    this.counts.set(target, count);
    if (this.counts.size > MAX_REMEMBERED) {
      for (const oldest of this.counts.keys()) {
        this.counts.delete(oldest);
        break;
      }
    }
    return count;
  }

  /** The target's work came to an end, whichever. */
  clear(target: TargetKey): void {
    this.counts.delete(target);
  }
}
