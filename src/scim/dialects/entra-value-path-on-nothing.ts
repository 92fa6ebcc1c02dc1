import type { Dialect } from '../protocol/index.js';

/**
 * Entra ID sets a person's first work email by a filter that selects none. RFC 7644 section 3.5.2.3 has noTarget there,
 * on which Entra cannot go on; so the value is made from the filter's `eq` and `and` terms:
 *
 *     illegal  {"op":"replace","path":"emails[type eq \"work\"].value","value":"ada@corp.example"}
 *     legal    {"op":"add","path":"emails","value":[{"type":"work","value":"ada@corp.example"}]}
 */
export const entraValuePathOnNothing: Dialect = {
  name: 'entra-value-path-on-nothing',
  from: ['Entra ID', "Microsoft's SCIM Validator"],
  illegal: '{"op":"replace","path":"emails[type eq \\"work\\"].value","value":"ada@corp.example"}',
  legal: '{"op":"add","path":"emails","value":[{"type":"work","value":"ada@corp.example"}]}',
  always: true,
  permits: 'pathCreatesValue',
};
