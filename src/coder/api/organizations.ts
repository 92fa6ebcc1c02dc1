import type { CallOptions } from '../call-options.js';
import { listOf, readNothing } from '../decode.js';
import { del, get, patch, post } from '../http/route.js';
import { readOrganization } from '../shapes.js';
import type { Transport } from '../http/transport.js';

export interface OrganizationRequest {
  name?: string;
  display_name?: string;
  description?: string;
  icon?: string;
}

const ORGANIZATION = '/organizations/{organization}';

/** Coder's "Organizations" section. `{organization}` is an id, a name or `default`. More than one need `multiple_organizations`. */
export function organizations(transport: Transport) {
  return {
    /** `GET /organizations`: 200, those that the caller may read. Before 2024: "route not found". */
    listOrganizations: (options?: CallOptions) =>
      transport.call({ route: get('/organizations'), read: listOf(readOrganization), options }),

    /** `GET /organizations/{organization}`: 200; 404. */
    getOrganization: (organization: string, options?: CallOptions) =>
      transport.call({ route: get(ORGANIZATION), values: { organization }, read: readOrganization, options }),

    /** `POST /organizations`: 201, and the caller is a member; 403 no licence, 409 name taken, 400 for `default`. */
    createOrganization: (request: OrganizationRequest & { name: string }, options?: CallOptions) =>
      transport.call({ route: post('/organizations'), body: request, read: readOrganization, options }),

    /** `PATCH /organizations/{organization}`: 200; an empty name or display name changes nothing; 409 name taken. */
    updateOrganization: (organization: string, request: OrganizationRequest, options?: CallOptions) =>
      transport.call({
        route: patch(ORGANIZATION),
        values: { organization },
        body: request,
        read: readOrganization,
        options,
      }),

    /** `DELETE /organizations/{organization}`: 200; 400 for the default one; 500 with a sentence while anything is in it. */
    deleteOrganization: (organization: string, options?: CallOptions) =>
      transport.call({ route: del(ORGANIZATION), values: { organization }, read: readNothing, options }),
  };
}
