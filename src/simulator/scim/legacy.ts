import { isJsonObject, isUuid } from '../../common/index.js';
import { type Answer, json, routeNotFound } from '../server/answers.js';
import type { OpenCall } from '../server/route.js';
import type { UserRow } from '../state/rows.js';
import { isOld, scimError, scimJson } from './access.js';
import { createUser, matching, newUsername, setActive } from './users.js';

/** Coder's first SCIM server: just enough for Okta. It finds nobody, so that Okta creates everybody. */

/** The fields that it knows; others are dropped. */
interface LegacyUser {
  schemas: string[] | null;
  id: string;
  userName: string;
  name: { givenName: string; familyName: string };
  emails: { primary: boolean; value: string; type: string; display: string }[] | null;
  /** Absent in releases that take absence for false. */
  active: boolean | null;
  groups: unknown[] | null;
  meta: { resourceType: string };
}

export function serviceProviderConfig(): Answer {
  const no = { supported: false };
  const authenticationSchemes = [
    {
      type: 'oauthbearertoken',
      name: 'HTTP Header Authentication',
      description: 'Authentication scheme using the Authorization header with the shared token',
      documentationUri: 'https://coder.com/docs/admin/users/oidc-auth#scim',
    },
  ];
  return scimJson(200, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    documentationUri: 'https://coder.com/docs/admin/users/oidc-auth#scim',
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: false, maxResults: 0 },
    changePassword: no,
    sort: no,
    etag: no,
    authenticationSchemes,
    meta: { resourceType: 'ServiceProviderConfig' },
  });
}

export function list(): Answer {
  return scimJson(200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
  });
}

/** 404 in all releases, those too that show other errors as 500. */
export function get(): Answer {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  return scimJson(404, { schemas, status: 404, scimType: 'notFound', detail: 'resource is not found' });
}

export function post(call: OpenCall): Answer {
  const body = read(call);
  if (!body) return scimError(call, 400, 'invalidSyntax', 'the body is no JSON of a user');
  const email = body.emails?.find((one) => one.primary)?.value ?? '';
  if (!email) return scimError(call, 400, 'invalidEmail', 'no primary email provided');
  if (body.active === null) return scimError(call, 400, 'invalidRequest', 'active field is required');
  const known = matching(call, email, body.userName);
  if (known) {
    // Of an existing user nothing is changed but that it may come back.
    if (body.active && known.status === 'suspended') setActive(call, known, true);
    return json(200, { ...body, id: known.id, userName: known.username });
  }
  const username = newUsername(body.userName, email);
  if (call.state.userByUsername(username)) {
    return scimError(call, 500, 'internal', 'duplicate key value violates unique constraint');
  }
  const user = createUser(call, email, username);
  return json(200, { ...body, id: user.id, userName: user.username });
}

/** No PatchOp: a whole user, of which only `active` counts. */
export function patch(call: OpenCall): Answer {
  const found = target(call);
  if ('status' in found) return found;
  const { user, body } = found;
  setActive(call, user, body.active === true);
  return scimJson(200, { ...body, id: user.id });
}

export function put(call: OpenCall): Answer {
  if (isOld(call)) throw routeNotFound();
  const found = target(call);
  if ('status' in found) return found;
  const { user, body } = found;
  if (body.userName && body.userName !== user.username) {
    return scimError(call, 400, 'mutability', 'userName is currently an immutable field in Coder');
  }
  setActive(call, user, body.active === true);
  return scimJson(200, { ...body, id: user.id });
}

/** The user of the path, or what is answered instead: a missing row counts as an internal error. */
function target(call: OpenCall): { user: UserRow; body: LegacyUser } | Answer {
  const id = call.param('id');
  const valid: boolean = isUuid(id);
  const body = read(call);
  if (!body) return scimError(call, 400, 'invalidSyntax', 'the body is no JSON of a user');
  if (!valid) return scimError(call, 400, 'invalidId', 'id must be a uuid');
  const user = call.state.users.get(id.toLowerCase());
  if (!user) return scimError(call, 500, 'internal', 'sql: no rows in result set');
  if (body.active === null) return scimError(call, 400, 'invalidRequest', 'active field is required');
  return { user, body };
}

function read(call: OpenCall): LegacyUser | null {
  let value: unknown;
  try {
    value = JSON.parse(call.text);
  } catch {
    return null;
  }
  if (!isJsonObject(value)) return null;
  const { active } = value;
  if (active !== undefined && active !== null && typeof active !== 'boolean') return null;
  const name = isJsonObject(value['name']) ? value['name'] : {};
  const meta = isJsonObject(value['meta']) ? value['meta'] : {};
  const emails: unknown = value['emails'];
  const groups: unknown = value['groups'];
  const schemas: unknown = value['schemas'];
  return {
    schemas: Array.isArray(schemas) ? schemas.map(text) : null,
    id: text(value['id']),
    userName: text(value['userName']),
    name: { givenName: text(name['givenName']), familyName: text(name['familyName']) },
    emails: Array.isArray(emails) ? emails.filter(isJsonObject).map(readEmail) : null,
    active: active ?? (isOld(call) ? false : null),
    groups: Array.isArray(groups) ? groups : null,
    meta: { resourceType: text(meta['resourceType']) },
  };
}

function readEmail(value: Readonly<Record<string, unknown>>): {
  primary: boolean;
  value: string;
  type: string;
  display: string;
} {
  return {
    primary: value['primary'] === true,
    value: text(value['value']),
    type: text(value['type']),
    display: text(value['display']),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
