import type { Dialect } from '../protocol/index.js';

/**
 * OneLogin's templates, and PATCHes of several clients, state a multi-valued attribute by a single value:
 *
 *     illegal  {"emails":{"value":"ada@corp.example"}}
 *     legal    {"emails":[{"value":"ada@corp.example"}]}
 */
export const singleValue: Dialect = {
  name: 'single-value',
  from: ['OneLogin'],
  illegal: '{"userName":"ada","emails":{"value":"ada@corp.example"}}',
  legal: '{"userName":"ada","emails":[{"value":"ada@corp.example"}]}',
  always: true,
  value(attribute, value) {
    if (!attribute.multiValued || value === null || value === '' || Array.isArray(value)) return value;
    return [value];
  },
};
