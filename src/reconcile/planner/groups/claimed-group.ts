import type { CoderGroup } from '../../../coder/index.js';
import type { GroupTarget, Link } from '../../../directory/index.js';
import { isEveryone, isProtectedGroup } from './settings.js';
import { planTemplates } from './templates.js';
import { memberDifference, memberOwnership, patches } from './members.js';
import type { GroupStep, Plan } from '../plan.js';
import { failed, planOf } from '../results.js';
import type { GroupView, PlanContext } from '../view.js';

/**
 * What is to be done about a group that claims name and no SCIM group feeds: its own members come and go. It is never renamed,
 * changed or deleted. One that claims call for and that is not there is made under the very name, as Coder's own sync does;
 * one of that name that somebody made meanwhile is the one that is meant.
 */
export function planClaimedGroup(
  target: GroupTarget,
  view: GroupView,
  context: PlanContext,
): Plan<GroupStep> {
  if (target.link !== null && view.group === null)
    return planOf<GroupStep>([{ do: 'forgetLink', reason: 'the group is gone from Coder' }]);
  const group = view.group ?? view.sameName;
  const name = group?.name ?? target.displayName;
  if (group !== null && isEveryone(group))
    return failed('refused', 'patchGroup', 'The group Everyone of an organization is never changed.');
  if (isProtectedGroup(name, context.policy)) {
    const detail = `The group ${JSON.stringify(name)} in Coder is protected by policy: it is not adopted, changed or deleted.`;
    return failed('refused', 'patchGroup', detail);
  }
  if (group !== null && target.link !== null) return planMembers(target, group, view, context);
  if (target.members.length + target.pendingMembers.total === 0) return planOf<GroupStep>([]);
  return group === null ? planMaking(target) : planTaking(target, group, view, context);
}

function planMaking(target: GroupTarget): Plan<GroupStep> {
  const add = [...new Set(target.members.map(({ coderId }) => coderId))].toSorted();
  const reason = 'claims call for the group, and missing groups are made';
  return planOf<GroupStep>([
    { do: 'createGroup', request: { name: target.displayName }, reason },
    ...patches({}, { add, remove: [] }, 'claims state its members'),
  ]);
}

function planTaking(
  target: GroupTarget,
  group: CoderGroup,
  view: GroupView,
  context: PlanContext,
): Plan<GroupStep> {
  const origin: Link['origin'] = 'adopted';
  const link = { coderId: group.id, coderName: group.name, origin };
  const rest = planMembers({ ...target, link }, group, view, context);
  const reason = 'claims name the group';
  return { ...rest, steps: [{ do: 'adoptGroup', group, origin, reason }, ...rest.steps] };
}

function planMembers(
  target: GroupTarget,
  group: CoderGroup,
  view: GroupView,
  context: PlanContext,
): Plan<GroupStep> {
  const reason = 'the members differ from what claims state';
  // Of a SCIM group that was deleted, and whose members by claims stay, what it gave on templates is taken.
  const policy = { ...context.policy, strict: false };
  const templates = planTemplates(target, view.templates, { policy });
  const steps = [...templates.losses, ...patches({}, memberDifference(target, group, context), reason)];
  return {
    ...planOf(steps, [], memberOwnership(target, group)),
    ...(templates.owned && { ownedTemplates: templates.owned }),
  };
}
