import type { CoderGroup, CoderUser } from '../../src/coder/index.js';
import type { GroupTarget, UserTarget } from '../../src/directory/index.js';
import { homeOf } from '../../src/reconcile/planner/index.js';
import type {
  GroupStep,
  GroupView,
  PlanContext,
  UserStep,
  UserView,
} from '../../src/reconcile/planner/index.js';

// A small pure model of Coder and of what the bridge records: a step turns what is known into what is known after it. It
// refuses what Coder refuses, so that a plan which Coder would not take fails the test.

export interface UserWorld {
  readonly target: UserTarget;
  readonly view: UserView;
}

export interface GroupWorld {
  readonly target: GroupTarget;
  readonly view: GroupView;
}

/** The id of whatever is created. */
export const CREATED = '0c000000-0000-4000-8000-00000000c0de';

/** The world after a step for a user. */
export function applyUserStep({ target, view }: UserWorld, step: UserStep): UserWorld {
  switch (step.do) {
    case 'createUser': {
      if (view.sameEmail?.email.toLowerCase() === step.request.email.toLowerCase())
        throw new Error('409 email');
      const { email, username, name, login_type, user_status: status, organization_ids } = step.request;
      const created = { id: CREATED, email, username, login_type, status, organization_ids, roles: [] };
      return linkUser(
        target,
        { ...created, ...(name === undefined ? {} : { name }), created_at: '2025-09-01T12:00:00Z' },
        'created',
      );
    }
    case 'adoptUser':
      return linkUser(target, step.user, step.origin);
    case 'forgetLink':
      return {
        target: { ...target, link: null, ownedOrganizations: [] },
        view: { account: null, sameEmail: view.account },
      };
    case 'deleteUser':
      return { target, view: { account: null, sameEmail: null } };
    case 'setRoles':
      return { target, view: withRoles(view, step) };
    case 'setQuietHours':
      return { target, view: { ...view, quietHours: step.schedule } };
    case 'revokeToken':
      return { target, view: { ...view, tokens: without(view.tokens, step.keyId) } };
    case 'stopWorkspace':
      return { target, view: { ...view, workspaces: without(view.workspaces, step.workspaceId) } };
    default:
      return {
        target,
        view: { ...view, account: changedAccount(present(view.account), step), sameEmail: null },
      };
  }
}

/** Refuses what Coder refuses: a role in an organization that the account is not in. */
function withRoles(
  view: UserView,
  { organizationId, roles }: Extract<UserStep, { do: 'setRoles' }>,
): UserView {
  const account = present(view.account);
  if (organizationId === null)
    return { ...view, account: { ...account, roles: roles.map((name) => ({ name })) } };
  if (!account.organization_ids.includes(organizationId)) throw new Error('404 no member');
  return {
    ...view,
    organizationRoles: new Map([...(view.organizationRoles ?? []), [organizationId, roles]]),
  };
}

function without(list: readonly string[] | undefined, gone: string): string[] {
  if (!list?.includes(gone)) throw new Error('it is gone already');
  return list.filter((id) => id !== gone);
}

type AccountStep = Exclude<
  UserStep,
  {
    do:
      | 'createUser'
      | 'adoptUser'
      | 'forgetLink'
      | 'deleteUser'
      | 'setRoles'
      | 'setQuietHours'
      | 'revokeToken'
      | 'stopWorkspace';
  }
>;

function changedAccount(account: CoderUser, step: AccountStep): CoderUser {
  switch (step.do) {
    case 'updateProfile':
      return { ...account, username: step.username, name: step.name };
    case 'suspendUser':
      if (account.roles.some((role) => role.name === 'owner' && !role.organization_id))
        throw new Error('400 owner');
      return { ...account, status: 'suspended' };
    case 'activateUser':
      return { ...account, status: 'active' };
    case 'joinOrganization':
      if (account.organization_ids.includes(step.organizationId)) throw new Error('400 already a member');
      return { ...account, organization_ids: [...account.organization_ids, step.organizationId] };
    case 'leaveOrganization':
      return {
        ...account,
        organization_ids: account.organization_ids.filter((id) => id !== step.organizationId),
      };
    default:
      throw new Error('an unknown step');
  }
}

