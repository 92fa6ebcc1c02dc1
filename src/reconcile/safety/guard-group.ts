import type { CoderGroup, CreateGroupRequest, PatchGroupRequest } from '../../coder/index.js';
import { fold } from '../../common/index.js';
import type { GroupTarget, Link } from '../../directory/index.js';
import { matchesAny } from '../../policy/index.js';
import { homeOf } from '../planner/index.js';
import type { GroupStep, GroupView, Plan, PlanContext } from '../planner/index.js';
import { granting } from './guard-templates.js';
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
 * when any step would touch Everyone, a protected group or one that is not the target's, or take away what is not owned.
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
  const stated = leaves(progress, target, context) ? new Set() : statedIds(target);
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

const statedIds = (target: GroupTarget): ReadonlySet<string> =>
  new Set(target.members.map((member) => member.coderId));

/** Whether the directory deleted the group, or states it in another organization than it lies in. */
function leaves({ seen }: Progress, target: GroupTarget, context: PlanContext): boolean {
  const home = homeOf(target, context);
  return target.deleted || (seen !== null && home !== null && seen.organization_id !== home);
}

/** Why a step must not be done; null when it may. Moves `progress` on. */
function objection(
  step: GroupStep,
  progress: Progress,
  target: GroupTarget,
  view: GroupView,
  context: PlanContext,
): string | null {
  if (step.do === 'forgetLink') return forgetting(progress, target, view, context);
  if (progress.ended !== null) return `the group was ${progress.ended} by a step before`;
  if (step.do === 'createGroup') return creating(step.request, progress, target, context);
  if (step.do === 'adoptGroup') return adopting(step.group, step.origin, progress, target, context);
  const { group, seen } = progress;
  const gone = target.link !== null && view.group === null;
  if (step.do === 'setTemplateRole' && gone) return granting(step, 'gone', target, view, context);
  if (group === null) return 'the target is not linked to the group';
  if (seen !== null && seen.id === seen.organization_id) return 'the group Everyone is never changed';
  if (seen !== null && isProtected(seen.name, context)) return 'the group is protected by policy';
  const left = leaves(progress, target, context);
  if (step.do === 'setTemplateRole') {
    return granting(step, left ? group.origin : 'stays', target, view, context);
  }
  if (step.do === 'patchGroup') return patching(step.request, group.origin, progress, target, context);
  return deleting(group.origin, progress, left);
}

function isProtected(name: string, { policy }: PlanContext): boolean {
  return matchesAny(fold(name), policy.protectedGroups);
}

function forgetting(
  progress: Progress,
  target: GroupTarget,
  view: GroupView,
  context: PlanContext,
): string | null {
  if (progress.ended === 'forgotten') return 'there is no link to drop';
  const gone = target.link !== null && view.group === null;
  const givenBack = leaves(progress, target, context) && progress.group?.origin === 'adopted';
  if (!gone && !givenBack && progress.ended !== 'deleted')
    return 'it would drop the link to an existing group';
  progress.ended = 'forgotten';
  return null;
}

function creating(
  { name, quota_allowance: quota, avatar_url: avatar }: CreateGroupRequest,
  progress: Progress,
  target: GroupTarget,
  context: PlanContext,
): string | null {
  if (target.link !== null || progress.group !== null) return 'the target has a group already';
  if (target.deleted) return 'the group was deleted in the directory';
  if (homeOf(target, context) === null) return 'it is not known in which organization the group lies';
  if (fold(name) === 'everyone') return 'the name Everyone is reserved';
  if (isProtected(name, context)) return 'the name is protected by policy';
  const announced = target.intent?.name === name ? target.intent.quotaAllowance : undefined;
  if (quota !== undefined && quota !== target.settings.quotaAllowance && quota !== announced) return UNSTATED;
  if (avatar !== undefined && avatar !== target.settings.avatarUrl) return UNSTATED;
  progress.group = { id: null, origin: 'created' };
  return null;
}

const UNSTATED = 'it would change what the directory does not state';

function adopting(
  group: CoderGroup,
  origin: Link['origin'],
  progress: Progress,
  target: GroupTarget,
  context: PlanContext,
): string | null {
  if (target.link !== null || progress.group !== null) return 'the target has a group already';
  if (group.id === group.organization_id) return 'the group Everyone is never adopted';
  if (isProtected(group.name, context)) return 'the group is protected by policy';
  const members = Math.max(group.members.length, group.total_member_count ?? 0);
  if (origin === 'created') {
    const { intent } = target;
    const announced = intent?.name === group.name && group.source === 'user';
    if (!announced || members > 0 || group.quota_allowance !== (intent.quotaAllowance ?? 0))
      return 'the bridge did not make the group';
  } else {
    if (group.organization_id !== homeOf(target, context))
      return 'the group is not in the stated organization';
    const { adoptGroups } = context.policy;
    const allowed = adoptGroups === 'always' || (adoptGroups === 'empty' && members === 0);
    const meant = target.claimed
      ? group.name === target.displayName
      : target.madeForClaims.includes(group.id);
    if ((!allowed && !meant) || target.deleted) return 'the policy does not let the group be adopted';
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
  context: PlanContext,
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
  const left = leaves(progress, target, context);
  const stated = left ? new Set<string>() : statedIds(target);
  if (add.some((id) => !stated.has(id))) return 'it would add a member that is not stated';
  if (remove.some((id) => stated.has(id))) return 'it would remove a member that is stated';
  const owned = new Set(target.ownedMembers);
  const strict = context.policy.strict && !left && !target.claimed;
  if (remove.some((id) => !owned.has(id) && !(strict && isOrdinary(id, progress.seen, context)))) {
    return 'it would remove a member that is not owned';
  }
  const { quotaAllowance, avatarUrl } = left ? {} : target.settings;
  if (quota !== undefined && quota !== quotaAllowance) return UNSTATED;
  if (avatar !== undefined && avatar !== avatarUrl) return UNSTATED;
  if (name === undefined) return null;
  if (left || target.claimed || origin === 'adopted' || fold(name) === 'everyone')
    return 'it would rename the group';
  return isProtected(name, context) ? 'the name is protected by policy' : null;
}

/** Whether a member of a strict connection's group is neither the bridge itself nor protected. */
function isOrdinary(id: string, seen: CoderGroup | null, { policy, selfId }: PlanContext): boolean {
  const member = seen?.members.find((one) => one.id === id);
  if (member === undefined || id === selfId) return false;
  return ![member.username, member.email].some((name) => matchesAny(fold(name), policy.protectedUsers));
}

function deleting(origin: Link['origin'], progress: Progress, left: boolean): string | null {
  if (!left) return 'the group is still in the directory';
  if (origin !== 'created') return 'the bridge did not make the group';
  progress.ended = 'deleted';
  return null;
}
