import type { CallOptions } from '../call-options.js';
import { listOf, text } from '../decode.js';
import { get } from '../http/route.js';
import type { Transport } from '../http/transport.js';

const OF = '/organizations/{organization}/settings/idpsync';

/** What Coder has seen in the claims of those who logged in, to choose a field of sync by. Since the end of 2024. */
export function claims(transport: Transport) {
  const readNames = listOf(text);
  return {
    /** `GET /organizations/{organization}/settings/idpsync/available-fields`: 200, names of claims, `null` when none were seen. */
    listClaimFields: (organization: string, options?: CallOptions) =>
      transport.call({
        route: get(`${OF}/available-fields`),
        values: { organization },
        read: readNames,
        options,
      }),

    /** `GET /organizations/{organization}/settings/idpsync/field-values`: 200, the distinct values; 400 without the parameter. */
    listClaimValues: (organization: string, query: { claimField: string }, options?: CallOptions) =>
      transport.call({
        route: get(`${OF}/field-values`),
        values: { organization },
        query,
        read: readNames,
        options,
      }),

    /** `GET /settings/idpsync/available-fields`: 200, of the whole deployment. */
    listDeploymentClaimFields: (options?: CallOptions) =>
      transport.call({ route: get('/settings/idpsync/available-fields'), read: readNames, options }),

    /** `GET /settings/idpsync/field-values`: 200, of the whole deployment. */
    listDeploymentClaimValues: (query: { claimField: string }, options?: CallOptions) =>
      transport.call({ route: get('/settings/idpsync/field-values'), query, read: readNames, options }),
  };
}
