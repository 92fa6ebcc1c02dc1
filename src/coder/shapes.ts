import { isJsonObject, type JsonObject } from '../common/index.js';
import { list, object, WrongShape } from './decode.js';
import type {
  CoderBuildInfo,
  CoderEntitlements,
  CoderGroup,
  CoderMember,
  CoderOrganization,
  CoderReducedUser,
  CoderUser,
  CoderUsersPage,
} from './types.js';

/*
 * Readers of Coder's shapes. They take the fields that the bridge knows and drop the rest. What a decision hangs on
 * must be there; what some versions lack may be missing. Go writes an empty slice that was never filled as null.
 */

/** A full user. Roles must be there: whether somebody is an owner may not be guessed. */
export function readUser(value: unknown): CoderUser {
  const row = object(value, 'a user');
  return {
    ...readReducedUser(row),
    organization_ids: strings(row['organization_ids'] ?? [], 'a user with organization_ids'),
    roles: list(row['roles'] === null ? [] : row['roles'], 'a user with roles').map(readRole),
  };
}

/** A user without organizations and roles, as groups embed them. */
export function readReducedUser(value: unknown): CoderReducedUser {
  const row = object(value, 'a user');
  const status = row['status'];
  if (status !== 'active' && status !== 'dormant' && status !== 'suspended') {
    throw new WrongShape('a user with a known status');
  }
  return {
    id: text(row, 'id', 'a user'),
    username: text(row, 'username', 'a user'),
    // Service accounts (since 2026) have none.
    email: optionalText(row, 'email') ?? '',
    status,
    created_at: optionalText(row, 'created_at') ?? '',
    ...definedText(row, 'name'),
    ...definedText(row, 'updated_at'),
    ...definedText(row, 'last_seen_at'),
    ...loginType(row),
  };
}

/** A page of users; one without `users` or `count` is an error, not an empty deployment. */
export function readUsersPage(value: unknown): CoderUsersPage {
  const row = object(value, 'a page of users');
  return {
    users: list(row['users'], 'a page of users').map(readUser),
    count: number(row, 'count', 'a page of users'),
  };
}

/** A group with its members. */
export function readGroup(value: unknown): CoderGroup {
  const row = object(value, 'a group');
  const total = row['total_member_count'];
  // null stands for none only where the count says so as well
  const members = row['members'] === null && total === 0 ? [] : row['members'];
  return {
    id: text(row, 'id', 'a group'),
    name: text(row, 'name', 'a group'),
    organization_id: text(row, 'organization_id', 'a group'),
    quota_allowance: typeof row['quota_allowance'] === 'number' ? row['quota_allowance'] : 0,
    source: row['source'] === 'oidc' ? 'oidc' : 'user',
    members: list(members, 'a group with its members').map(readReducedUser),
    ...definedText(row, 'display_name'),
    ...definedText(row, 'avatar_url'),
    ...(typeof total === 'number' && { total_member_count: total }),
  };
}

/** All groups of an organization. Everyone is always among them, so that null cannot mean none. */
export function readGroups(value: unknown): CoderGroup[] {
  return list(value, 'a list of groups').map(readGroup);
}

export function readOrganization(value: unknown): CoderOrganization {
  const row = object(value, 'an organization');
  return {
    id: text(row, 'id', 'an organization'),
    name: text(row, 'name', 'an organization'),
    is_default: row['is_default'] === true,
    ...definedText(row, 'display_name'),
  };
}

/** A page of members, as `paginated-members` answers it. */
export function readMembersPage(value: unknown): { members: CoderMember[]; count: number } {
  const row = object(value, 'a page of members');
  return { members: readMembers(row['members']), count: number(row, 'count', 'a page of members') };
}

/** A plain list of members, as older versions answer it. */
export function readMembers(value: unknown): CoderMember[] {
  return list(value, 'a list of members').map(readMember);
}

export function readBuildInfo(value: unknown): CoderBuildInfo {
  const row = object(value, "Coder's build info");
  return {
    version: text(row, 'version', "Coder's build info"),
    ...definedText(row, 'external_url'),
    ...definedText(row, 'deployment_id'),
  };
}

/** Features by name; those without `entitlement` and `enabled` are left out. */
export function readEntitlements(value: unknown): CoderEntitlements {
  const row = object(value, 'entitlements');
  const rows = Object.entries(object(row['features'], 'entitlements with features'));
  // fromEntries defines own properties, whatever they are called
  const features = Object.fromEntries(rows.flatMap(([name, feature]) => readFeature(name, feature)));
  return {
    features,
    has_license: row['has_license'] === true,
    ...(typeof row['trial'] === 'boolean' && { trial: row['trial'] }),
    ...definedTexts(row, 'warnings'),
    ...definedTexts(row, 'errors'),
    ...definedText(row, 'refreshed_at'),
  };
}

function readFeature(name: string, feature: unknown): [string, CoderEntitlements['features'][string]][] {
  if (!isJsonObject(feature) || typeof feature['enabled'] !== 'boolean') return [];
  const { entitlement, enabled, limit, actual } = feature;
  const read = {
    entitlement: typeof entitlement === 'string' ? entitlement : '',
    enabled,
    ...(typeof limit === 'number' && { limit }),
    ...(typeof actual === 'number' && { actual }),
  };
  return [[name, read]];
}

export function readMember(value: unknown): CoderMember {
  const row = object(value, 'a member');
  const { roles } = row;
  return {
    user_id: text(row, 'user_id', 'a member'),
    organization_id: text(row, 'organization_id', 'a member'),
    ...definedText(row, 'username'),
    ...definedText(row, 'email'),
    ...(Array.isArray(roles) && { roles: roles.map((role) => ({ name: readRole(role).name })) }),
  };
}

function readRole(value: unknown): CoderUser['roles'][number] {
  const row = object(value, 'a role');
  return {
    name: text(row, 'name', 'a role'),
    ...definedText(row, 'display_name'),
    ...definedText(row, 'organization_id'),
  };
}

const LOGIN_TYPES = ['password', 'github', 'oidc', 'token', 'none', ''] as const;

function loginType(row: JsonObject): Pick<CoderReducedUser, 'login_type'> {
  const known = LOGIN_TYPES.find((type) => type === row['login_type']);
  return known === undefined ? {} : { login_type: known };
}

function strings(value: unknown, expected: string): string[] {
  return list(value, expected).map((item) => {
    if (typeof item !== 'string') throw new WrongShape(expected);
    return item;
  });
}

function text(row: JsonObject, name: string, of: string): string {
  const value = row[name];
  if (typeof value !== 'string' || value === '') throw new WrongShape(`${of} with ${name}`);
  return value;
}

function number(row: JsonObject, name: string, of: string): number {
  const value = row[name];
  if (typeof value !== 'number') throw new WrongShape(`${of} with ${name}`);
  return value;
}

function optionalText(row: JsonObject, name: string): string | undefined {
  const value = row[name];
  return typeof value === 'string' ? value : undefined;
}

function definedText<Name extends string>(row: JsonObject, name: Name): Partial<Record<Name, string>> {
  const value = optionalText(row, name);
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, string>>;
}

/** A list of texts, where there is one; anything else in it is dropped. */
function definedTexts<Name extends string>(row: JsonObject, name: Name): Partial<Record<Name, string[]>> {
  const value = row[name];
  if (!Array.isArray(value)) return {};
  const texts = value.filter((item): item is string => typeof item === 'string');
  return { [name]: texts } as Partial<Record<Name, string[]>>;
}
