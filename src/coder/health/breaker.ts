import type { Clock } from '../../common/index.js';

export interface BreakerOptions {
  readonly clock: Clock;
  /** 0..1 */
  readonly random?: () => number;
}

/** The breaker for people and metrics. */
export interface BreakerStatus {
  /** `halfOpen`: a probe is under way. */
  readonly state: 'closed' | 'open' | 'halfOpen';
  /** Wall clock, milliseconds since the epoch. */
  readonly since: number;
  /** Until the next probe; 0 unless open. */
  readonly retryInMs: number;
}

/** Distinct targets in a row. One target that Coder chokes on must not stop the others. */
const THRESHOLD = 5;
const MIN_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;

/**
 * Opens when five different targets in a row got no answer from Coder, and closes with the next answer. Only a state
 * machine: somebody else probes when {@link BreakerStatus.retryInMs} has passed.
 *
 * Written here because the known libraries count failures, not distinct targets, and read the machine's clock.
 */
export class Breaker {
  private state: BreakerStatus['state'] = 'closed';
  private since: number;
  private readonly failing = new Set<string>();
  /** Times opened since a target last succeeded: a probe that succeeds does not show that work does. */
  private opened = 0;
  private retryAt = 0;
  private readonly random: () => number;

  constructor(private readonly options: BreakerOptions) {
    this.since = options.clock.now();
    this.random = options.random ?? Math.random;
  }

  /** Work on `target` got no answer. */
  failed(target: string): void {
    if (this.state !== 'closed') return;
    this.failing.add(target);
    if (this.failing.size >= THRESHOLD) this.open();
  }

  /** Work on some target was answered, whatever the answer. */
  answered(): void {
    this.opened = 0;
    this.close();
  }

  /** The next probe has begun. */
  probing(): void {
    if (this.state === 'open') this.become('halfOpen');
  }

  /** The probe was answered. */
  probeAnswered(): void {
    this.close();
  }

  /** The probe got no answer: open for longer. */
  probeFailed(): void {
    if (this.state === 'halfOpen') this.open();
  }

  /** Whether the latest evidence is that Coder does not answer, though perhaps not yet for five targets. */
  get doubtful(): boolean {
    return this.state !== 'closed' || this.failing.size > 0;
  }

  status(): BreakerStatus {
    const left = this.state === 'open' ? this.retryAt - this.options.clock.monotonic() : 0;
    return { state: this.state, since: this.since, retryInMs: Math.max(0, Math.ceil(left)) };
  }

  private open(): void {
    const delay = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** Math.min(this.opened, 10));
    this.opened += 1;
    this.retryAt = this.options.clock.monotonic() + delay * (0.5 + 0.5 * this.random());
    this.become('open');
  }

  private close(): void {
    this.failing.clear();
    if (this.state !== 'closed') this.become('closed');
  }

  private become(state: BreakerStatus['state']): void {
    // half-open and open again is one outage
    if (state === 'closed' || this.state === 'closed') this.since = this.options.clock.now();
    this.state = state;
  }
}
