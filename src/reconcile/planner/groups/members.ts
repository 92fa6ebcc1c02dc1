import type { CoderGroup, CoderReducedUser, PatchGroupRequest } from '../../../coder/index.js';
import { fold } from '../../../common/index.js';
import type { GroupTarget } from '../../../directory/index.js';
import { matchesAny } from '../../../policy/index.js';
import type { GroupStep, Plan } from '../plan.js';
import { without } from '../results.js';
import type { PlanContext } from '../view.js';

/** Ids in one PATCH: Coder sets no limit, but each id costs it a query. */
const CHUNK = 100;

/** What of a group's members is to change. */
export interface MemberDifference {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/**
 * Stated members that are missing, and owned ones that are no longer stated. What the bridge does not own stays, unless the
 * connection is strict.
 */
export function memberDifference(
  target: GroupTarget,
  group: CoderGroup,
  context: Pick<PlanContext, 'policy' | 'selfId'>,
): MemberDifference {
  const stated = new Set(statedMembers(target));
  const actual = new Set(group.members.map((member) => member.id));
  const owned = target.ownedMembers.filter((id) => actual.has(id));
  const unstated = ownsAll(target, context)
    ? group.members.filter((member) => !isShielded(member, context)).map((member) => member.id)
    : [];
  return {
    add: without(stated, actual).toSorted(),
    remove: without([...owned, ...unstated], stated).toSorted(),
  };
}

/**
 * Whoever is on the way may be among the members already, under an account that the bridge has yet to find. A group that only claims
 * name is somebody else's.
 */
function ownsAll(target: GroupTarget, { policy }: Pick<PlanContext, 'policy'>): boolean {
  return policy.strict && !target.deleted && !target.claimed && target.pendingMembers.coming === 0;
}

function isShielded(
  { id, username, email }: CoderReducedUser,
  { policy, selfId }: Pick<PlanContext, 'policy' | 'selfId'>,
): boolean {
  return id === selfId || [username, email].some((name) => matchesAny(fold(name), policy.protectedUsers));
}

/** Facts that become owned or stop being so by what is seen now. */
export function memberOwnership(target: GroupTarget, group: CoderGroup): Plan<GroupStep>['owned'] {
  const actual = new Set(group.members.map((member) => member.id));
  const seen = statedMembers(target).filter((id) => actual.has(id));
  // Coder leaves out members that the token may not read. Those are not gone.
  const complete = group.members.length >= (group.total_member_count ?? 0);
  return {
    gained: without(seen, new Set(target.ownedMembers)),
    lost: complete ? without(target.ownedMembers, actual) : [],
  };
}

/**
 * As few PATCHes as can be: removals before additions, `attributes` (a new name) in the first one. Coder refuses a PATCH
 * that adds a present member, so every id is in one list of one PATCH only.
 */
export function patches(
  attributes: PatchGroupRequest,
  { add, remove }: MemberDifference,
  reason: string,
): GroupStep[] {
  const changes = [...remove.map((id) => ({ id, loss: true })), ...add.map((id) => ({ id, loss: false }))];
  const steps: GroupStep[] = [];
  const fewest = Object.keys(attributes).length > 0 ? 1 : 0;
  const count = Math.max(Math.ceil(changes.length / CHUNK), fewest);
  for (let start = 0; start < count * CHUNK; start += CHUNK) {
    const chunk = changes.slice(start, start + CHUNK);
    const removed = chunk.filter((change) => change.loss).map((change) => change.id);
    const added = chunk.filter((change) => !change.loss).map((change) => change.id);
    const request: PatchGroupRequest = {
      ...(start === 0 ? attributes : {}),
      ...(removed.length > 0 ? { remove_users: removed } : {}),
      ...(added.length > 0 ? { add_users: added } : {}),
    };
    steps.push({ do: 'patchGroup', request, reason });
  }
  return steps;
}

/** Coder ids of the stated members; a target that is deleted states none. */
function statedMembers(target: GroupTarget): readonly string[] {
  return target.deleted ? [] : target.members.map((member) => member.coderId);
}
