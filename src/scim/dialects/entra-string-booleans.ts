import type { Dialect } from '../protocol/index.js';

/**
 * Entra ID, in its default dialect, writes booleans as strings:
 *
 *     illegal  {"op":"Replace","path":"active","value":"False"}
 *     legal    {"op":"replace","path":"active","value":false}
 *
 * Only attributes of type boolean are read so: a title may be "True". Filters, and those in paths, compare a boolean with
 * such a word anyway: `[primary eq "True"]`, for there it can mean nothing else.
 */
export const entraStringBooleans: Dialect = {
  name: 'entra-string-booleans',
  from: ['Entra ID'],
  illegal: '{"op":"replace","path":"active","value":"False"}',
  legal: '{"op":"replace","path":"active","value":false}',
  always: true,
  value(attribute, value) {
    if (attribute.type !== 'boolean' || typeof value !== 'string') return value;
    const word = value.toLowerCase();
    return word === 'true' || word === 'false' ? word === 'true' : value;
  },
};
