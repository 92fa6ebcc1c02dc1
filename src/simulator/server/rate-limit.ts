import type { Clock } from '../../common/index.js';
import { ApiFailure } from './answers.js';

const WINDOW_MS = 60_000;

interface Counter {
  window: number;
  current: number;
  previous: number;
}

/**
 * Coder's limiter: a sliding window of a minute over the counts of this window and the one before, per key, where the
 * key is the caller's address and the path. It stands before authentication, so all callers on one machine share it.
 */
export class RateLimiter {
  private readonly counters = new Map<string, Counter>();
  private cleaned = 0;

  constructor(private readonly clock: Clock) {}

  /**
   * Counts one request. Answers the headers that go with every limited answer.
   * @throws ApiFailure 429 with Retry-After: 60, the whole window
   */
  take(key: string, limit: number): Record<string, string> {
    const now = this.clock.now();
    const window = Math.floor(now / WINDOW_MS);
    const counter = this.counter(key, window);
    const share = 1 - (now - window * WINDOW_MS) / WINDOW_MS;
    const rate = Math.round(counter.previous * share + counter.current);
    const over = rate + 1 > limit;
    if (!over) counter.current += 1;
    const headers = {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(Math.max(0, limit - rate - (over ? 0 : 1))),
      'X-RateLimit-Reset': String(((window + 1) * WINDOW_MS) / 1000),
    };
    if (!over) return headers;
    const retry = { ...headers, 'Retry-After': String(WINDOW_MS / 1000) };
    throw new ApiFailure(429, "You've been rate limited for sending too many requests!", '', [], retry);
  }

  private counter(key: string, window: number): Counter {
    if (this.cleaned !== window) this.clean(window);
    let counter = this.counters.get(key);
    if (!counter) this.counters.set(key, (counter = { window, current: 0, previous: 0 }));
    if (counter.window !== window) {
      counter.previous = counter.window === window - 1 ? counter.current : 0;
      counter.current = 0;
      counter.window = window;
    }
    return counter;
  }

  private clean(window: number): void {
    this.cleaned = window;
    for (const [key, counter] of this.counters) if (counter.window < window - 1) this.counters.delete(key);
  }
}
