/** Bounds of the wait between tries, milliseconds. */
export interface BackoffBounds {
  readonly baseMs: number;
  readonly capMs: number;
}

/** The usual bounds. */
export const BACKOFF_BOUNDS: BackoffBounds = { baseMs: 1_000, capMs: 60_000 };

/** Injection token of the {@link BackoffBounds} of this process. */
export const BACKOFF = Symbol('BACKOFF');

/**
 * How long to wait before the next try: exponential with full jitter, so that targets which failed together do not come
 * back together. The wait is drawn evenly from 0 to min(cap, base * 2^(tries - 1)).
 *
 * @param tries tries made so far, the one that just failed included (1 after the first failure)
 * @param random a number in [0, 1)
 * @returns whole milliseconds, at least 1
 */
export function backoff(tries: number, random: () => number, bounds: BackoffBounds = BACKOFF_BOUNDS): number {
  const doublings = Math.min(Math.max(tries - 1, 0), 30);
  const longest = Math.min(bounds.capMs, bounds.baseMs * 2 ** doublings);
  return Math.max(1, Math.floor(random() * longest));
}
