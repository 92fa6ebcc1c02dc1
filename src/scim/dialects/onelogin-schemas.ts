import type { Dialect } from '../protocol/index.js';

/**
 * OneLogin's templates name the schemas of SCIM 1, other clients name none, and Entra ID leaves out those of the
 * extensions that it sends. RFC 7643 section 3 wants the URN of every schema that is used:
 *
 *     illegal  {"schemas":["urn:scim:schemas:core:1.0"],"userName":"ada"}
 *     legal    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}
 */
export const oneloginSchemas: Dialect = {
  name: 'onelogin-schemas',
  from: ['OneLogin', 'Entra ID', 'hand-written templates'],
  illegal: '{"schemas":["urn:scim:schemas:core:1.0"],"userName":"ada"}',
  legal: '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}',
  always: true,
  permits: 'anySchemas',
};
