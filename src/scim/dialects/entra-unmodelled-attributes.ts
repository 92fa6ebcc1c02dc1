import type { Dialect } from '../protocol/index.js';

/**
 * Entra ID sends whatever the admin's mapping names, and a refusal of one operation loses the `active:false` beside it. An
 * operation on an attribute that the schemas do not know is passed over, where RFC 7644 section 3.5.2 has invalidPath:
 *
 *     illegal  {"op":"replace","path":"favouriteColour","value":"red"}
 *     legal    no operation
 */
export const entraUnmodelledAttributes: Dialect = {
  name: 'entra-unmodelled-attributes',
  from: ['Entra ID', 'JumpCloud'],
  illegal: '{"op":"replace","path":"favouriteColour","value":"red"}',
  legal: '[]',
  always: true,
  permits: 'unknownPath',
};
