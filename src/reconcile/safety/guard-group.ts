import type { CoderGroup, PatchGroupRequest } from '../../coder/index.js';
import { fold } from '../../common/index.js';
import type { GroupTarget, Link } from '../../directory/index.js';
import type { GroupStep, GroupView, Plan, PlanContext } from '../planner/index.js';
import { refusedPlan } from './refusal.js';

/** Ids that one PATCH may hold. */
const MOST_IDS = 100;

/** What has become of the target by the steps before. */
interface Progress {
  /** The group that the steps are about: linked, adopted or created by this plan. */
  group: { readonly id: string | null; readonly origin: Link['origin'] } | null;
  /** Whose members are known; null for a group that the plan creates. */
  seen: CoderGroup | null;
  ended: 'deleted' | 'forgotten' | null;
  /** Ids that some PATCH of the plan has had. */
  readonly ids: Set<string>;
}

/**
 * The second net under planGroup, written apart from it: answers the plan as it is, or one without steps that is `refused`
 * when any step would touch Everyone or a group that is not the target's, or take away a member that is not owned.
 */
export function guardGroup(
  plan: Plan<GroupStep>,
  target: GroupTarget,
  view: GroupView,
  context: PlanContext,
): Plan<GroupStep> {
  const progress = begin(target, view);
  for (const step of plan.steps) {
    const why = objection(step, progress, target, view, context);
    if (why !== null) return refusedPlan(plan, step.do, why);
  }
  const stated = new Set(target.deleted ? [] : target.members.map((member) => member.coderId));
  const present = new Set(progress.seen?.members.map((member) => member.id));
  if (plan.owned.gained.some((id) => !stated.has(id) || !present.has(id))) {
    return refusedPlan(plan, 'own', 'it would own a membership that is not stated or not there');
  }
  return plan;
}

function begin(target: GroupTarget, view: GroupView): Progress {
  const { link } = target;
  const linked = link !== null && view.group?.id === link.coderId;
  return {
    group: linked ? { id: link.coderId, origin: link.origin } : null,
    seen: linked ? view.group : null,
    ended: null,
    ids: new Set(),
  };
}

/** Why a step must not be done; null when it may. Moves `progress` on. */
function objection(
  step: GroupStep,
  progress: Progress,
  target: GroupTarget,
  view: GroupView,
  context: PlanContext,
): string | null {
  if (step.do === 'forgetLink') return forgetting(progress, target, view);
  if (progress.ended !== null) return `the group was ${progress.ended} by a step before`;
  if (step.do === 'createGroup') return creating(step.request.name, progress, target);
  if (step.do === 'adoptGroup') return adopting(step.group, step.origin, progress, target, context);
  const { group } = progress;
  if (group === null) return 'the target is not linked to the group';
  if (group.id !== null && group.id === context.organizationId) return 'the group Everyone is never changed';
  if (progress.seen !== null && progress.seen.organization_id !== context.organizationId) {
    return "the group is not in the connection's organization";
  }
  if (step.do === 'patchGroup') return patching(step.request, group.origin, progress, target);
  return deleting(group.origin, progress, target);
}

function forgetting(progress: Progress, target: GroupTarget, view: GroupView): string | null {
  if (progress.ended === 'forgotten') return 'there is no link to drop';
  const gone = target.link !== null && view.group === null;
  const givenBack = target.deleted && progress.group?.origin === 'adopted';
  if (!gone && !givenBack && progress.ended !== 'deleted')
    return 'it would drop the link to an existing group';
  progress.ended = 'forgotten';
  return null;
}

function creating(name: string, progress: Progress, target: GroupTarget): string | null {
  if (target.link !== null || progress.group !== null) return 'the target has a group already';
  if (target.deleted) return 'the group was deleted in the directory';
  if (fold(name) === 'everyone') return 'the name Everyone is reserved';
  progress.group = { id: null, origin: 'created' };
  return null;
}

function adopting(
  group: CoderGroup,
  origin: Link['origin'],
  progress: Progress,
  target: GroupTarget,
  context: PlanContext,
): string | null {
  if (target.link !== null || progress.group !== null) return 'the target has a group already';
  if (group.id === context.organizationId) return 'the group Everyone is never adopted';
  if (group.organization_id !== context.organizationId)
    return "the group is not in the connection's organization";
  const members = Math.max(group.members.length, group.total_member_count ?? 0);
  if (origin === 'created') {
    const announced = target.intent?.name === group.name && group.source === 'user';
    if (!announced || members > 0 || group.quota_allowance !== 0) return 'the bridge did not make the group';
  } else {
    const { adoptGroups } = context.policy;
    const allowed = adoptGroups === 'always' || (adoptGroups === 'empty' && members === 0);
    if (!allowed || target.deleted) return 'the policy does not let the group be adopted';
  }
  progress.group = { id: group.id, origin };
  progress.seen = group;
  return null;
}

function patching(
  request: PatchGroupRequest,
  origin: Link['origin'],
  progress: Progress,
  target: GroupTarget,
): string | null {
  const {
    name,
    add_users: add = [],
    remove_users: remove = [],
    quota_allowance: quota,
    avatar_url: avatar,
  } = request;
  const ids = [...add, ...remove];
  if (ids.length > MOST_IDS) return `a change has more than ${MOST_IDS} members`;
  for (const id of ids) {
    if (progress.ids.has(id)) return 'a member is in it twice';
    progress.ids.add(id);
  }
  const stated = new Set(target.deleted ? [] : target.members.map((member) => member.coderId));
  const owned = new Set(target.ownedMembers);
  if (add.some((id) => !stated.has(id))) return 'it would add a member that is not stated';
  if (remove.some((id) => stated.has(id))) return 'it would remove a member that is stated';
  if (remove.some((id) => !owned.has(id))) return 'it would remove a member that is not owned';
  if (quota !== undefined || avatar !== undefined) return 'it would change what the directory does not state';
  if (name !== undefined && (origin === 'adopted' || fold(name) === 'everyone'))
    return 'it would rename the group';
  return null;
}

function deleting(origin: Link['origin'], progress: Progress, target: GroupTarget): string | null {
  if (!target.deleted) return 'the group is still in the directory';
  if (origin !== 'created') return 'the bridge did not make the group';
  progress.ended = 'deleted';
  return null;
}
