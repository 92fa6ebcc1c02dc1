import type { CallOptions } from '../call-options.js';
import { flag, key, listOf, optional, readNothing, record, text } from '../decode.js';
import { del, get, post, put } from '../http/route.js';
import type { Transport } from '../http/transport.js';

const readPermission = record('a permission', {
  negate: optional(flag),
  resource_type: optional(text),
  action: optional(text),
});

const roleFields = {
  name: key,
  display_name: optional(text),
  organization_id: optional(text),
  site_permissions: optional(listOf(readPermission)),
  organization_permissions: optional(listOf(readPermission)),
  user_permissions: optional(listOf(readPermission)),
};

/** Of versions before 2024 `assignable` and the name are all there is. */
export const readAssignableRole = record('a role', {
  ...roleFields,
  assignable: optional(flag),
  built_in: optional(flag),
});

const readRole = record('a role', roleFields);

export type CoderAssignableRole = ReturnType<typeof readAssignableRole>;
export type CoderRole = ReturnType<typeof readRole>;
export type CoderPermission = ReturnType<typeof readPermission>;

export interface CustomRoleRequest {
  name: string;
  display_name?: string;
  site_permissions?: CoderPermission[];
  organization_permissions?: CoderPermission[];
  user_permissions?: CoderPermission[];
}

const ROLES = '/organizations/{organization}/members/roles';

/** The roles of an organization; custom ones need the feature `custom_roles`. */
export function roles(transport: Transport) {
  return {
    /** `GET /organizations/{organization}/members/roles`: 200, built-in ones first, without the implied member. */
    listOrganizationRoles: (organization: string, options?: CallOptions) =>
      transport.call({
        route: get(ROLES),
        values: { organization },
        read: listOf(readAssignableRole),
        options,
      }),

    /** `POST /organizations/{organization}/members/roles`: 200; 400 name taken in the whole deployment, or reserved; 403 no licence. */
    createOrganizationRole: (organization: string, request: CustomRoleRequest, options?: CallOptions) =>
      transport.call({
        route: post(ROLES),
        values: { organization },
        body: request,
        read: readRole,
        options,
      }),

    /** `PUT /organizations/{organization}/members/roles`: 200; 404 unknown. Permissions that do not exist are dropped silently. */
    updateOrganizationRole: (organization: string, request: CustomRoleRequest, options?: CallOptions) =>
      transport.call({ route: put(ROLES), values: { organization }, body: request, read: readRole, options }),

    /** `DELETE /organizations/{organization}/members/roles/{roleName}`: 204, and nobody has it any more; 404. */
    deleteOrganizationRole: (organization: string, roleName: string, options?: CallOptions) =>
      transport.call({
        route: del(`${ROLES}/{roleName}`),
        values: { organization, roleName },
        read: readNothing,
        options,
      }),
  };
}
