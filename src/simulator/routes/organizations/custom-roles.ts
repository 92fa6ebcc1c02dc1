import type { JsonObject } from '../../../common/index.js';
import type { Body } from '../../rules/body.js';
import { customRole, customRoleShape, rolesOf } from '../../rules/custom-roles.js';
import { isUsername } from '../../rules/names.js';
import { isOrganizationRole, isSiteRole } from '../../rules/roles.js';
import { SINCE_2024 } from '../../rules/releases.js';
import { type Answer, badRequest, json, NO_CONTENT, notFound } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { CustomRoleRow } from '../../state/tables.js';
import { organizationParam } from '../lookup.js';

const ROLES = '/api/v2/organizations/{organization}/members/roles';
const licence = { feature: 'custom_roles', title: 'Custom Roles', first: false };

/** Kinds of resources that organizations' permissions can name; others are dropped. */
const RESOURCES = [
  '*',
  'assign_org_role',
  'audit_log',
  'group',
  'group_member',
  'idpsync_settings',
  'organization',
  'organization_member',
  'provisioner_daemon',
  'provisioner_jobs',
  'provisioner_keys',
  'template',
  'workspace',
  'workspace_dormant',
  'workspace_proxy',
];
const ACTIONS = [
  '*',
  'create',
  'read',
  'update',
  'delete',
  'use',
  'assign',
  'unassign',
  'start',
  'stop',
  'ssh',
];

export const customRoleRoutes: readonly Route[] = [
  { method: 'GET', path: ROLES, handle: list },
  { method: 'POST', path: ROLES, licence, notIn: SINCE_2024, handle: create },
  { method: 'PUT', path: ROLES, licence, notIn: SINCE_2024, handle: update },
  { method: 'DELETE', path: `${ROLES}/{role}`, licence, notIn: SINCE_2024, handle: remove },
];

/** Built-in ones first, then the organization's own; the implied one is left out. */
function list(call: Call): Answer {
  const { id } = organizationParam(call);
  const assignable = call.caller.isOrganizationAdmin(id);
  return json(
    200,
    rolesOf(call.state, id).map((role) => ({ ...role, assignable })),
  );
}

function create(call: Call): Answer {
  const { id } = organizationParam(call);
  const row = read(call, id);
  if (customRole(call.state, row.name)) throw badRequest(`Role "${row.name}" already exists.`);
  return save(call, row, 'create');
}

/** Changes only: a role that is not there yet is not found. */
function update(call: Call): Answer {
  const { id } = organizationParam(call);
  const row = read(call, id);
  if (customRole(call.state, row.name)?.organization_id !== id) throw notFound();
  return save(call, row, 'write');
}

function save(call: Call, row: CustomRoleRow, action: 'create' | 'write'): Answer {
  const { state, deployment, caller } = call;
  if (!caller.isOrganizationAdmin(row.organization_id)) throw notFound();
  state.put('customRole', row.name.toLowerCase(), row);
  const { organization_id } = row;
  deployment.audit(action, 'custom_role', organization_id, row.name, caller.id, { organization_id });
  return json(200, customRoleShape(row));
}

function read(call: Call, organizationId: string): CustomRoleRow {
  const body = call.body();
  const name = body.string('name') ?? '';
  if (isSiteRole(name) || isOrganizationRole(name) || name === 'member' || name === 'organization-member') {
    throw badRequest(`Reserved role name "${name}".`, 'Built-in roles cannot be changed.');
  }
  if (!isUsername(name)) throw badRequest('Invalid role name.', 'It must be a valid name.');
  for (const field of ['site_permissions', 'user_permissions']) {
    if (body.bodies(field).length === 0) continue;
    throw badRequest(`Invalid request, not allowed to assign ${field} to an organization role.`);
  }
  return {
    name,
    organization_id: organizationId,
    display_name: body.string('display_name') ?? '',
    organization_permissions: body.bodies('organization_permissions').flatMap(permission),
  };
}

function permission(body: Body): JsonObject[] {
  const resource_type = body.string('resource_type') ?? '';
  const action = body.string('action') ?? '';
  if (!RESOURCES.includes(resource_type) || !ACTIONS.includes(action)) return [];
  return [{ negate: body.boolean('negate') ?? false, resource_type, action }];
}

/** A trigger strips it from the members. */
function remove(call: Call): Answer {
  const { id } = organizationParam(call);
  const row = customRole(call.state, call.param('role'));
  if (row?.organization_id !== id || !call.caller.isOrganizationAdmin(id)) throw notFound();
  call.state.put('customRole', row.name.toLowerCase(), null);
  for (const member of call.state.members.get(id)?.values() ?? []) {
    if (!member.roles.includes(row.name)) continue;
    const roles = member.roles.filter((name) => name !== row.name);
    call.state.apply(['member', { ...member, roles }]);
  }
  call.deployment.audit('delete', 'custom_role', id, row.name, call.caller.id, { organization_id: id });
  return NO_CONTENT;
}
