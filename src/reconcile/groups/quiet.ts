import type { GroupTarget } from '../../directory/index.js';

/** Gains on a group wait until nothing was pushed for this long; longer (to 1 s) where pushes have been coming for a while. */
export const QUIET_MS = 250;
const LONGEST_QUIET_MS = 1_000;

/** Members on their way are looked for again after a quarter of what the group has waited: at least, and at most. */
const LOOK_AGAIN_MS = 1_000;
const LONGEST_LOOK_AGAIN_MS = 5_000;

/** More newcomers than this in three seconds are an import. */
const IMPORT = 20;
/** As long as an import goes on, or members are on their way, a group waits; but no longer than this. */
const LONGEST_WAIT_MS = 120_000;

/** Whether a run should wait for more to come, and whether it goes on only because it waited long enough. */
export interface Patience {
  readonly waitMs: number;
  readonly busy: boolean;
}

/** What tells how long a group waits. */
export type Waiting = Pick<GroupTarget, 'urgent' | 'now' | 'pushedAt' | 'dirtySince' | 'waitMs'> & {
  readonly deleted?: boolean;
  readonly pendingMembers?: { readonly coming: number };
  /** Users whom the connection gained in the last three seconds. */
  readonly arriving?: number;
};

/**
 * Gains wait for quiet, so that a burst becomes a few PATCHes; but never longer than the target's longest wait, which doubles
 * while the group stays busy. They wait for members on their way, and while an import goes on, whose users join one group after
 * the other: for two minutes at most. Losses never wait.
 */
export function patience(target: Waiting, urgentLane: boolean): Patience {
  if (urgentLane || target.urgent || target.deleted) return { waitMs: 0, busy: false };
  const quietFor = target.now - target.pushedAt;
  const waited = target.now - target.dirtySince;
  const quiet = Math.min(LONGEST_QUIET_MS, Math.max(QUIET_MS, target.waitMs / 4));
  const restless = quietFor < quiet;
  const expecting = (target.pendingMembers?.coming ?? 0) > 0;
  const importing = (target.arriving ?? 0) > IMPORT;
  if (!restless && !expecting && !importing) return { waitMs: 0, busy: false };
  const gathering = importing || expecting;
  const left = (gathering ? LONGEST_WAIT_MS : target.waitMs) - waited;
  if (left <= 0) return { waitMs: 0, busy: true };
  const wish = gathering
    ? Math.min(LONGEST_LOOK_AGAIN_MS, Math.max(LOOK_AGAIN_MS, waited / 4))
    : quiet - quietFor;
  return { waitMs: Math.max(1, Math.min(left, wish)), busy: true };
}
