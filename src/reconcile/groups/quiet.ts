import type { GroupTarget } from '../../directory/index.js';

/** Gains on a group wait until nothing was pushed for this long; longer (to 1 s) where pushes have been coming for a while. */
export const QUIET_MS = 250;
const LONGEST_QUIET_MS = 1_000;

/** Members that are being created are looked for again after this long, at most. */
const LOOK_AGAIN_MS = 1_000;

/** Whether a run should wait for more to come, and whether it goes on only because it waited long enough. */
export interface Patience {
  readonly waitMs: number;
  readonly busy: boolean;
}

/**
 * Gains wait for quiet, and for members on their way, so that a burst becomes a few PATCHes; but never longer than the
 * target's longest wait, which doubles while the group stays busy. Losses never wait.
 */
export function patience(target: GroupTarget, urgentLane: boolean): Patience {
  if (urgentLane || target.urgent || target.deleted) return { waitMs: 0, busy: false };
  const quietFor = target.now - target.pushedAt;
  const waited = target.now - target.dirtySince;
  const quiet = Math.min(LONGEST_QUIET_MS, Math.max(QUIET_MS, target.waitMs / 4));
  const restless = quietFor < quiet;
  const expecting = target.pendingMembers.coming > 0;
  if (!restless && !expecting) return { waitMs: 0, busy: false };
  const left = target.waitMs - waited;
  if (left <= 0) return { waitMs: 0, busy: true };
  const wish = expecting ? LOOK_AGAIN_MS : quiet - quietFor;
  return { waitMs: Math.max(1, Math.min(left, wish)), busy: true };
}
