import { displayName, isSiteRole, SITE_ROLES } from '../../rules/roles.js';
import { fullUser } from '../../render.js';
import { type Answer, badRequest, forbidden, json, rendered } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import { siteRoleSyncOn } from '../../state/sync-settings.js';
import { userParam } from '../lookup.js';

export const userRoleRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/users/roles', handle: assignableRoles },
  { method: 'GET', path: '/api/v2/users/{user}/roles', handle: getRoles },
  { method: 'PUT', path: '/api/v2/users/{user}/roles', handle: putRoles },
];

function assignableRoles(call: Call): Answer {
  if (!call.caller.readsUsers()) throw forbidden();
  const role = {
    organization_id: '',
    site_permissions: [],
    organization_permissions: [],
    user_permissions: [],
  };
  const assignable = call.caller.isOwner();
  return json(
    200,
    SITE_ROLES.map((name) => ({
      name,
      display_name: displayName(name),
      ...role,
      assignable,
      built_in: true,
    })),
  );
}

function getRoles(call: Call): Answer {
  const user = userParam(call);
  const organizationRoles: Record<string, readonly string[]> = {};
  for (const id of call.state.organizationsOf.get(user.id) ?? []) {
    organizationRoles[id] = call.state.members.get(id)?.get(user.id)?.roles ?? [];
  }
  return json(200, { roles: user.roles, organization_roles: organizationRoles });
}

/** Replaces all site roles. The grant matrix holds for removed roles as for added ones. */
function putRoles(call: Call): Answer {
  const { caller, state } = call;
  const user = userParam(call);
  if (user.id === caller.id) throw badRequest('You cannot change your own roles.');
  if (user.login_type === 'oidc' && siteRoleSyncOn(state)) {
    throw badRequest(
      'Cannot modify roles for OIDC users when role sync is enabled.',
      'Change the roles in the identity provider.',
    );
  }
  // `member` is implied.
  const wanted = [...new Set(call.body().strings('roles'))].filter((role) => role !== 'member').toSorted();
  const unknown = wanted.find((role) => !isSiteRole(role));
  if (unknown !== undefined) throw badRequest(`"${unknown}" is not a supported role`);
  if (!caller.managesUsers()) throw forbidden();
  const changed = [
    ...wanted.filter((role) => !user.roles.includes(role)),
    ...user.roles.filter((role) => !wanted.includes(role)),
  ];
  if (changed[0] !== undefined && !caller.isOwner())
    throw badRequest(`not authorized to assign role "${changed[0]}"`);
  return rendered(200, fullUser(state, call.deployment.updateUser(user, { roles: wanted }, caller.id)));
}
