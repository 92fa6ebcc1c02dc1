import type { CoderGroup, PatchGroupRequest } from '../../../coder/index.js';
import { fold } from '../../../common/index.js';
import type { Failure, GroupTarget, Intent, Link } from '../../../directory/index.js';
import { displayNameFor, freeGroupName, isGroupNameFor } from '../../../policy/index.js';
import { planClaimedGroup } from './claimed-group.js';
import { attributeChanges, isEveryone, isProtectedGroup, newGroup } from './settings.js';
import { deadGrants, isElsewhere, planTemplates, templatesOnLeaving } from './templates.js';
import { memberDifference, memberOwnership, patches } from './members.js';
import type { GroupStep, Note, Plan } from '../plan.js';
import { failed, planOf } from '../results.js';
import type { GroupView, PlanContext } from '../view.js';

/**
 * The name under which to look for the target's group: the linked one's (after a rename in the directory the new one), else
 * that of an unanswered creation, else the first free slug.
 */
export function wantedGroupName(target: GroupTarget): string {
  if (target.claimed) return target.link?.coderName ?? target.displayName;
  if (target.link === null) return target.intent?.name ?? chosenName(target);
  return nameOf(target, target.link);
}

/** Coder's id of the organization that a group is stated to lie in; null for one that Coder does not have. */
export function homeOf(
  { settings }: Pick<GroupTarget, 'settings'>,
  context: OrganizationContext,
): string | null {
  const { organization } = settings;
  return organization === undefined ? context.organizationId : context.organizations.idOf(organization);
}

type OrganizationContext = Pick<PlanContext, 'organizationId' | 'organizations'>;

/** What is to be done in Coder so that a group is there as the directory states it. As planUser. */
export function planGroup(target: GroupTarget, view: GroupView, context: PlanContext): Plan<GroupStep> {
  if (target.claimed) return planClaimedGroup(target, view, context);
  if (target.link === null) return planUnlinked(target, view, context);
  if (view.group === null) {
    const reason = 'the group is gone from Coder';
    return planOf<GroupStep>([...deadGrants(target, view.templates, reason), { do: 'forgetLink', reason }]);
  }
  return planLinked(target, view.group, target.link, view, context);
}

function planUnlinked(target: GroupTarget, view: GroupView, context: PlanContext): Plan<GroupStep> {
  const { sameName: found } = view;
  // A group of the bridge's own making must not be left behind, whatever became of it in the directory since.
  if (found !== null && madeByIntent(target.intent, found, target)) {
    return planAdoption(target, found, 'created', view, context);
  }
  if (target.deleted) return planOf<GroupStep>([]);
  const nowhere = unknownHome(target, context);
  if (nowhere !== null) return failed('invalidValue', 'createGroup', nowhere);
  const name = chosenName(target);
  if (isProtectedGroup(name, context.policy)) return failed('refused', 'createGroup', protection(name));
  if (found === null || found.name !== name) return planCreation(target, name, view, context);
  const conflict = target.madeForClaims.includes(found.id) ? null : adoptionConflict(found, context);
  if (conflict !== null) return failed('uniqueness', 'adoptGroup', conflict);
  return planAdoption(target, found, 'adopted', view, context);
}

/** The group is made empty, as Coder's API has it; the members follow by PATCH. */
function planCreation(
  target: GroupTarget,
  name: string,
  view: GroupView,
  context: PlanContext,
): Plan<GroupStep> {
  const request = newGroup(target, name);
  const { attributes, failure: wrong } = attributeChanges(target, { quota_allowance: 0, ...request });
  const add = [...new Set(target.members.map((member) => member.coderId))].toSorted();
  const templates = planTemplates(target, view.templates, context);
  const steps: GroupStep[] = [
    { do: 'createGroup', request, reason: 'the group is not in Coder' },
    ...patches(attributes, { add, remove: [] }, 'its members are stated in the directory'),
    ...templates.gains,
  ];
  return failing(planOf(steps, pendingNotes(target)), wrong ?? templates.failure);
}

function planAdoption(
  target: GroupTarget,
  group: CoderGroup,
  origin: Link['origin'],
  view: GroupView,
  context: PlanContext,
): Plan<GroupStep> {
  if (isProtectedGroup(group.name, context.policy))
    return failed('refused', 'adoptGroup', protection(group.name));
  const link = { coderId: group.id, coderName: group.name, origin };
  const rest = planLinked({ ...target, link }, group, link, { ...view, sameName: null }, context);
  const reason =
    origin === 'created'
      ? 'the group was made by the bridge, whose call got no answer'
      : 'a group of that name exists, and the policy lets it be adopted';
  return { ...rest, steps: [{ do: 'adoptGroup', group, origin, reason }, ...rest.steps] };
}

function planLinked(
  target: GroupTarget,
  group: CoderGroup,
  link: Link,
  view: GroupView,
  context: PlanContext,
): Plan<GroupStep> {
  if (isEveryone(group)) {
    return failed('refused', 'patchGroup', 'The group Everyone of an organization is never changed.');
  }
  if (isProtectedGroup(group.name, context.policy))
    return failed('refused', 'patchGroup', protection(group.name));
  if (target.deleted)
    return planLeaving(target, group, link, view, 'the group was deleted in the directory', context);
  if (isElsewhere(group, homeOf(target, context))) {
    return planLeaving(target, group, link, view, 'the group is stated in another organization', context);
  }
  const named = nameChange(target, group, link, view.sameName, context);
  const changed = attributeChanges(target, group);
  const templates = planTemplates(target, view.templates, context);
  const reason = 'the group differs from the directory';
  const attributes = { ...named.attributes, ...changed.attributes };
  const steps = [
    ...templates.losses,
    ...patches(attributes, memberDifference(target, group, context), reason),
    ...templates.gains,
  ];
  const nowhere = unknownHome(target, context);
  const failure =
    nowhere === null ? undefined : ({ kind: 'invalidValue', step: 'patchGroup', detail: nowhere } as const);
  const plan = {
    ...planOf(steps, pendingNotes(target), memberOwnership(target, group)),
    ...(templates.owned && { ownedTemplates: templates.owned }),
  };
  return failing(plan, named.failure ?? failure ?? changed.failure ?? templates.failure);
}

