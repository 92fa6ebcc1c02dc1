import { claimedKey } from '../../common/index.js';
import { claimsDigest } from '../../directory/index.js';
import type { DecidedClaims, UserTarget } from '../../directory/index.js';
import { canonicalJson } from '../../journal/index.js';
import { membershipsOf, NOTHING_CLAIMED } from '../planner/index.js';
import type { ClaimedAccess, PlanContext } from '../planner/index.js';
import type { RunSession } from '../session.js';

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
  const decided = marked(target, claimed);
  if (!isBehind && isRecorded(target, claimed, decided)) return;
  await session.decideClaims(decided, membershipsOf(claimed), isBehind);
}

/** With the claims that were decided on: whoever looks sees whether those are the newest. */
function marked({ subjects }: UserTarget, { decided }: ClaimedAccess): DecidedClaims[] {
  const digests = new Map(subjects.map((subject) => [subject.id, claimsDigest(subject)]));
  return decided.map((one) => ({
    ...one,
    decided: { ...one.decided, of: digests.get(one.subjectId) ?? null },
  }));
}

function isRecorded(target: UserTarget, claimed: ClaimedAccess, stated: readonly DecidedClaims[]): boolean {
  const told = (groups: readonly (readonly [string, string])[]): string =>
    canonicalJson(groups.toSorted(([left], [right]) => (left < right ? -1 : 1)));
  const wanted = membershipsOf(claimed).map((one) => [claimedKey(one), one.because] as const);
  const recorded = target.claimedGroups.map(({ key, because }) => [key, because] as const);
  if (told(wanted) !== told(recorded)) return false;
  const decided = new Map(stated.map((one) => [one.subjectId, canonicalJson(one.decided)]));
  const known = ({ id, decided: before }: UserTarget['subjects'][number]): boolean =>
    before !== null && canonicalJson(before) === decided.get(id);
  return target.deleted || target.subjects.every(known);
}

/** Whether the claims now put the user into other groups than they are recorded to. */
export function claimsDifference(
  target: UserTarget,
  claimed: ClaimedAccess = NOTHING_CLAIMED,
): 'none' | 'gain' | 'loss' {
  const wanted = new Set(membershipsOf(claimed).map(claimedKey));
  const recorded = new Set(target.claimedGroups.map(({ key }) => key));
  if ([...recorded].some((key) => !wanted.has(key))) return 'loss';
  return wanted.size === recorded.size ? 'none' : 'gain';
}
