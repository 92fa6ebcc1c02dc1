import type { JsonObject } from '../../common/index.js';
import { isRoleOf } from '../rules/custom-roles.js';
import { re2 } from '../rules/re2.js';
import { isSiteRole } from '../rules/roles.js';
import type { Deployment } from '../state/deployment.js';
import type { GroupRow, GroupSyncSettings, UserRow } from '../state/rows.js';
import { groupSettings, organizationSettings, roleSettings } from '../state/sync-settings.js';
import { claimValues } from './claims.js';

/**
 * Coder's own IdP sync, run at each OIDC login: organizations, then per organization groups and roles. It writes rows
 * without audit and without notifications.
 */

/** Ends the login; nothing is written. */
export class LoginFailure extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Ids of the organizations that the claims call for; null: nothing is to be changed. @throws LoginFailure */
export function expectedOrganizations({ state }: Deployment, claims: JsonObject): Set<string> | null {
  const settings = organizationSettings(state);
  if (!state.switches.features['multiple_organizations'] || !settings.field) return null;
  const claim = claimValues(claims, settings.field);
  if (claim.kind === 'unreadable') {
    throw new LoginFailure(500, `Failed to parse organization claims: ${claim.why}.`);
  }
  const expected = new Set(settings.organization_assign_default ? [state.defaultOrganization.id] : []);
  for (const value of claim.kind === 'values' ? claim.values : []) {
    if (!Object.hasOwn(settings.mapping, value)) continue;
    for (const id of settings.mapping[value] ?? []) if (state.organizations.has(id)) expected.add(id);
  }
  return expected;
}

export function syncOrganizations(deployment: Deployment, user: UserRow, expected: Set<string> | null): void {
  if (!expected) return;
  const present = [...(deployment.state.organizationsOf.get(user.id) ?? [])];
  for (const id of expected) if (!present.includes(id)) deployment.join(id, user.id);
  for (const id of present) if (!expected.has(id)) deployment.leave(id, user.id);
}

/** Removal takes in groups that were filled by hand, and comes before adding. */
export function syncGroups(deployment: Deployment, user: UserRow, claims: JsonObject): void {
  const { state } = deployment;
  if (!state.switches.features['template_rbac']) return;
  for (const organizationId of state.organizationsOf.get(user.id) ?? []) {
    const settings = groupSettings(state, organizationId);
    if (!settings.field) continue;
    const claim = claimValues(claims, settings.field);
    if (claim.kind === 'unreadable') continue;
    const values = claim.kind === 'values' ? claim.values : [];
    const expected = expectedGroups(deployment, organizationId, settings, values);
    for (const id of state.groupIdsOf(user.id)) {
      const inOrganization = state.groups.get(id)?.organization_id === organizationId;
      if (inOrganization && !expected.has(id)) state.apply(['-groupMember', id, user.id]);
    }
    for (const id of expected) {
      const group = state.groups.get(id);
      if (group && !state.isInGroup(group, user.id)) state.apply(['groupMember', id, user.id]);
    }
  }
}

/** A value that the mapping has means the mapped ids, an empty list none; any other means the group of that name. */
function expectedGroups(
  deployment: Deployment,
  organizationId: string,
  settings: GroupSyncSettings,
  values: readonly string[],
): Set<string> {
  const { state } = deployment;
  const passes = settings.regex_filter === null ? () => true : re2(settings.regex_filter);
  const expected = new Set<string>();
  for (const value of values) {
    const names = settings.legacy_group_name_mapping ?? {};
    const name = Object.hasOwn(names, value) ? (names[value] ?? value) : value;
    if (!passes(name)) continue;
    if (Object.hasOwn(settings.mapping, name)) {
      for (const id of settings.mapping[name] ?? []) if (state.groups.has(id)) expected.add(id);
      continue;
    }
    const group =
      state.groupByName(organizationId, name) ??
      (settings.auto_create_missing_groups ? insertGroup(deployment, organizationId, name) : undefined);
    // Everyone has no rows: all are in it, and it is never left.
    if (group && group.id !== organizationId) expected.add(group.id);
  }
  return expected;
}

/** Past all rules for names: spaces and long ones get in. */
function insertGroup(deployment: Deployment, organizationId: string, name: string): GroupRow {
  const texts = { display_name: '', avatar_url: '', quota_allowance: 0, source: 'oidc' } as const;
  const group = { id: deployment.newId(), organization_id: organizationId, name, ...texts };
  deployment.state.apply(['group', group]);
  return group;
}

/** Names that are no roles of the organization are dropped silently. */
export function syncRoles(deployment: Deployment, user: UserRow, claims: JsonObject): void {
  const { state } = deployment;
  if (!state.switches.features['user_role_management']) return;
  for (const organizationId of state.organizationsOf.get(user.id) ?? []) {
    const settings = roleSettings(state, organizationId);
    if (!settings.field) continue;
    const claim = claimValues(claims, settings.field);
    if (claim.kind === 'unreadable') continue;
    const values = claim.kind === 'values' ? claim.values : [];
    const named = values.flatMap((value) => {
      return Object.hasOwn(settings.mapping, value) ? (settings.mapping[value] ?? []) : [value];
    });
    const roles = [...new Set(named)].filter((name) => isRoleOf(state, organizationId, name)).toSorted();
    const member = state.members.get(organizationId)?.get(user.id);
    if (!member || roles.join(' ') === member.roles.toSorted().join(' ')) continue;
    state.apply(['member', { ...member, roles, updated_at: deployment.now() }]);
  }
}

/** Site roles by the deployment's flags; null: they are not synced. @throws LoginFailure */
export function expectedSiteRoles({ state }: Deployment, claims: JsonObject): readonly string[] | null {
  const { oidc, features } = state.switches;
  if (!features['user_role_management'] || !oidc.userRoleField) return null;
  const claim = claimValues(claims, oidc.userRoleField);
  if (claim.kind === 'unreadable') {
    throw new LoginFailure(500, `Login disabled until site role claims can be read: ${claim.why}.`);
  }
  const named = (claim.kind === 'values' ? claim.values : []).flatMap((value) => {
    return Object.hasOwn(oidc.userRoleMapping, value) ? (oidc.userRoleMapping[value] ?? []) : [value];
  });
  return [...new Set([...oidc.userRoleDefault, ...named])].filter(isSiteRole).toSorted();
}
