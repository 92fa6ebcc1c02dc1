import type { Clock } from '../../common/index.js';
import type { RateFeedback } from './rate-headers.js';

/** What the limiter needs. */
export interface LimiterOptions {
  /** Requests per minute and path that Coder permits; none: no limit of our own (a 429 is heeded all the same). */
  readonly perMinute?: number;
  /** Processes that share the limit now (Coder counts by address and path). */
  readonly workers: () => number;
  readonly clock: Clock;
  /** 0..1 */
  readonly random?: () => number;
}

/** A path's bucket. Times are monotonic milliseconds. */
interface Bucket {
  tokens: number;
  /** When `tokens` was right. In the future while the path is closed: it refills from then on. */
  at: number;
  /** The place that the next one to wait is given. */
  nextSlot: number;
  /** Calls that took a token and have no answer yet: Coder's count may lack them. */
  inFlight: number;
  limit: number;
}

/** 40 of Coder's default 512: burst and refill together never exceed the limit within a minute. */
const MAX_BURST = 40;
const BURST_SHARE = 0.08;
const REFILL_SHARE = 0.92;
/** Nobody is told to wait longer than this behind others. */
const MAX_QUEUE_MS = 60_000;
/** Coder's window slides, so that an exhausted path has room again before its reset. */
const MAX_EXHAUSTED_MS = 5_000;
const UNLIMITED_SLOT_MS = 125;
/** Somebody who comes exactly on time is not sent away for a rounding error. */
const ONE_TOKEN = 1 - 1e-6;
const SWEEP_EVERY = 1_000;
const MAX_PATHS = 20_000;

/**
 * A token bucket for each concrete path, because Coder counts by path (`GET /users?q=` and `POST /users` together).
 * It never waits: it says how long to wait, and gives successive places to those it sends away, so that they do not
 * come back all at once.
 */
export class PathLimiter {
  private readonly buckets = new Map<string, Bucket>();
  private readonly random: () => number;
  private takes = 0;

  constructor(private readonly options: LimiterOptions) {
    this.random = options.random ?? Math.random;
  }

  /**
   * Takes a token of the path (without query).
   *
   * @param ahead wait for the next token, not for a place behind those who were sent away
   * @returns 0: go on, and call {@link answered} when the call has ended, however it did; else the milliseconds to wait
   */
  take(path: string, ahead = false): number {
    const now = this.options.clock.monotonic();
    if (++this.takes % SWEEP_EVERY === 0 || this.buckets.size >= MAX_PATHS) this.sweep(now);
    const bucket = this.bucketOf(path, now);
    this.refill(bucket, now);
    if (bucket.at > now || bucket.tokens < ONE_TOKEN) return this.wait(bucket, now, ahead);
    bucket.tokens = Math.max(0, bucket.tokens - 1);
    bucket.inFlight += 1;
    return 0;
  }

  /** A call that had a token has ended; what its answer said corrects the bucket, downwards only. */
  answered(path: string, feedback: RateFeedback = {}): void {
    const bucket = this.buckets.get(path);
    if (!bucket) return;
    const now = this.options.clock.monotonic();
    bucket.inFlight = Math.max(0, bucket.inFlight - 1);
    this.refill(bucket, now);
    if (feedback.limit !== undefined) bucket.limit = Math.min(bucket.limit, feedback.limit);
    if (feedback.remaining !== undefined && this.limited) {
      const ours = feedback.remaining / this.workers() - bucket.inFlight;
      bucket.tokens = Math.min(bucket.tokens, Math.max(0, ours));
      if (feedback.remaining === 0) {
        this.close(bucket, now + Math.min(feedback.resetInMs ?? MAX_EXHAUSTED_MS, MAX_EXHAUSTED_MS));
      }
    }
    if (feedback.closedForMs !== undefined) this.close(bucket, now + feedback.closedForMs);
  }

  /** Paths remembered now. */
  get size(): number {
    return this.buckets.size;
  }

  private get limited(): boolean {
    return this.options.perMinute !== undefined;
  }

  private workers(): number {
    const count = Math.floor(this.options.workers());
    return count >= 1 ? count : 1;
  }

  private burst(bucket: Bucket): number {
    return Math.max(1, Math.min(MAX_BURST, Math.floor(bucket.limit * BURST_SHARE)) / this.workers());
  }

  /** Milliseconds for one token. */
  private slotMs(bucket: Bucket): number {
    return this.limited ? (60_000 * this.workers()) / (bucket.limit * REFILL_SHARE) : UNLIMITED_SLOT_MS;
  }

  private refill(bucket: Bucket, now: number): void {
    if (bucket.at > now) return;
    const grown = this.limited ? bucket.tokens + (now - bucket.at) / this.slotMs(bucket) : Infinity;
    bucket.tokens = Math.min(grown, this.limited ? this.burst(bucket) : Infinity);
    bucket.at = now;
  }

  private close(bucket: Bucket, until: number): void {
    bucket.tokens = 0;
    bucket.at = Math.max(bucket.at, until);
  }

  private wait(bucket: Bucket, now: number, ahead: boolean): number {
    const slot = this.slotMs(bucket);
    const opens = Math.max(now, bucket.at) + (this.limited ? Math.max(0, 1 - bucket.tokens) * slot : 0);
    if (ahead) return Math.max(1, Math.ceil(opens - now));
    bucket.nextSlot = Math.max(bucket.nextSlot, opens);
    let place = bucket.nextSlot;
    if (place > opens + MAX_QUEUE_MS) place = opens + MAX_QUEUE_MS * (0.5 + 0.5 * this.random());
    else bucket.nextSlot += slot;
    return Math.max(1, Math.ceil(place - now + this.random() * slot));
  }

  private bucketOf(path: string, now: number): Bucket {
    let bucket = this.buckets.get(path);
    if (!bucket) {
      bucket = { tokens: 0, at: now, nextSlot: now, inFlight: 0, limit: this.options.perMinute ?? Infinity };
      bucket.tokens = this.limited ? this.burst(bucket) : Infinity;
      this.buckets.set(path, bucket);
    }
    return bucket;
  }

  /** Forgets the paths that a new bucket would not differ from; when there are still too many, the oldest. */
  private sweep(now: number): void {
    for (const [path, bucket] of this.buckets) {
      this.refill(bucket, now);
      const idle = bucket.inFlight === 0 && bucket.at <= now && bucket.nextSlot <= now;
      if (idle && (!this.limited || bucket.tokens >= this.burst(bucket))) this.buckets.delete(path);
    }
    for (const path of this.buckets.keys()) {
      if (this.buckets.size < MAX_PATHS * 0.9) break;
      this.buckets.delete(path);
    }
  }
}
