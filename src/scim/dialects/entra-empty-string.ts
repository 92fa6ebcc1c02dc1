import type { Dialect } from '../protocol/index.js';

/**
 * Entra ID and several others clear an attribute by the empty string, which RFC 7643 section 2.5 does not count as
 * unassigned:
 *
 *     illegal  {"op":"replace","path":"title","value":""}
 *     legal    {"op":"replace","path":"title","value":null}
 */
export const entraEmptyString: Dialect = {
  name: 'entra-empty-string',
  from: ['Entra ID', "Microsoft's SCIM Validator", 'OneLogin'],
  illegal: '{"op":"replace","path":"title","value":""}',
  legal: '{"op":"replace","path":"title","value":null}',
  always: true,
  value: (_attribute, value) => (value === '' ? null : value),
};
