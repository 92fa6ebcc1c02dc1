import type { CallOptions } from '../call-options.js';
import { anyObject, key, listOf, number, optional, readNothing, record, text } from '../decode.js';
import { del, get, post } from '../http/route.js';
import { readEntitlements } from '../shapes.js';
import type { Transport } from '../http/transport.js';

/** A licence. Its `claims` are those of a JWT: `exp`, `license_expires` (Unix seconds), `features` by name. */
const readLicense = record('a licence', {
  id: number,
  uuid: optional(key),
  uploaded_at: optional(text),
  claims: optional(anyObject),
});

export type CoderLicense = ReturnType<typeof readLicense>;

/** Licences and what they unlock ("Enterprise"). */
export function licenses(transport: Transport) {
  return {
    /**
     * `GET /entitlements`: 200. No token needed. Of a feature only `enabled` counts: it needs the licence and the server's own
     * switch. Refreshed by Coder every 10 minutes and when a licence changes.
     */
    entitlements: (options?: CallOptions) =>
      transport.call({ route: get('/entitlements'), read: readEntitlements, options }),

    /** `POST /licenses/refresh-entitlements`: 200; sooner than allowed 400 (not 429). */
    refreshEntitlements: (options?: CallOptions) =>
      transport.call({ route: post('/licenses/refresh-entitlements'), read: readNothing, options }),

    /** `GET /licenses`: 200, `null` when there are none; 403 without the right. */
    listLicenses: (options?: CallOptions) =>
      transport.call({ route: get('/licenses'), read: listOf(readLicense), options }),

    /** `POST /licenses`: 201; 400 for one that cannot be verified. */
    addLicense: (request: { license: string }, options?: CallOptions) =>
      transport.call({ route: post('/licenses'), body: request, read: readLicense, options }),

    /** `DELETE /licenses/{id}`: 200 without a body; 404 for an unknown one and for what is no number. */
    deleteLicense: (id: number, options?: CallOptions) =>
      transport.call({
        route: del('/licenses/{id}'),
        values: { id: String(id) },
        read: readNothing,
        options,
      }),
  };
}
