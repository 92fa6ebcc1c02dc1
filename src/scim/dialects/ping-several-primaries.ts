import type { Dialect } from '../protocol/index.js';

/**
 * PingOne and PingFederate may mark two emails primary. RFC 7643 section 2.4 allows one; the first is taken:
 *
 *     illegal  {"emails":[{"value":"a@x.example","primary":true},{"value":"b@x.example","primary":true}]}
 *     legal    {"emails":[{"value":"a@x.example","primary":true},{"value":"b@x.example","primary":false}]}
 */
export const pingSeveralPrimaries: Dialect = {
  name: 'ping-several-primaries',
  from: ['PingOne', 'PingFederate'],
  illegal:
    '{"userName":"ada","emails":[{"value":"a@x.example","primary":true},{"value":"b@x.example","primary":true}]}',
  legal:
    '{"userName":"ada","emails":[{"value":"a@x.example","primary":true},{"value":"b@x.example","primary":false}]}',
  always: true,
  permits: 'severalPrimaries',
};
