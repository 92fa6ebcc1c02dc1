import type { Dialect } from '../protocol/index.js';

/**
 * Entra ID, in its default dialect, begins the names of operations with a capital letter, which RFC 7644 section 3.5.2
 * does not have:
 *
 *     illegal  {"op":"Replace","path":"title","value":"Countess"}
 *     legal    {"op":"replace","path":"title","value":"Countess"}
 */
export const entraCapitalisedOperations: Dialect = {
  name: 'entra-capitalised-operations',
  from: ['Entra ID'],
  illegal: '{"op":"Replace","path":"title","value":"Countess"}',
  legal: '{"op":"replace","path":"title","value":"Countess"}',
  always: true,
  permits: 'capitalisedOperations',
};