/** The world after a step for a group. */
export function applyGroupStep(
  { target, view }: GroupWorld,
  step: GroupStep,
  context: PlanContext,
): GroupWorld {
  switch (step.do) {
    case 'createGroup': {
      if (view.sameName?.name === step.request.name) throw new Error('409 name');
      const created: CoderGroup = {
        id: CREATED,
        name: step.request.name,
        display_name: step.request.display_name ?? '',
        organization_id: homeOf(target, context) ?? '',
        quota_allowance: step.request.quota_allowance ?? 0,
        ...(step.request.avatar_url !== undefined && { avatar_url: step.request.avatar_url }),
        source: 'user',
        members: [],
        total_member_count: 0,
      };
      return linkGroup({ target, view }, created, 'created');
    }
    case 'adoptGroup':
      return linkGroup({ target, view }, step.group, step.origin);
    case 'forgetLink': {
      // A new group may do nothing yet. One that was given back is looked for by name where the target lies now.
      const here = view.group?.organization_id === homeOf(target, context);
      return {
        target: { ...target, link: null, ownedMembers: [], ownedTemplates: [] },
        view: { group: null, sameName: here ? view.group : null, ...seenRoles(view, new Map()) },
      };
    }
    case 'deleteGroup':
      if (hasGrants(view)) throw new Error('a grant stays behind');
      return { target, view: { ...view, group: null, sameName: null } };
    case 'setTemplateRole':
      return setTemplateRole({ target, view }, step);
    case 'patchGroup':
      return patchGroup({ target, view }, step);
    default:
      throw new Error('an unknown step');
  }
}

/** Whether the group may still do something with a template, unless Coder refuses to take it. */
function hasGrants({ templates }: GroupView): boolean {
  return [...(templates?.roles ?? [])].some(([id, role]) => role !== '' && !templates?.refused.has(id));
}

const seenRoles = (view: GroupView, roles: ReadonlyMap<string, string>): Pick<GroupView, 'templates'> =>
  view.templates ? { templates: { ...view.templates, roles } } : {};

function setTemplateRole(
  { target, view }: GroupWorld,
  { templateId, role }: Extract<GroupStep, { do: 'setTemplateRole' }>,
): GroupWorld {
  const roles = new Map([...(view.templates?.roles ?? []), [templateId, role]]);
  const others = target.ownedTemplates.filter((id) => id !== templateId);
  return {
    target: { ...target, ownedTemplates: role === '' ? others : [...others, templateId] },
    view: { ...view, ...seenRoles(view, roles) },
  };
}

function patchGroup(
  { target, view }: GroupWorld,
  step: Extract<GroupStep, { do: 'patchGroup' }>,
): GroupWorld {
  const before = present(view.group);
  const { add_users: add = [], remove_users: remove = [], name, ...fields } = step.request;
  if (name !== undefined && view.sameName?.name === name) throw new Error('409 name');
  const ids = new Set(before.members.map((member) => member.id));
  for (const id of add) {
    if (ids.has(id)) throw new Error('400 same user to a group twice');
    ids.add(id);
  }
  for (const id of remove) ids.delete(id);
  const created_at = '2025-09-01T12:00:00Z';
  const members = [...ids].map((id) => ({
    id,
    username: id,
    email: `${id}@x.io`,
    status: 'active' as const,
    created_at,
  }));
  const group: CoderGroup = {
    ...before,
    ...(name === undefined ? {} : { name }),
    ...fields,
    members,
    total_member_count: members.length,
  };
  const owned = new Set([...target.ownedMembers, ...add]);
  for (const id of remove) owned.delete(id);
  const link = target.link && name !== undefined ? { ...target.link, coderName: name } : target.link;
  return { target: { ...target, link, ownedMembers: [...owned] }, view: { ...view, group } };
}

function linkUser(target: UserTarget, account: CoderUser, origin: 'created' | 'adopted'): UserWorld {
  if (target.link !== null) throw new Error('linked already');
  const link = { coderId: account.id, coderName: account.username, origin };
  return { target: { ...target, link, intent: null }, view: { account, sameEmail: null } };
}

function linkGroup(
  { target, view }: GroupWorld,
  group: CoderGroup,
  origin: 'created' | 'adopted',
): GroupWorld {
  if (target.link !== null) throw new Error('linked already');
  const link = { coderId: group.id, coderName: group.name, origin };
  return { target: { ...target, link, intent: null }, view: { ...view, group, sameName: null } };
}

function present<T>(thing: T | null): T {
  if (thing === null) throw new Error('a step on what is not there');
  return thing;
}
