import type { Dialect } from '../protocol/index.js';

/**
 * Some Okta organizations assign a user again by creating it again. RFC 7644 section 3.3 answers 409, on which Okta's task
 * fails for good:
 *
 *     illegal  POST /Users {"userName":"ada@corp.example","externalId":"00u1","active":true} of an inactive user
 *     legal    PUT /Users/{id} {"userName":"ada@corp.example","externalId":"00u1","active":true}
 *
 * Only for connections that ask for it: elsewhere the name of somebody who left may be given to somebody else, who would
 * get the account with it.
 */
export const oktaPostAgain: Dialect = {
  name: 'okta-post-again',
  from: ['Okta'],
  illegal:
    'POST /Users {"userName":"ada@corp.example","externalId":"00u1","active":true} of an inactive user',
  legal: 'PUT /Users/{id} {"userName":"ada@corp.example","externalId":"00u1","active":true}',
  always: false,
  permits: 'reviveInactive',
};
