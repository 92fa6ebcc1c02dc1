import { type Answer, routeNotFound } from '../server/answers.js';
import type { OpenCall } from '../server/route.js';
import { isNew, scimJson } from './access.js';
import { USER } from './scim2.js';

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/** RFC 7644 section 4, of the SCIM 2.0 server. */
export function serviceProviderConfig(): Answer {
  const no = { supported: false };
  return scimJson(200, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 100 },
    changePassword: no,
    sort: no,
    etag: no,
    authenticationSchemes: [
      { type: 'oauthbearertoken', name: 'Bearer token', description: 'The shared secret', primary: true },
    ],
  });
}

export function resourceTypes(call: OpenCall): Answer {
  if (!isNew(call)) throw routeNotFound();
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'];
  const user = { schemas, id: 'User', name: 'User', endpoint: '/Users', schema: USER };
  return scimJson(200, listOf([user]));
}

export function schemas(call: OpenCall): Answer {
  if (!isNew(call)) throw routeNotFound();
  const attribute = (name: string, type: string, mutability: string): Record<string, unknown> => ({
    name,
    type,
    multiValued: name === 'emails',
    required: name === 'userName',
    caseExact: false,
    mutability,
    returned: 'default',
    uniqueness: name === 'userName' ? 'server' : 'none',
  });
  const attributes = [
    attribute('userName', 'string', 'immutable'),
    attribute('name', 'complex', 'readOnly'),
    attribute('emails', 'complex', 'immutable'),
    attribute('active', 'boolean', 'readWrite'),
  ];
  return scimJson(200, listOf([{ id: USER, name: 'User', description: 'User account', attributes }]));
}

function listOf(rows: readonly unknown[]): Record<string, unknown> {
  const { length } = rows;
  return { schemas: [LIST], totalResults: length, startIndex: 1, itemsPerPage: length, Resources: rows };
}
