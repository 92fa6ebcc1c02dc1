import type { JsonObject } from '../common/index.js';
import type { GroupTarget, OwnedChange, UserTarget } from '../directory/index.js';
import type { Note, Plan } from './planner/index.js';
import type { RunSession } from './session.js';

/** How a run ended: with its version settled (and the time since it became dirty), or not. */
export interface Finished {
  readonly settled: { readonly dirtyForMs: number } | null;
  readonly failed?: boolean;
  readonly held?: boolean;
  /** Coder was asked nothing, so that the run says nothing about how Coder is. */
  readonly idle?: boolean;
}

type Target = UserTarget | GroupTarget;
type Standing = Pick<Target, 'paused' | 'applied' | 'desired' | 'failedVersion' | 'heldVersion'>;

/** Whether nothing is to be done for the target: it is gone, clean, failed or held at its present version, or its connection is paused. */
export function isDone(target: Standing | null): target is null {
  if (!target || target.paused || target.applied >= target.desired) return true;
  if (target.failedVersion !== null && target.failedVersion >= target.desired) return true;
  return target.heldVersion !== null && target.heldVersion >= target.desired;
}

/** Ends a run whose plan has no steps left: records what is owned, the notes, and the version as applied or failed. */
export async function finish<Step>(
  session: RunSession,
  target: Target,
  plan: Plan<Step>,
  owned: OwnedChange,
  busy: boolean,
  /** What is seen in Coder now; absent: nothing new. */
  known?: JsonObject,
  /** API tokens that were made until then are revoked; absent: none were to be. */
  keysUntil?: Date,
): Promise<Finished> {
  await session.own(owned);
  if (plan.ownedRoles) await session.ownRoles(plan.ownedRoles);
  for (const note of plan.notes) await session.note(noteEffect(note));
  if (plan.failure) {
    await session.fail(target.desired, plan.failure);
    return { settled: null, failed: true };
  }
  return { settled: await session.settle(target.desired, busy, known, keysUntil) };
}

function noteEffect(note: Note) {
  return {
    action: `note.${note.note}`,
    facts: { detail: note.detail },
    ...(note.personal ? { personal: { ...note.personal } } : {}),
  };
}
