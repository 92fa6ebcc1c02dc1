import { isUuid } from '../../../common/index.js';
import { notJson } from '../../rules/body.js';
import type { Body } from '../../rules/body.js';
import { re2 } from '../../rules/re2.js';
import { SINCE_2024, SINCE_2025 } from '../../rules/releases.js';
import { badRequest, forbidden, json } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { GroupSyncSettings, OrganizationSyncSettings, RoleSyncSettings } from '../../state/rows.js';
import { groupSettings, organizationSettings, roleSettings } from '../../state/sync-settings.js';
import { organizationParam } from '../lookup.js';
import { changedMapping } from './sync-mapping.js';

const DEPLOYMENT = '/api/v2/settings/idpsync/organization';
const SETTINGS = '/api/v2/organizations/{organization}/settings/idpsync';

type Answer = ReturnType<typeof json>;

/**
 * Settings of Coder's own login-time sync. What was never saved reads as the deployment's flags or an empty field. The
 * licence is not asked for.
 */
export const idpSyncRoutes: readonly Route[] = [
  { method: 'GET', path: DEPLOYMENT, notIn: SINCE_2025, handle: getOrganizations },
  { method: 'PATCH', path: DEPLOYMENT, notIn: SINCE_2025, handle: patchOrganizations },
  { method: 'PATCH', path: `${DEPLOYMENT}/config`, notIn: SINCE_2025, handle: patchOrganizationsConfig },
  { method: 'PATCH', path: `${DEPLOYMENT}/mapping`, notIn: SINCE_2025, handle: patchOrganizationsMapping },
  { method: 'GET', path: `${SETTINGS}/groups`, notIn: SINCE_2024, handle: getGroups },
  { method: 'PATCH', path: `${SETTINGS}/groups`, notIn: SINCE_2024, handle: patchGroups },
  { method: 'PATCH', path: `${SETTINGS}/groups/config`, notIn: SINCE_2025, handle: patchGroupsConfig },
  { method: 'PATCH', path: `${SETTINGS}/groups/mapping`, notIn: SINCE_2025, handle: patchGroupsMapping },
  { method: 'GET', path: `${SETTINGS}/roles`, notIn: SINCE_2024, handle: getRoles },
  { method: 'PATCH', path: `${SETTINGS}/roles`, notIn: SINCE_2024, handle: patchRoles },
  { method: 'PATCH', path: `${SETTINGS}/roles/config`, notIn: SINCE_2025, handle: patchRolesConfig },
  { method: 'PATCH', path: `${SETTINGS}/roles/mapping`, notIn: SINCE_2025, handle: patchRolesMapping },
];

/** Who may read the settings may write them. */
function allow(call: Call, organizationId?: string): void {
  if (!call.caller.readsIdpSync(organizationId)) throw forbidden();
}

/** The organization of the path, for callers with rights over its settings. */
function organization(call: Call): string {
  const { id } = organizationParam(call);
  allow(call, id);
  return id;
}

/** A mapping that was never saved is null. */
function shown<T extends { readonly mapping: object }>(saved: boolean, settings: T): Answer {
  const bare = !saved && Object.keys(settings.mapping).length === 0;
  return json(200, bare ? { ...settings, mapping: null } : settings);
}

function getOrganizations(call: Call): Answer {
  allow(call);
  return shown(call.state.organizationSync !== null, organizationSettings(call.state));
}

function saveOrganizations(call: Call, settings: OrganizationSyncSettings): Answer {
  call.state.apply(['organizationSync', settings]);
  call.deployment.audit('write', 'idp_sync_settings_organization', '', 'Organization Sync', call.caller.id);
  return json(200, settings);
}

/** Replaces the whole document. That the organizations exist is not checked. */
function patchOrganizations(call: Call): Answer {
  allow(call);
  const body = call.body();
  return saveOrganizations(call, {
    field: body.string('field') ?? '',
    mapping: uuids(body.lists('mapping')),
    organization_assign_default: body.boolean('organization_assign_default') ?? false,
  });
}

