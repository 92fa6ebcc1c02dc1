import type { CallOptions } from '../call-options.js';
import { readNothing } from '../decode.js';
import { del, get, patch, post } from '../http/route.js';
import { readGroup, readGroups } from '../shapes.js';
import type { Transport } from '../http/transport.js';
import type { CreateGroupRequest, PatchGroupRequest } from '../types.js';

const OF_ORGANIZATION = '/organizations/{organization}/groups';

/** Coder's groups ("Enterprise", feature `template_rbac`: without it 403, in versions up to 2.9 "route not found"). */
export function groups(transport: Transport) {
  return {
    /** `GET /groups`: 200; all three filters may be left out; `group_ids` is a list with commas. Since 2024. */
    findGroups: (
      query: { organization?: string; has_member?: string; group_ids?: string },
      options?: CallOptions,
    ) =>
      transport.call({ route: get('/groups'), query: { ...query }, bulk: true, read: readGroups, options }),

    /** `GET /organizations/{organization}/groups`: 200, each with all its members, Everyone among them. */
    listGroups: (organization: string, options?: CallOptions) =>
      transport.call({
        route: get(OF_ORGANIZATION),
        values: { organization },
        bulk: true,
        read: readGroups,
        options,
      }),

    /** `GET /groups/{group}`: 200, by uuid only, although the reference calls it a name; 404; 400 for what is no uuid. */
    getGroup: (id: string, options?: CallOptions) =>
      transport.call({
        route: get('/groups/{group}'),
        values: { group: id },
        bulk: true,
        read: readGroup,
        options,
      }),

    /** `GET /organizations/{organization}/groups/{groupName}`: 200, the exact case; 404. */
    getGroupByName: (organization: string, name: string, options?: CallOptions) =>
      transport.call({
        route: get(`${OF_ORGANIZATION}/{groupName}`),
        values: { organization, groupName: name },
        bulk: true,
        read: readGroup,
        options,
      }),

    /** `POST /organizations/{organization}/groups`: 201; 409 name taken; 400 name outside the rules, or `Everyone`. */
    createGroup: (organization: string, request: CreateGroupRequest, options?: CallOptions) =>
      transport.call({
        route: post(OF_ORGANIZATION),
        values: { organization },
        body: request,
        read: readGroup,
        options,
      }),

    /**
     * `PATCH /groups/{group}`: 200. All or nothing: 400 for somebody who is not in the organization, also among those to be
     * removed, and (a ConflictError) for somebody who is in the group already; 409 name taken.
     */
    patchGroup: (id: string, request: PatchGroupRequest, options?: CallOptions) =>
      transport.call({
        route: patch('/groups/{group}'),
        values: { group: id },
        body: request,
        read: readGroup,
        options,
      }),

    /** `DELETE /groups/{group}`: 200 with a message, not with a group. Its grants on templates stay as dead ids. */
    deleteGroup: (id: string, options?: CallOptions) =>
      transport.call({ route: del('/groups/{group}'), values: { group: id }, read: readNothing, options }),
  };
}
