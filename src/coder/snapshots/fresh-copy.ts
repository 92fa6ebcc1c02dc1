import type { Clock } from '../../common/index.js';
import { ThrottledError } from '../errors.js';
import { systemTimers, type Timers } from '../timers.js';

export interface FreshCopyOptions {
  readonly clock: Clock;
  readonly timers?: Timers;
  /** 0..1 */
  readonly random?: () => number;
}

/** What a load may ask for while it runs. */
export interface LoadContext {
  /**
   * Waits until the limiter lets the load go on. Those who wait for the load are sent away meanwhile with a
   * ThrottledError, because they may hold a lease; the load keeps what it has.
   *
   * @param callsLeft a guess, for the time at which it is worth coming back
   * @throws the error itself when the wait is too long to keep a half-read list
   */
  pause(error: ThrottledError, callsLeft: number): Promise<void>;
}

/** A load under way. */
interface Flight<T> {
  readonly generation: number;
  readonly startedAt: number;
  readonly answer: Promise<T>;
  /** Changes that were written meanwhile: the load may have read past them. */
  readonly changes: ((value: T) => void)[];
  /** Set while the load waits for the limiter: who asks is told to come back. */
  paused?: { readonly operation: string; readonly until: number };
}

interface Copy<T> {
  readonly value: T;
  readonly generation: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A snapshot of more than this age is not used unless somebody says otherwise. */
export const MAX_AGE_MS = 30_000;
/** A load that took long is good for so long after its end, whatever its age: else it could never be used. */
const USABLE_MS = 5_000;
const MAX_PAUSE_MS = 5_000;
const MIN_RETURN_MS = 250;

/**
 * A copy of something of Coder's that is read again when it is too old: one load at a time, however many ask; own
 * changes are written through, so that a burst of them does not need a new load. A failed load answers its error and
 * never a part.
 */
export class FreshCopy<T> {
  private copy: Copy<T> | undefined;
  private flight: Flight<T> | undefined;
  private following: Promise<T> | undefined;
  private generation = 0;
  private readonly landings: (() => void)[] = [];
  private readonly timers: Timers;

  constructor(
    private readonly load: (context: LoadContext) => Promise<T>,
    private readonly options: FreshCopyOptions,
  ) {
    this.timers = options.timers ?? systemTimers;
  }

  /**
   * The copy, read anew when it is older than `maxAgeMs` (counted from the beginning of its reading; 0: a reading that
   * begins now).
   *
   * @throws what the load threw
   */
  get(maxAgeMs = MAX_AGE_MS): Promise<T> {
    if (this.copy && !this.stale(maxAgeMs)) return Promise.resolve(this.copy.value);
    const { flight } = this;
    if (!flight) return this.start().answer;
    if (flight.generation === this.generation && maxAgeMs > 0) return this.join(flight);
    // The reading under way began too early: another follows it, one for all who ask.
    if (flight.paused) return Promise.reject(this.comeBack(flight.paused));
    this.following ??= this.landed().then(() => {
      this.following = undefined;
      return this.flight ? this.join(this.flight) : this.start().answer;
    });
    return this.following;
  }

  /** The copy if it is not older than `maxAgeMs`; never loads. */
  peek(maxAgeMs = MAX_AGE_MS): T | undefined {
    return this.copy && !this.stale(maxAgeMs) ? this.copy.value : undefined;
  }

  /** Whether the next {@link get} would have to wait for a reading. */
  stale(maxAgeMs = MAX_AGE_MS): boolean {
    const { copy } = this;
    if (!copy || copy.generation !== this.generation) return true;
    const now = this.options.clock.monotonic();
    return now - copy.startedAt > maxAgeMs && now - copy.endedAt > Math.min(maxAgeMs, USABLE_MS);
  }

  /** Something contradicted the copy: the next {@link get} reads anew, even when a reading is under way. */
  invalidate(): void {
    this.generation += 1;
  }

  /** Writes an own change into the copy, and into the one being read. */
  write(change: (value: T) => void): void {
    if (this.copy) change(this.copy.value);
    this.flight?.changes.push(change);
  }

  private start(): Flight<T> {
    let resolve!: (value: T) => void;
    let reject!: (error: unknown) => void;
    const answer = new Promise<T>((onValue, onError) => {
      resolve = onValue;
      reject = onError;
    });
    answer.catch(ignore);
    const startedAt = this.options.clock.monotonic();
    const flight: Flight<T> = { generation: this.generation, startedAt, answer, changes: [] };
    this.flight = flight;
    const context: LoadContext = {
      pause: async (error, callsLeft) => {
        if (error.retryAfterMs > MAX_PAUSE_MS) throw error;
        const until = this.options.clock.monotonic() + error.retryAfterMs * Math.max(1, callsLeft);
        flight.paused = { operation: error.operation, until };
        reject(this.comeBack(flight.paused));
        await new Promise<void>((wake) => this.timers.set(wake, error.retryAfterMs));
      },
    };
    void this.run(flight, context).then(resolve, reject);
    return flight;
  }

  private async run(flight: Flight<T>, context: LoadContext): Promise<T> {
    try {
      const value = await this.load(context);
      for (const change of flight.changes) change(value);
      const { generation, startedAt } = flight;
      this.copy = { value, generation, startedAt, endedAt: this.options.clock.monotonic() };
      return value;
    } finally {
      this.flight = undefined;
      for (const wake of this.landings.splice(0)) wake();
    }
  }

  private join(flight: Flight<T>): Promise<T> {
    return flight.paused ? Promise.reject(this.comeBack(flight.paused)) : flight.answer;
  }

  private comeBack(paused: NonNullable<Flight<T>['paused']>): ThrottledError {
    const left = Math.max(MIN_RETURN_MS, paused.until - this.options.clock.monotonic());
    const jitter = (this.options.random ?? Math.random)() * MIN_RETURN_MS;
    return new ThrottledError(paused.operation, Math.ceil(left + jitter));
  }

  /** Resolves when the load under way has ended. */
  private landed(): Promise<void> {
    return this.flight ? new Promise((wake) => this.landings.push(wake)) : Promise.resolve();
  }
}

function ignore(): void {
  // the error reaches those who asked
}
