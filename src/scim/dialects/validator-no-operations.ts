import type { Dialect } from '../protocol/index.js';

/**
 * Microsoft's SCIM Validator sends a PATCH without operations when no attribute of a test is left to be changed, and wants
 * it to succeed. RFC 7644 section 3.5.2 wants one operation at least:
 *
 *     illegal  {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[]}
 *     legal    no request
 */
export const validatorNoOperations: Dialect = {
  name: 'validator-no-operations',
  from: ["Microsoft's SCIM Validator"],
  illegal: '[]',
  legal: '[]',
  always: true,
  permits: 'noOperations',
};
