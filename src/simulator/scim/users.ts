import { isUsername, usernameFrom } from '../rules/names.js';
import type { OpenCall } from '../server/route.js';
import type { UserRow } from '../state/rows.js';
import { organizationSettings } from '../state/sync-settings.js';
import { BY_SCIM, isOld } from './access.js';

/** What both of Coder's SCIM servers do to users. */

/** Whoever has that email or that username, deleted ones apart; one of them when these are two. */
export function matching(call: OpenCall, email: string, username: string): UserRow | undefined {
  return call.state.userByEmail(email) ?? call.state.userByUsername(username);
}

/** The username for a new user: what was asked for if it can be one, else what can be made of it or of the email. */
export function newUsername(userName: string, email: string): string {
  return isUsername(userName) ? userName : usernameFrom(userName || email, Math.random);
}

/** Dormant, whatever was asked for, of login type OIDC, without notifications; in the default organization if that is on. */
export function createUser(call: OpenCall, email: string, username: string): UserRow {
  const { state, deployment } = call;
  const assigned = isOld(call) || organizationSettings(state).organization_assign_default;
  const organizations = assigned ? [state.defaultOrganization.id] : [];
  const user = { email, username, login_type: 'oidc', status: 'dormant' } as const;
  const quietly = { notify: false, additional_fields: BY_SCIM };
  return deployment.createUser({ ...user, organization_ids: organizations }, null, quietly);
}

/**
 * Active true wakes a suspended user to dormant, false suspends (owners too). Nobody is notified, and nothing is
 * written when nothing changes.
 */
export function setActive(call: OpenCall, user: UserRow, active: boolean): UserRow {
  const status = active ? (user.status === 'active' ? 'active' : 'dormant') : 'suspended';
  if (status === user.status) return user;
  return call.deployment.updateUser(user, { status }, null, BY_SCIM);
}