/** The flag has another name here. */
function patchOrganizationsConfig(call: Call): Answer {
  allow(call);
  const body = call.body();
  return saveOrganizations(call, {
    ...organizationSettings(call.state),
    field: body.string('field') ?? '',
    organization_assign_default: body.boolean('assign_default') ?? false,
  });
}

function patchOrganizationsMapping(call: Call): Answer {
  allow(call);
  const settings = organizationSettings(call.state);
  const mapping = changedMapping(settings.mapping, call.body(), 'uuid');
  return saveOrganizations(call, { ...settings, mapping });
}

function getGroups(call: Call): Answer {
  const id = organization(call);
  return shown(call.state.groupSync.has(id), groupSettings(call.state, id));
}

function saveGroups(call: Call, id: string, settings: GroupSyncSettings): Answer {
  call.state.apply(['groupSync', id, settings]);
  call.deployment.audit('write', 'idp_sync_settings_group', id, 'Organization Group Sync', call.caller.id);
  return json(200, settings);
}

function patchGroups(call: Call): Answer {
  const id = organization(call);
  const body = call.body();
  if (Object.keys(body.texts('legacy_group_name_mapping')).length > 0) {
    const detail =
      'The legacy group name mapping can only be set by deployment flags. Use the mapping instead.';
    throw badRequest('Unexpected field "legacy_group_name_mapping".', detail, [
      { field: 'legacy_group_name_mapping', detail: 'It cannot be set' },
    ]);
  }
  return saveGroups(call, id, { ...groupConfig(body), mapping: uuids(body.lists('mapping')) });
}

function groupConfig(body: Body): Omit<GroupSyncSettings, 'mapping'> {
  const filter = body.string('regex_filter') ?? null;
  try {
    if (filter !== null) re2(filter);
  } catch (error) {
    throw notJson(`error parsing regexp: ${error instanceof Error ? error.message : 'it is invalid'}`);
  }
  return {
    field: body.string('field') ?? '',
    regex_filter: filter,
    auto_create_missing_groups: body.boolean('auto_create_missing_groups') ?? false,
  };
}

function patchGroupsConfig(call: Call): Answer {
  const id = organization(call);
  const { mapping } = groupSettings(call.state, id);
  return saveGroups(call, id, { ...groupConfig(call.body()), mapping });
}

function patchGroupsMapping(call: Call): Answer {
  const id = organization(call);
  const settings = groupSettings(call.state, id);
  return saveGroups(call, id, {
    ...settings,
    mapping: changedMapping(settings.mapping, call.body(), 'uuid'),
  });
}

function getRoles(call: Call): Answer {
  const id = organization(call);
  return shown(call.state.roleSync.has(id), roleSettings(call.state, id));
}

function saveRoles(call: Call, id: string, settings: RoleSyncSettings): Answer {
  call.state.apply(['roleSync', id, settings]);
  call.deployment.audit('write', 'idp_sync_settings_role', id, 'Organization Role Sync', call.caller.id);
  return json(200, settings);
}

/** Names of roles are not validated. */
function patchRoles(call: Call): Answer {
  const id = organization(call);
  const body = call.body();
  return saveRoles(call, id, { field: body.string('field') ?? '', mapping: body.lists('mapping') });
}

function patchRolesConfig(call: Call): Answer {
  const id = organization(call);
  const { mapping } = roleSettings(call.state, id);
  return saveRoles(call, id, { field: call.body().string('field') ?? '', mapping });
}

function patchRolesMapping(call: Call): Answer {
  const id = organization(call);
  const settings = roleSettings(call.state, id);
  return saveRoles(call, id, { ...settings, mapping: changedMapping(settings.mapping, call.body(), 'text') });
}

function uuids(mapping: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  for (const id of Object.values(mapping).flat()) {
    const valid: boolean = isUuid(id);
    if (!valid) throw notJson('mapping must hold uuids');
  }
  return { ...mapping };
}
