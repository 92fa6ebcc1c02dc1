import { claimedKey } from '../../common/index.js';
import type { UserTarget } from '../../directory/index.js';
import { canonicalJson } from '../../journal/index.js';
import { membershipsOf, NOTHING_CLAIMED } from '../planner/index.js';
import type { ClaimedAccess, PlanContext } from '../planner/index.js';
import type { RunSession } from '../session.js';

/** Whether what a user's claims come to is something else than what is recorded. */
type ClaimsDifference = 'none' | 'gain' | 'loss';

/**
 * Records what the claims come to, and puts the user into the groups that they name: those are brought to it by runs of their own.
 * Nothing is written where all of it is recorded already.
 */
export async function stateClaims(
  session: Pick<RunSession, 'decideClaims'>,
  target: UserTarget,
  { claimed = NOTHING_CLAIMED }: Pick<PlanContext, 'claimed'>,
): Promise<void> {
  const isBehind = claimed.isBehind === true;
  if (!isBehind && claimsDifference(target, claimed) === 'none') return;
  await session.decideClaims(claimed.decided, membershipsOf(claimed), isBehind);
}

/** Compares with what is recorded. */
export function claimsDifference(
  target: UserTarget,
  claimed: ClaimedAccess = NOTHING_CLAIMED,
): ClaimsDifference {
  const wanted = new Map(membershipsOf(claimed).map((one) => [claimedKey(one), one.because]));
  const recorded = new Map(target.claimedGroups.map(({ key, because }) => [key, because]));
  if ([...recorded.keys()].some((key) => !wanted.has(key))) return 'loss';
  const same =
    wanted.size === recorded.size && [...wanted].every(([key, because]) => recorded.get(key) === because);
  const decided = new Map(claimed.decided.map((one) => [one.subjectId, canonicalJson(one.decided)]));
  const known = target.subjects.every(
    ({ id, decided: before }) => (before === null ? undefined : canonicalJson(before)) === decided.get(id),
  );
  return same && (known || target.deleted) ? 'none' : 'gain';
}
