import type { CallOptions } from '../call-options.js';
import { flag, listOf, mapOf, optional, record, text } from '../decode.js';
import { get, patch, type Route } from '../http/route.js';
import type { Transport } from '../http/transport.js';

/** An empty `field` means that the sync is off. A missing mapping is an empty one. */
const readGroupSync = record('the settings of group sync', {
  field: text,
  mapping: mapOf(listOf(text)),
  regex_filter: optional(text),
  auto_create_missing_groups: optional(flag),
  legacy_group_name_mapping: optional(mapOf(text)),
});

const readRoleSync = record('the settings of role sync', { field: text, mapping: mapOf(listOf(text)) });

const readOrganizationSync = record('the settings of organization sync', {
  field: text,
  mapping: mapOf(listOf(text)),
  organization_assign_default: optional(flag),
});

export type CoderGroupSync = ReturnType<typeof readGroupSync>;
export type CoderRoleSync = ReturnType<typeof readRoleSync>;
export type CoderOrganizationSync = ReturnType<typeof readOrganizationSync>;

/** The whole document: what is left out is reset. `legacy_group_name_mapping` cannot be set by it. */
export interface GroupSyncRequest {
  field: string;
  mapping: Record<string, string[]>;
  regex_filter?: string | null;
  auto_create_missing_groups?: boolean;
}

/** Entries of a mapping, by Coder's own capitals: what the claim says, and the id (of a role the name) it stands for. */
export interface MappingRequest {
  Add: { Given: string; Gets: string }[];
  Remove: { Given: string; Gets: string }[];
}

const GROUPS = '/organizations/{organization}/settings/idpsync/groups';
const ROLES = '/organizations/{organization}/settings/idpsync/roles';
const ORGANIZATIONS = '/settings/idpsync/organization';

/**
 * Settings of Coder's own sync at login. All answer 200 with the settings as they are then; 403 without the right. `config`
 * and `mapping` since 2025, organizations since the end of 2024, all others since 2024: before, "route not found".
 */
export function idpSync(transport: Transport) {
  return { ...groupSync(transport), ...roleSync(transport), ...organizationSync(transport) };
}

function groupSync(transport: Transport) {
  const at = (route: Route, organization: string, body: object | undefined, options?: CallOptions) =>
    transport.call({ route, values: { organization }, read: readGroupSync, options, ...(body && { body }) });
  return {
    /** `GET /organizations/{organization}/settings/idpsync/groups`. */
    getGroupSync: (organization: string, options?: CallOptions) =>
      at(get(GROUPS), organization, undefined, options),

    /** `PATCH /organizations/{organization}/settings/idpsync/groups`: the whole document; 400 for a pattern or id that cannot be read. */
    updateGroupSync: (organization: string, request: GroupSyncRequest, options?: CallOptions) =>
      at(patch(GROUPS), organization, request, options),

    /** `PATCH /organizations/{organization}/settings/idpsync/groups/config`: all but the mapping. */
    updateGroupSyncConfig: (
      organization: string,
      request: { field: string; regex_filter: string | null; auto_create_missing_groups: boolean },
      options?: CallOptions,
    ) => at(patch(`${GROUPS}/config`), organization, request, options),

    /** `PATCH /organizations/{organization}/settings/idpsync/groups/mapping`: adds, then removes. */
    updateGroupSyncMapping: (organization: string, request: MappingRequest, options?: CallOptions) =>
      at(patch(`${GROUPS}/mapping`), organization, request, options),
  };
}

function roleSync(transport: Transport) {
  const at = (route: Route, organization: string, body: object | undefined, options?: CallOptions) =>
    transport.call({ route, values: { organization }, read: readRoleSync, options, ...(body && { body }) });
  return {
    /** `GET /organizations/{organization}/settings/idpsync/roles`. */
    getRoleSync: (organization: string, options?: CallOptions) =>
      at(get(ROLES), organization, undefined, options),

    /** `PATCH /organizations/{organization}/settings/idpsync/roles`: the whole document; names of roles are not checked. */
    updateRoleSync: (
      organization: string,
      request: { field: string; mapping: Record<string, string[]> },
      options?: CallOptions,
    ) => at(patch(ROLES), organization, request, options),

    /** `PATCH /organizations/{organization}/settings/idpsync/roles/config`: the field only. */
    updateRoleSyncConfig: (organization: string, request: { field: string }, options?: CallOptions) =>
      at(patch(`${ROLES}/config`), organization, request, options),

    /** `PATCH /organizations/{organization}/settings/idpsync/roles/mapping`: adds, then removes. */
    updateRoleSyncMapping: (organization: string, request: MappingRequest, options?: CallOptions) =>
      at(patch(`${ROLES}/mapping`), organization, request, options),
  };
}

function organizationSync(transport: Transport) {
  const at = (route: Route, body: object | undefined, options?: CallOptions) =>
    transport.call({ route, read: readOrganizationSync, options, ...(body && { body }) });
  return {
    /** `GET /settings/idpsync/organization`. */
    getOrganizationSync: (options?: CallOptions) => at(get(ORGANIZATIONS), undefined, options),

    /** `PATCH /settings/idpsync/organization`: the whole document; ids are not checked. */
    updateOrganizationSync: (
      request: { field: string; mapping: Record<string, string[]>; organization_assign_default: boolean },
      options?: CallOptions,
    ) => at(patch(ORGANIZATIONS), request, options),

    /** `PATCH /settings/idpsync/organization/config`: here the key is `assign_default`. */
    updateOrganizationSyncConfig: (
      request: { field: string; assign_default: boolean },
      options?: CallOptions,
    ) => at(patch(`${ORGANIZATIONS}/config`), request, options),

    /** `PATCH /settings/idpsync/organization/mapping`: adds, then removes. */
    updateOrganizationSyncMapping: (request: MappingRequest, options?: CallOptions) =>
      at(patch(`${ORGANIZATIONS}/mapping`), request, options),
  };
}
