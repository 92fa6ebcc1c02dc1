import type { JsonObject } from '../../common/index.js';
import type { State } from '../state/state.js';
import type { CustomRoleRow } from '../state/tables.js';
import { displayName, isOrganizationRole, ORGANIZATION_ROLES } from './roles.js';

/** Role names are unique in the whole deployment, whatever their case. */
export function customRole(state: State, name: string): CustomRoleRow | undefined {
  return state.tables.get('customRole', name.toLowerCase());
}

/** Whether members of the organization can have the role: built in, or the organization's own. */
export function isRoleOf(state: State, organizationId: string, name: string): boolean {
  const own = customRole(state, name);
  return isOrganizationRole(name) || (own?.organization_id === organizationId && own.name === name);
}

/** How a role is called on screens. */
export function roleTitle(state: State, name: string): string {
  return customRole(state, name)?.display_name || displayName(name);
}

export interface RoleShape {
  name: string;
  organization_id: string;
  display_name: string;
  site_permissions: readonly JsonObject[];
  organization_permissions: readonly JsonObject[];
  user_permissions: readonly JsonObject[];
}

export function customRoleShape(row: CustomRoleRow): RoleShape {
  const { name, organization_id, display_name, organization_permissions } = row;
  const permissions = { site_permissions: [], organization_permissions, user_permissions: [] };
  return { name, organization_id, display_name, ...permissions };
}

/** Built-in roles of an organization, then its own. */
export function rolesOf(state: State, organizationId: string): (RoleShape & { built_in: boolean })[] {
  const builtIn = ORGANIZATION_ROLES.map((name) => ({
    name,
    organization_id: organizationId,
    display_name: displayName(name),
    site_permissions: [],
    organization_permissions: [],
    user_permissions: [],
    built_in: true,
  }));
  const own = state.tables.rows('customRole').filter((row) => row.organization_id === organizationId);
  return [...builtIn, ...own.map((row) => ({ ...customRoleShape(row), built_in: false }))];
}
