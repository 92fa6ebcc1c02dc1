import { cut, readPage } from '../../rules/query.js';
import { isRoleOf } from '../../rules/custom-roles.js';
import { member as memberShape, memberWithUser } from '../../render.js';
import {
  type Answer,
  badRequest,
  forbidden,
  internal,
  json,
  NO_CONTENT,
  notFound,
} from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { MemberRow, UserRow } from '../../state/rows.js';
import { organizationSyncOn, roleSyncOn } from '../../state/sync-settings.js';
import { memberParam, organizationParam, userParam } from '../lookup.js';

const MEMBERS = '/api/v2/organizations/{organization}/members';

export const memberRoutes: readonly Route[] = [
  { method: 'GET', path: MEMBERS, handle: listMembers },
  {
    method: 'GET',
    path: '/api/v2/organizations/{organization}/paginated-members',
    notIn: ['s-old'],
    handle: pagedMembers,
  },
  { method: 'POST', path: `${MEMBERS}/{user}`, handle: addMember },
  { method: 'DELETE', path: `${MEMBERS}/{user}`, handle: removeMember },
  { method: 'PUT', path: `${MEMBERS}/{user}/roles`, handle: putMemberRoles },
];

function membersOf(call: Call, organizationId: string): { row: MemberRow; user: UserRow }[] {
  const found: { row: MemberRow; user: UserRow }[] = [];
  for (const row of call.state.members.get(organizationId)?.values() ?? []) {
    const user = call.state.users.get(row.user_id);
    if (user && !user.deleted) found.push({ row, user });
  }
  return found;
}

/** Deprecated by Coder, and unordered. */
function listMembers(call: Call): Answer {
  const { caller } = call;
  const { id } = organizationParam(call);
  const all = caller.readsMembers(id);
  const seen = membersOf(call, id).filter(({ user }) => all || user.id === caller.id);
  return json(
    200,
    seen.map(({ row, user }) => memberWithUser(call.state, row, user)),
  );
}

/** By lower(username). A page without rows is a 500: stop by `count`. */
function pagedMembers(call: Call): Answer {
  const { id } = organizationParam(call);
  const page = readPage(call.query);
  if (!call.caller.readsMembers(id)) throw notFound();
  const members = membersOf(call, id)
    .map(({ row, user }) => ({ row, user, key: user.username.toLowerCase() }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const shown = cut(members, page).map(({ row, user }) => memberWithUser(call.state, row, user));
  if (shown.length === 0) throw internal('sql: no rows in result set');
  return json(200, { members: shown, count: members.length });
}

function addMember(call: Call): Answer {
  const organization = organizationParam(call);
  const user = userParam(call);
  if (user.login_type === 'oidc' && organizationSyncOn(call.state)) {
    throw badRequest(
      'Organization sync is enabled for OIDC users, meaning manual organization assignment is not allowed for this user.',
      `User ${user.id} is an OIDC user and organization sync is enabled.`,
    );
  }
  if (!call.caller.managesMembers(organization.id)) throw notFound();
  if (call.state.isMember(organization.id, user.id)) {
    const detail = `User ${user.username} is already an organization member`;
    throw badRequest('User is already an organization member', detail);
  }
  return json(200, memberShape(call.state, call.deployment.addMember(organization.id, user, call.caller.id)));
}

/** Allowed even while organization sync is on. */
function removeMember(call: Call): Answer {
  const { organization, user } = memberParam(call);
  if (user.id === call.caller.id) throw badRequest('cannot remove self from an organization');
  if (!call.caller.managesMembers(organization.id)) throw notFound();
  call.deployment.removeMember(organization.id, user, call.caller.id);
  return NO_CONTENT;
}

/** Replaces all roles in the organization. */
function putMemberRoles(call: Call): Answer {
  const { caller, state, deployment } = call;
  const { organization, user, member } = memberParam(call);
  if (user.login_type === 'oidc' && roleSyncOn(state, organization.id)) {
    throw badRequest(
      'Cannot modify roles for OIDC users when role sync is enabled.',
      'Change the roles in the identity provider.',
    );
  }
  if (user.id === caller.id) throw badRequest('You cannot change your own organization roles.');
  const wanted = [...new Set(call.body().strings('roles'))].filter((role) => role !== 'organization-member');
  const unknown = wanted.find((role) => !isRoleOf(state, organization.id, role));
  if (unknown !== undefined) throw badRequest(`"${unknown}" is not a supported role`);
  if (!caller.managesMembers(organization.id)) throw forbidden();
  const changed = [
    ...wanted.filter((role) => !member.roles.includes(role)),
    ...member.roles.filter((role) => !wanted.includes(role)),
  ];
  if (changed[0] !== undefined && !caller.isOrganizationAdmin(organization.id)) {
    throw badRequest(`not authorized to assign role "${changed[0]}"`);
  }
  return json(200, memberShape(state, deployment.setMemberRoles(member, wanted, caller.id)));
}
