import type { Clock } from '../../common/index.js';
import {
  AbortedError,
  AuthError,
  CoderError,
  ServerError,
  ThrottledError,
  TransientError,
} from '../errors.js';
import { systemTimers, type Timers } from '../timers.js';
import { AuthGate } from './auth-gate.js';
import { Breaker, type BreakerStatus } from './breaker.js';
import { Peers } from './peers.js';

/** Where a few lines for the operator go; pino's and Nest's loggers fit. */
export interface HealthLog {
  error(message: string): void;
  warn(message: string): void;
}

/** Coder's health as the bridge sees it. */
export interface HealthStatus {
  /** False as soon as the latest evidence is that Coder does not answer; work goes on until the breaker opens. */
  readonly reachable: boolean;
  readonly authOk: boolean;
  /** Whether work may start. */
  readonly allowed: boolean;
  readonly breaker: BreakerStatus;
  /** Why not all is well; without secrets. */
  readonly reason?: string;
}

export interface HealthOptions {
  readonly clock: Clock;
  /** One cheap authenticated call (`GET /users/me`); resolves or throws a CoderError. */
  readonly prober: () => Promise<unknown>;
  readonly log: HealthLog;
  readonly timers?: Timers;
  /** 0..1 */
  readonly random?: () => number;
}

type Listener = (status: HealthStatus) => void;

/** The target under which probes are counted. */
const PROBE = '(probe)';
const AUTH_PROBE_MS = 5_000;
const DOUBT_PROBE_MS = 5_000;
const PEER_PROBE_MS = 1_000;

/**
 * Whether work for Coder makes sense now. Those who work report how each target's work ended; the queue stops fetching
 * while {@link allow} is false and goes on when {@link onChange} says so. While anything is wrong Coder is probed, so that
 * it recovers by itself.
 */
export class CoderHealth {
  private readonly breaker: Breaker;
  private readonly gate = new AuthGate();
  private readonly peers: Peers;
  private readonly timers: Timers;
  private readonly random: () => number;
  private readonly listeners = new Set<Listener>();
  /** One failed call that several targets waited for (a snapshot) is one failure. */
  private readonly seen = new WeakSet<Error>();
  private lastFailure: string | undefined;
  private scheduled: { readonly at: number; readonly cancel: () => void } | undefined;
  private probing = false;
  private peerWanted = false;
  private closed = false;
  private announced = '';

  constructor(private readonly options: HealthOptions) {
    this.breaker = new Breaker(options);
    this.peers = new Peers(options.clock);
    this.timers = options.timers ?? systemTimers;
    this.random = options.random ?? Math.random;
    this.announced = this.digest();
  }

  /**
   * Says how work on a target ended.
   *
   * @param target the target's key
   * @param error what was thrown; none: success. Anything but a CoderError says nothing about Coder.
   */
  report(target: string, error?: unknown): void {
    if (error === undefined) this.succeeded(target);
    else if (error instanceof CoderError) this.judge(target, error);
    this.settle();
  }

  /** The client met a 401, whoever called. */
  refused(error: AuthError): void {
    this.shut(error);
    this.settle();
  }

  /** Whether work may start now. */
  allow(): boolean {
    return this.gate.ok && this.breaker.status().state === 'closed';
  }

  /** Milliseconds until it is worth asking {@link allow} again; 0 when it allows. */
  pausedForMs(): number {
    if (this.allow()) return 0;
    const left = this.scheduled ? this.scheduled.at - this.options.clock.monotonic() : 0;
    return Math.max(1, Math.ceil(left));
  }

  /**
   * After a ServerError was reported for `target`: whether others succeed meanwhile, so that the try counts against it.
   * In a quiet system a probe stands for the others.
   */
  othersSucceed(target: string): boolean {
    return this.peers.othersSucceed(target);
  }

  status(): HealthStatus {
    const reachable = !this.breaker.doubtful;
    const reason = this.gate.reason ?? (reachable ? undefined : this.lastFailure);
    return {
      reachable,
      authOk: this.gate.ok,
      allowed: this.allow(),
      breaker: this.breaker.status(),
      ...(reason !== undefined && { reason }),
    };
  }

