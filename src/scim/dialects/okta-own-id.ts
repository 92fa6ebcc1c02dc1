import type { Dialect } from '../protocol/index.js';

/**
 * Okta states a group's own id in the rename that it sends before each change of members. `id` is readOnly (RFC 7643
 * section 3.1); one that differs is still refused:
 *
 *     illegal  {"op":"replace","value":{"id":"g-7","displayName":"Platform Team"}}
 *     legal    {"op":"replace","value":{"displayName":"Platform Team"}}
 */
export const oktaOwnId: Dialect = {
  name: 'okta-own-id',
  from: ['Okta'],
  illegal: '{"op":"replace","value":{"id":"u-1","displayName":"Ada"}}',
  legal: '{"op":"replace","value":{"displayName":"Ada"}}',
  always: true,
  permits: 'sameId',
};