/**
 * Only what the bridge made is deleted; an adopted group is given back without the members that the bridge owns. A group that
 * is only stated elsewhere is made anew there, because Coder cannot move one.
 */
function planLeaving(
  target: GroupTarget,
  group: CoderGroup,
  link: Link,
  view: GroupView,
  reason: string,
  context: PlanContext,
): Plan<GroupStep> {
  const left: GroupTarget = { ...target, deleted: true, members: [] };
  const { remove } = memberDifference(left, group, context);
  const end: readonly GroupStep[] =
    link.origin === 'created'
      ? [{ do: 'deleteGroup', members: group.members.length, reason }]
      : patches({}, { add: [], remove }, reason);
  const steps: GroupStep[] = [
    ...templatesOnLeaving(target, view.templates, reason),
    ...end,
    { do: 'forgetLink', reason },
  ];
  return planOf(steps, [], memberOwnership(left, group));
}

function nameChange(
  target: GroupTarget,
  group: CoderGroup,
  link: Link,
  sameName: CoderGroup | null,
  context: PlanContext,
): { attributes: PatchGroupRequest; failure?: Failure } {
  // The name of an adopted group is its maker's: templates and scripts may know it by that.
  const name = link.origin === 'adopted' ? group.name : nameOf(target, link);
  if (name === group.name) return { attributes: {} };
  if (isProtectedGroup(name, context.policy)) {
    return { attributes: {}, failure: { kind: 'refused', step: 'patchGroup', detail: protection(name) } };
  }
  if (sameName !== null && sameName.id !== group.id && sameName.name === name) {
    const detail = `The group cannot be renamed: Coder has another group named ${JSON.stringify(name)}.`;
    return { attributes: {}, failure: { kind: 'uniqueness', step: 'patchGroup', detail } };
  }
  return { attributes: { name } };
}

/** What is said where a group is stated in an organization that Coder does not have; null otherwise. */
function unknownHome(target: GroupTarget, context: PlanContext): string | null {
  if (homeOf(target, context) !== null) return null;
  const name = JSON.stringify(target.settings.organization);
  return `Coder has no organization ${name} that the bridge can see, which the group is stated to lie in.`;
}

function protection(name: string): string {
  return `The group ${JSON.stringify(name)} in Coder is protected by policy: it is not adopted, changed or deleted.`;
}

function failing(plan: Plan<GroupStep>, failure: Failure | undefined): Plan<GroupStep> {
  return failure === undefined ? plan : { ...plan, failure };
}

/** The linked name while it fits the displayName; after a rename a new one. Adopted groups keep theirs. */
function nameOf(target: GroupTarget, link: Link): string {
  const fits = link.origin === 'adopted' || isGroupNameFor(link.coderName, target.displayName, target.id);
  return fits ? link.coderName : freeName(target);
}

/** The name for a group that is not linked: the one that was announced while it fits, so that a retry asks for the same. */
function chosenName(target: GroupTarget): string {
  const announced = target.intent?.name;
  const fits =
    announced !== undefined &&
    isGroupNameFor(announced, target.displayName, target.id) &&
    !target.takenNames.includes(fold(announced));
  return fits ? announced : freeName(target);
}

function freeName(target: GroupTarget): string {
  const taken = new Set(target.takenNames);
  return freeGroupName(target.displayName, target.id, (name) => taken.has(name));
}

/**
 * Whether a group is the one that this intent's creation made, its answer having been lost: its name and our display name
 * (or, after a rename in the directory, one that gives this name), made by the API and as empty as it was made. Anything
 * else is somebody else's.
 */
function madeByIntent(intent: Intent | null, group: CoderGroup, target: GroupTarget): boolean {
  if (intent === null || group.name !== intent.name) return false;
  const displayName = group.display_name ?? '';
  const ours =
    displayName === displayNameFor(target.displayName) || isGroupNameFor(group.name, displayName, target.id);
  const sameQuota = group.quota_allowance === (intent.quotaAllowance ?? 0);
  return ours && group.source === 'user' && sameQuota && isEmpty(group);
}

function isEmpty(group: CoderGroup): boolean {
  return group.members.length === 0 && (group.total_member_count ?? 0) === 0;
}

/** Why the policy does not let a group be adopted by its name; null when it does. */
function adoptionConflict(group: CoderGroup, context: PlanContext): string | null {
  const name = JSON.stringify(group.name);
  if (isEveryone(group)) return 'The group Everyone of an organization is never adopted.';
  const { adoptGroups } = context.policy;
  if (adoptGroups === 'always' || (adoptGroups === 'empty' && isEmpty(group))) return null;
  const found = `Coder already has a group named ${name} that the bridge did not make`;
  return adoptGroups === 'empty'
    ? `${found}, and it has members. Remove them or rename the group, or set the policy adoptGroups to always to adopt it.`
    : `${found}. Rename one of the two, or set the policy adoptGroups to empty or always to adopt it.`;
}

function pendingNotes(target: GroupTarget): readonly Note[] {
  const { total } = target.pendingMembers;
  if (total === 0) return [];
  const detail = total === 1 ? '1 member is not in Coder yet.' : `${total} members are not in Coder yet.`;
  return [{ note: 'pendingMembers', detail }];
}