  /** Calls `listener` after every change of the status; answers a function that ends it. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when work may start (at once, if it may), or when the health is closed. */
  whenAllowed(): Promise<void> {
    if (this.allow() || this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.onChange(() => {
        if (!this.allow() && !this.closed) return;
        stop();
        resolve();
      });
    });
  }

  /** Ends probing and releases those who wait. */
  close(): void {
    this.closed = true;
    this.scheduled?.cancel();
    this.scheduled = undefined;
    this.tell();
  }

  private judge(target: string, error: CoderError): void {
    if (error instanceof AbortedError) return;
    if (error instanceof TransientError) {
      this.unanswered(target, error);
    } else if (error instanceof AuthError) {
      this.breaker.answered();
      this.shut(error);
    } else if (error instanceof ServerError) {
      this.breaker.answered();
      if (!this.peers.serverError(target)) this.peerWanted = true;
    } else if (error instanceof ThrottledError) {
      // without a status it is our own limiter that spoke
      if (error.status !== undefined) this.breaker.answered();
    } else {
      this.succeeded(target);
    }
  }

  /** A refusal is an answer as well: Coder works. */
  private succeeded(target: string): void {
    this.breaker.answered();
    this.peers.succeeded(target);
  }

  private unanswered(target: string, error: TransientError): void {
    if (this.seen.has(error)) return;
    this.seen.add(error);
    this.lastFailure = error.message;
    const before = this.breaker.status().state;
    this.breaker.failed(target);
    if (before === 'closed' && this.breaker.status().state === 'open') {
      this.options.log.warn(`Coder does not answer, work pauses: ${error.summary}`);
    }
  }

  private shut(error: AuthError): void {
    if (!this.gate.refuse(error)) return;
    this.options.log.error(
      `CODER REFUSES THE SESSION TOKEN: all work is paused, nothing is lost. Set a valid CODER_SESSION_TOKEN; work resumes by itself when the token is accepted. (${error.message})`,
    );
  }

  /** After any news: probe when something is wrong, and tell the listeners when something changed. */
  private settle(): void {
    this.schedule();
    this.tell();
  }

  private schedule(): void {
    if (this.closed || this.probing) return;
    const delay = this.probeDelay();
    if (delay === undefined) {
      this.scheduled?.cancel();
      this.scheduled = undefined;
      return;
    }
    const at = this.options.clock.monotonic() + delay;
    if (this.scheduled && this.scheduled.at <= at) return;
    this.scheduled?.cancel();
    this.scheduled = { at, cancel: this.timers.set(() => void this.probe(), delay) };
  }

  private probeDelay(): number | undefined {
    const breaker = this.breaker.status();
    if (breaker.state === 'open') return breaker.retryInMs;
    if (this.peerWanted) return PEER_PROBE_MS;
    if (!this.gate.ok) return AUTH_PROBE_MS * (0.75 + 0.5 * this.random());
    return this.breaker.doubtful ? DOUBT_PROBE_MS : undefined;
  }

  private async probe(): Promise<void> {
    this.scheduled = undefined;
    this.probing = true;
    this.peerWanted = false;
    this.breaker.probing();
    this.tell();
    let error: unknown;
    try {
      await this.options.prober();
    } catch (thrown) {
      error = thrown ?? new Error('the probe failed');
    }
    this.probing = false;
    if (this.closed) return;
    this.probed(error);
    this.settle();
  }

  private probed(error: unknown): void {
    if (error === undefined) {
      this.breaker.probeAnswered();
      this.peers.succeeded(PROBE);
      if (this.gate.accept()) this.options.log.warn('Coder accepts the session token again, work resumes');
    } else if (error instanceof AuthError) {
      this.breaker.probeAnswered();
      this.shut(error);
    } else if (error instanceof TransientError || isLocal(error)) {
      if (error instanceof TransientError) this.lastFailure = error.message;
      if (this.breaker.status().state === 'halfOpen') this.breaker.probeFailed();
      else if (error instanceof TransientError) this.breaker.failed(PROBE);
    } else {
      this.breaker.probeAnswered();
    }
  }

  private tell(): void {
    const digest = this.digest();
    if (digest === this.announced && !this.closed) return;
    this.announced = digest;
    const status = this.status();
    for (const listener of [...this.listeners]) {
      try {
        listener(status);
      } catch (error) {
        this.options.log.error(`a listener of Coder's health failed: ${String(error)}`);
      }
    }
  }

  private digest(): string {
    return `${this.gate.ok} ${this.breaker.doubtful} ${this.breaker.status().state}`;
  }
}

/** Not an answer of Coder: our own limiter, or a fault of the program. */
function isLocal(error: unknown): boolean {
  return !(error instanceof CoderError) || (error instanceof ThrottledError && error.status === undefined);
}
