import { isDisplayName, isUsername } from '../../rules/names.js';
import { type Answer, ApiFailure, badRequest, forbidden, internal, json } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { OrganizationRow } from '../../state/rows.js';
import { organizationParam } from '../lookup.js';

const ORGANIZATION = '/api/v2/organizations/{organization}';
const licence = { feature: 'multiple_organizations', title: 'Multiple Organizations', first: false };

export const editOrganizationRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/v2/organizations', licence, handle: create },
  { method: 'PATCH', path: ORGANIZATION, licence, handle: update },
  { method: 'DELETE', path: ORGANIZATION, licence, handle: remove },
];

interface Fields {
  readonly name: string;
  readonly displayName: string;
  readonly description: string | undefined;
  readonly icon: string | undefined;
}

function read(call: Call, required: boolean): Fields {
  const body = call.body();
  const name = body.string('name') ?? '';
  const displayName = body.string('display_name') ?? '';
  if (name || required) {
    body.rule(name ? 'organization_name' : 'required', 'name', name, isUsername(name));
  }
  body.rule('organization_display_name', 'display_name', displayName, isDisplayName(displayName));
  const fields = { name, displayName, description: body.string('description'), icon: body.string('icon') };
  body.check();
  if (name === 'default') throw badRequest('Organization name "default" is reserved.');
  return fields;
}

function checkTaken(call: Call, name: string, own?: OrganizationRow): void {
  const other = name ? call.state.organizationByName(name) : undefined;
  if (!other || other.id === own?.id) return;
  const taken = { field: 'name', detail: 'This value is already in use and should be unique.' };
  throw new ApiFailure(409, `Organization already exists with the name "${name}".`, '', [taken]);
}

/** Creates Everyone too, and adds the caller. */
function create(call: Call): Answer {
  const { caller, deployment } = call;
  const fields = read(call, true);
  checkTaken(call, fields.name);
  if (!caller.isOwner()) throw internal('unauthorized: rbac: forbidden');
  const created = deployment.createOrganization(fields.name, fields.displayName || fields.name);
  const texts = { description: fields.description ?? '', icon: fields.icon ?? '' };
  const row = { ...created, ...texts };
  call.state.apply(['organization', row]);
  deployment.audit('create', 'organization', row.id, row.name, caller.id, { organization_id: row.id });
  deployment.addMember(row.id, caller.user, caller.id);
  return json(201, row);
}

/** An empty name is no change. */
function update(call: Call): Answer {
  const row = organizationParam(call);
  const fields = read(call, false);
  checkTaken(call, fields.name, row);
  if (!call.caller.isOrganizationAdmin(row.id)) throw forbidden();
  const changed: OrganizationRow = {
    ...row,
    name: fields.name || row.name,
    display_name: fields.displayName || row.display_name,
    description: fields.description ?? row.description,
    icon: fields.icon ?? row.icon,
    updated_at: call.deployment.now(),
  };
  call.state.apply(['organization', changed]);
  call.deployment.audit('write', 'organization', row.id, changed.name, call.caller.id, {
    organization_id: row.id,
  });
  return json(200, changed);
}

/** Only an empty one goes: the database says in one sentence what is still inside. */
function remove(call: Call): Answer {
  const row = organizationParam(call);
  if (row.is_default) throw badRequest('Default organization cannot be deleted.');
  if (!call.caller.isOwner()) throw forbidden();
  const inside = contents(call, row.id);
  if (inside.length > 0) {
    throw internal(`cannot delete organization: organization has ${inside.join(', ')} that must be deleted`);
  }
  call.state.apply(['-organization', row.id]);
  call.deployment.audit('delete', 'organization', row.id, row.name, call.caller.id);
  return json(200, { message: 'Organization has been deleted.' });
}

/** Everyone does not count as a group, nor the one who asks as a member. */
function contents(call: Call, id: string): string[] {
  const { state, caller } = call;
  const inOrganization = (row: { organization_id: string }): boolean => row.organization_id === id;
  const members = [...(state.members.get(id)?.keys() ?? [])].filter(
    (user) => user !== caller.id && state.users.get(user)?.deleted === false,
  );
  const counts: readonly (readonly [number, string])[] = [
    [state.tables.rows('workspace').filter(inOrganization).length, 'workspaces'],
    [state.tables.rows('template').filter(inOrganization).length, 'templates'],
    [state.groupsIn(id).length - 1, 'groups'],
    [members.length, 'members'],
    [state.tables.rows('provisionerKey').filter(inOrganization).length, 'provisioner keys'],
  ];
  return counts.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`);
}
