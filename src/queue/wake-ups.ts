import type { Lane, TargetKey } from '../common/index.js';

/** Somebody should look at this target soon. */
export interface WakeUp {
  readonly target: TargetKey;
  readonly lane: Lane;
  /** Milliseconds to wait for more (coalescing of gains on a group); none: at once. */
  readonly delayMs?: number;
  /** The target was put off (backoff): its waiting job is brought forward. */
  readonly bringForward?: boolean;
}

/**
 * Says after a commit that targets are dirty. Never waits, never throws, may forget: what is dropped here the sweep
 * finds by the dirty mark. Must not be called inside a transaction.
 */
export interface WakeUps {
  wake(wakeUps: readonly WakeUp[]): void;
}

/** Injection token of the {@link WakeUps}. */
export const WAKE_UPS = Symbol('WAKE_UPS');
