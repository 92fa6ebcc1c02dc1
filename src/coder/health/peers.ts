import type { Clock } from '../../common/index.js';

/** Targets whose 500s are remembered; beyond it the oldest is forgotten. */
const MAX_REMEMBERED = 10_000;
/** What counts as "lately" at a target's first 500. */
const FIRST_LOOK_BACK_MS = 20_000;

/**
 * Answers of a target's 500s whether others succeed meanwhile: then the fault is the target's and a try is spent; else
 * Coder as a whole is ill (its database is away) and nobody is to blame.
 */
export class Peers {
  /** The latest success, and the latest of anybody else. */
  private latest: { target: string; at: number } | undefined;
  private other: { target: string; at: number } | undefined;
  private readonly failing = new Map<string, { at: number; othersSucceed: boolean }>();

  constructor(private readonly clock: Clock) {}

  succeeded(target: string): void {
    if (this.latest && this.latest.target !== target) this.other = this.latest;
    this.latest = { target, at: this.clock.monotonic() };
    this.failing.delete(target);
  }

  /** @returns whether another target succeeded since this one's previous 500 */
  serverError(target: string): boolean {
    const now = this.clock.monotonic();
    const since = this.failing.get(target)?.at ?? now - FIRST_LOOK_BACK_MS;
    const peer = this.latest?.target === target ? this.other : this.latest;
    const othersSucceed = peer !== undefined && peer.at > since;
    this.failing.delete(target);
    this.failing.set(target, { at: now, othersSucceed });
    if (this.failing.size > MAX_REMEMBERED) {
      for (const oldest of this.failing.keys()) {
        this.failing.delete(oldest);
        break;
      }
    }
    return othersSucceed;
  }

  othersSucceed(target: string): boolean {
    return this.failing.get(target)?.othersSucceed ?? false;
  }
}
