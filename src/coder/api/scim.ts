import type { JsonObject } from '../../common/index.js';
import type { CallOptions } from '../call-options.js';
import {
  anyObject,
  flag,
  key,
  list,
  listOf,
  number,
  optional,
  readNothing,
  record,
  text,
  type Read,
} from '../decode.js';
import { atRoot, del, get, patch, post, put, type Route } from '../http/route.js';
import type { Transport } from '../http/transport.js';

const readScimUser = record('a SCIM user', {
  id: optional(key),
  userName: optional(text),
  active: optional(flag),
  emails: optional(
    listOf(record('an email', { value: optional(text), primary: optional(flag), type: optional(text) })),
  ),
  schemas: optional(listOf(text)),
});

export type CoderScimUser = ReturnType<typeof readScimUser>;

/** The legacy server leaves `Resources` out: it lists nobody, ever. */
const readScimList: Read<{ totalResults: number; Resources: CoderScimUser[] }> = (value) => {
  const { totalResults, Resources } = record('a SCIM list', {
    totalResults: number,
    Resources: optional((rows: unknown) => list(rows, 'a SCIM list').map(readScimUser)),
  })(value);
  return { totalResults, Resources: Resources ?? [] };
};

const USERS = '/scim/v2/Users';

/**
 * Coder's own SCIM server, to compare with it and to move away from it. It is at the root and not under `/api/v2`; it takes
 * the deployment's SCIM secret as bearer token in place of the session token. 404 where it has no secret; 403 without the
 * feature `scim`; 401 for a wrong secret, which is a RejectedError: it says nothing of the session token. Until the end of
 * 2024 every one of its errors is a 500.
 */
export function scim(transport: Transport) {
  const call = <T>(
    route: Route,
    secret: string,
    read: Read<T>,
    more: Partial<Parameters<Transport['call']>[0]> = {},
  ) => transport.call<T>({ ...more, route: atRoot(route), credential: { bearer: secret }, read });
  return {
    /** `GET /scim/v2/ServiceProviderConfig`: 200. */
    scimServiceProviderConfig: (secret: string, options?: CallOptions) =>
      call(get('/scim/v2/ServiceProviderConfig'), secret, anyObject, { options }),

    /** `GET /scim/v2/Users`: 200. Always empty but for the handler of 2026. */
    scimListUsers: (
      secret: string,
      query: { filter?: string; startIndex?: number; count?: number } = {},
      options?: CallOptions,
    ) => call(get(USERS), secret, readScimList, { query: { ...query }, options }),

    /** `POST /scim/v2/Users`: 200 (2026: 201), for a user that exists too (2026: 409 unless it is suspended). */
    scimCreateUser: (secret: string, user: JsonObject, options?: CallOptions) =>
      call(post(USERS), secret, readScimUser, { body: user, options }),

    /** `GET /scim/v2/Users/{id}`: always 404 but for the handler of 2026. */
    scimGetUser: (secret: string, id: string, options?: CallOptions) =>
      call(get(`${USERS}/{id}`), secret, readScimUser, { values: { id }, options }),

    /** `PATCH /scim/v2/Users/{id}`: 200, echoes the body (the reference shows a Coder user). The body is a user of which only `active` counts; 2026: a PatchOp. */
    scimPatchUser: (secret: string, id: string, body: JsonObject, options?: CallOptions) =>
      call(patch(`${USERS}/{id}`), secret, readScimUser, { values: { id }, body, options }),

    /** `PUT /scim/v2/Users/{id}`: 200, since the end of 2024; only `active` counts, and another userName is 400. */
    scimPutUser: (secret: string, id: string, body: JsonObject, options?: CallOptions) =>
      call(put(`${USERS}/{id}`), secret, readScimUser, { values: { id }, body, options }),

    /** `DELETE /scim/v2/Users/{id}`: 204, suspends; the handler of 2026 only, else 404. */
    scimDeleteUser: (secret: string, id: string, options?: CallOptions) =>
      call(del(`${USERS}/{id}`), secret, readNothing, { values: { id }, options }),
  };
}
