import { isJsonObject, isUuid, type JsonObject } from '../../common/index.js';
import { type Answer, NO_CONTENT } from '../server/answers.js';
import type { OpenCall } from '../server/route.js';
import type { UserRow } from '../state/rows.js';
import { scimError, scimJson } from './access.js';
import { activeAfter, isPatchOp, truth } from './patch-op.js';
import { createUser, matching, newUsername, setActive } from './users.js';

/** Coder's SCIM 2.0 server of 2026. */

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const LARGEST_PAGE = 100;
/** One comparison of two attributes with a string; which operator it is, is not looked at. */
const FILTER =
  /^\s*(username|email|emails|emails\.value)\s+(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s+"((?:[^"\\]|\\.)*)"\s*$/i;

export function list(call: OpenCall): Answer {
  const { query, state } = call;
  const filter = query.get('filter') ?? '';
  const parts = filter ? FILTER.exec(filter) : null;
  if (filter && !parts)
    return scimError(call, 400, 'invalidFilter', 'only userName and email can be compared');
  const wanted = (parts?.[2] ?? '').replace(/\\(.)/g, '$1').toLowerCase();
  const byName = parts?.[1]?.toLowerCase() === 'username';
  const found = state.sorted.entries.filter(
    (entry) => !parts || (byName ? entry.username : entry.email) === wanted,
  );
  const count = Math.min(whole(query.get('count'), LARGEST_PAGE), LARGEST_PAGE);
  const start = Math.max(1, whole(query.get('startIndex'), 1));
  // A count of zero ends up as no limit at all.
  const shown = found.slice(start - 1, count === 0 ? undefined : start - 1 + count);
  return scimJson(200, {
    schemas: [LIST],
    totalResults: found.length,
    startIndex: start,
    itemsPerPage: count,
    Resources: shown.map(({ user }) => resource(call, user)),
  });
}

function whole(value: string | null, absent: number): number {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : absent;
}

export function get(call: OpenCall): Answer {
  const user = find(call);
  return user ? scimJson(200, resource(call, user)) : unknown(call);
}

/** Deleted ones are found too. */
function find(call: OpenCall): UserRow | undefined {
  const id = call.param('id');
  return isUuid(id) ? call.state.users.get(id.toLowerCase()) : undefined;
}

function unknown(call: OpenCall): Answer {
  return scimError(call, 404, '', `Resource ${call.param('id')} not found.`);
}

export function post(call: OpenCall): Answer {
  const body = read(call);
  if (!body) return scimError(call, 400, 'invalidSyntax', 'The request body is no JSON object.');
  const email = emailOf(body);
  if (!email) return scimError(call, 400, 'invalidValue', 'An email is required.');
  const active = attribute(body, 'active') === undefined ? true : truth(attribute(body, 'active'));
  if (active === null) return scimError(call, 400, 'invalidValue', 'active must be a boolean.');
  const userName = attribute(body, 'userName');
  const username = newUsername(typeof userName === 'string' ? userName : '', email);
  const known = matching(call, email, username);
  if (known && known.status !== 'suspended') {
    return scimError(call, 409, 'uniqueness', 'A user with this userName or email exists.');
  }
  const user = known ? (active ? setActive(call, known, true) : known) : createUser(call, email, username);
  return scimJson(201, resource(call, user), { Location: location(call, user) });
}

export function patch(call: OpenCall): Answer {
  const user = find(call);
  if (!user) return unknown(call);
  const body = read(call);
  if (!body || !isPatchOp(body)) return scimError(call, 400, 'invalidSyntax', 'The body is no PatchOp.');
  const active = activeAfter(body);
  if (active === null) return scimError(call, 400, 'invalidValue', 'active must be a boolean.');
  return scimJson(200, resource(call, active === undefined ? user : setActive(call, user, active)));
}

export function put(call: OpenCall): Answer {
  const user = find(call);
  if (!user) return unknown(call);
  const body = read(call);
  if (!body) return scimError(call, 400, 'invalidSyntax', 'The request body is no JSON object.');
  const active = truth(attribute(body, 'active'));
  if (active === null) return scimError(call, 400, 'invalidValue', 'active is required.');
  const userName = attribute(body, 'userName');
  if (typeof userName === 'string' && userName && userName !== user.username) {
    return scimError(call, 400, 'mutability', 'userName cannot be changed.');
  }
  return scimJson(200, resource(call, setActive(call, user, active)));
}

/** Suspends. */
export function remove(call: OpenCall): Answer {
  const user = find(call);
  if (!user) return unknown(call);
  setActive(call, user, false);
  return NO_CONTENT;
}

function read(call: OpenCall): JsonObject | null {
  try {
    const value: unknown = JSON.parse(call.text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Names of attributes are case-insensitive, RFC 7643 section 2.1. */
function attribute(body: JsonObject, name: string): JsonObject[string] | undefined {
  const key = Object.keys(body).find((one) => one.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : (body[key] ?? undefined);
}

/** The primary email, else the last one that has a value. */
function emailOf(body: JsonObject): string {
  const list: unknown = attribute(body, 'emails');
  let last = '';
  for (const item of Array.isArray(list) ? (list as unknown[]) : []) {
    if (!isJsonObject(item)) continue;
    const value = attribute(item, 'value');
    if (typeof value !== 'string' || !value) continue;
    if (truth(attribute(item, 'primary')) === true) return value;
    last = value;
  }
  return last;
}

function location(call: OpenCall, user: UserRow): string {
  return `http://${call.header('host')}/scim/v2/Users/${user.id}`;
}

function resource(call: OpenCall, user: UserRow): Record<string, unknown> {
  return {
    schemas: [USER],
    id: user.id,
    userName: user.username,
    ...(user.name && { name: { formatted: user.name } }),
    emails: [{ primary: true, value: user.email }],
    active: user.status !== 'suspended',
    meta: {
      resourceType: 'User',
      created: user.created_at,
      lastModified: user.updated_at,
      location: location(call, user),
    },
  };
}
