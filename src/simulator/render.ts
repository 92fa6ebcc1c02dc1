import { roleTitle } from './rules/custom-roles.js';
import { displayName } from './rules/roles.js';
import type { GroupRow, MemberRow, UserRow } from './state/rows.js';
import type { State } from './state/state.js';

/**
 * Coder's shapes as JSON text. Rows never change in place, so what was rendered of one is kept: lists of groups embed
 * all of their members, and a list of 500 groups would otherwise render the same people again and again.
 */
const reduced = new WeakMap<UserRow, string>();
/** The fields of a reduced user without the braces. */
const fields = new WeakMap<UserRow, string>();
/** The same as in 2023: without the real name and the time of the last change. */
const oldFields = new WeakMap<UserRow, string>();

/** A user without organizations and roles. `name` and `avatar_url` are left out when empty. */
export function reducedUser(user: UserRow): string {
  let text = reduced.get(user);
  if (text === undefined) reduced.set(user, (text = `{${userFields(user)}}`));
  return text;
}

export function fullUser(state: State, user: UserRow): string {
  const organizations = JSON.stringify([...(state.organizationsOf.get(user.id) ?? [])]);
  const roles = user.roles.length === 0 ? '[]' : JSON.stringify(user.roles.map(siteRole));
  const shown = isOld(state) ? oldUserFields(user) : userFields(user);
  return `{${shown},"organization_ids":${organizations},"roles":${roles}}`;
}

function userFields(user: UserRow): string {
  let text = fields.get(user);
  if (text !== undefined) return text;
  const { id, username, avatar_url, name, email, created_at, updated_at, last_seen_at, status, login_type } =
    user;
  const pictured = { id, username, ...(avatar_url && { avatar_url }), ...(name && { name }), email };
  text = JSON.stringify({ ...pictured, created_at, updated_at, last_seen_at, status, login_type }).slice(
    1,
    -1,
  );
  fields.set(user, text);
  return text;
}

function oldUserFields(user: UserRow): string {
  let text = oldFields.get(user);
  if (text !== undefined) return text;
  const { id, username, avatar_url, email, created_at, last_seen_at, status, login_type } = user;
  const rest = { email, created_at, last_seen_at, status, login_type };
  text = JSON.stringify({ id, username, ...(avatar_url && { avatar_url }), ...rest }).slice(1, -1);
  oldFields.set(user, text);
  return text;
}

function isOld(state: State): boolean {
  return state.switches.profile === 's-old';
}

function siteRole(name: string): { name: string; display_name: string } {
  return { name, display_name: displayName(name) };
}

export interface MemberShape {
  user_id: string;
  organization_id: string;
  created_at: string;
  updated_at: string;
  roles: { name: string; display_name: string; organization_id: string }[];
}

export function member(state: State, row: MemberRow): MemberShape {
  const { organization_id } = row;
  const roles = row.roles.map((name) => ({ name, display_name: roleTitle(state, name), organization_id }));
  return { ...row, roles };
}

/** A member as lists show one, with the user's data. */
export function memberWithUser(state: State, row: MemberRow, user: UserRow): Record<string, unknown> {
  const { username, name, avatar_url, email } = user;
  return { ...member(state, row), username, name, avatar_url, email, global_roles: user.roles.map(siteRole) };
}

/**
 * A group with the members that the caller may see; `total_member_count` counts all of them.
 * @param sees whether the caller sees a member
 */
export function group(state: State, row: GroupRow, sees: (user: UserRow) => boolean): string {
  const owner = state.organizations.get(row.organization_id);
  const users = state.usersIn(row);
  const shown = JSON.stringify({
    id: row.id,
    name: row.name,
    display_name: row.display_name,
    organization_id: row.organization_id,
    avatar_url: row.avatar_url,
    quota_allowance: row.quota_allowance,
    source: row.source,
    // Not in 2023, when members were whole users.
    ...(!isOld(state) && {
      organization_name: owner?.name ?? '',
      organization_display_name: owner?.display_name ?? '',
      total_member_count: users.length,
    }),
  });
  const member = isOld(state) ? (user: UserRow): string => fullUser(state, user) : reducedUser;
  return `${shown.slice(0, -1)},"members":[${users.filter(sees).map(member).join(',')}]}`;
}
