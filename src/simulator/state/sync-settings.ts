import type { GroupSyncSettings, OrganizationSyncSettings, RoleSyncSettings } from './rows.js';
import type { State } from './state.js';

/** The settings of Coder's own sync that hold now: what was saved, else the deployment's flags, else nothing. */

/** Until about December 2024 there were flags only. */
export function organizationSettings(state: State): OrganizationSyncSettings {
  const { oidc, profile } = state.switches;
  const saved = profile === 's-old' || profile === 's-new' ? null : state.organizationSync;
  return (
    saved ?? {
      field: profile === 's-old' ? '' : oidc.organizationField,
      mapping: oidc.organizationMapping,
      organization_assign_default: oidc.organizationAssignDefault,
    }
  );
}

/** The flags are of the default organization, until its settings are first saved. */
export function groupSettings(state: State, organizationId: string): GroupSyncSettings {
  const { oidc, profile } = state.switches;
  const saved = profile === 's-old' ? undefined : state.groupSync.get(organizationId);
  if (saved) return saved;
  const flags = organizationId === state.defaultOrganization.id;
  return {
    field: flags ? oidc.groupField : '',
    mapping: {},
    regex_filter: (flags && oidc.groupRegexFilter) || null,
    auto_create_missing_groups: flags && oidc.groupAutoCreate,
    ...(flags && Object.keys(oidc.groupMapping).length > 0
      ? { legacy_group_name_mapping: oidc.groupMapping }
      : {}),
  };
}

export function roleSettings(state: State, organizationId: string): RoleSyncSettings {
  const saved = state.switches.profile === 's-old' ? undefined : state.roleSync.get(organizationId);
  return saved ?? { field: '', mapping: {} };
}

/** Whether organizations of OIDC users are Coder's own to give. */
export function organizationSyncOn(state: State): boolean {
  return Boolean(state.switches.features['multiple_organizations'] && organizationSettings(state).field);
}

/** Whether roles of OIDC users in an organization are Coder's own to give. */
export function roleSyncOn(state: State, organizationId: string): boolean {
  return Boolean(
    state.switches.features['user_role_management'] && roleSettings(state, organizationId).field,
  );
}

/** Whether site roles of OIDC users are Coder's own to give. */
export function siteRoleSyncOn(state: State): boolean {
  const { features, siteRoleSync, oidc } = state.switches;
  return Boolean(features['user_role_management'] && (siteRoleSync || oidc.userRoleField));
}
