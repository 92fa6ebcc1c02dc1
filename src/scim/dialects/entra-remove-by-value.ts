import type { Dialect } from '../protocol/index.js';

/**
 * Entra ID, in its default dialect, and JumpCloud name the members to be removed in a value, which `remove` does not have
 * in RFC 7644 section 3.5.2.2. By the letter of the RFC everybody would go:
 *
 *     illegal  {"op":"remove","path":"members","value":[{"value":"u-1"}]}
 *     legal    {"op":"remove","path":"members[value eq \"u-1\"]"}
 */
export const entraRemoveByValue: Dialect = {
  name: 'entra-remove-by-value',
  from: ['Entra ID', 'JumpCloud'],
  illegal: '{"op":"remove","path":"roles","value":[{"value":"Admin"}]}',
  legal: '{"op":"remove","path":"roles[value eq \\"Admin\\"]"}',
  always: true,
  permits: 'removeByValue',
};
