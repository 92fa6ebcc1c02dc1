import type { Dialect } from '../protocol/index.js';

/**
 * Plugins of Keycloak rename a group by a PUT without its members. A PUT replaces (RFC 7644 section 3.5.1), so that by the
 * letter they would all be gone; `members:[]` still clears:
 *
 *     illegal  PUT /Groups/{id} {"displayName":"Platform"}
 *     legal    PUT /Groups/{id} {"displayName":"Platform","members":[{"value":"u-1"}]}
 */
export const keycloakMembersLeftOut: Dialect = {
  name: 'keycloak-members-left-out',
  from: ['Keycloak'],
  illegal: 'PUT /Groups/{id} {"displayName":"Platform"}',
  legal: 'PUT /Groups/{id} {"displayName":"Platform","members":[{"value":"u-1"}]}',
  always: true,
  permits: 'membersLeftOut',
};
