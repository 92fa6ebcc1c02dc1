import type { CallOptions } from '../call-options.js';
import { list, number, object, type Read } from '../decode.js';
import { get } from '../http/route.js';
import { readGroups, readReducedUser } from '../shapes.js';
import type { Transport } from '../http/transport.js';
import type { CoderGroup, CoderReducedUser } from '../types.js';

/** `{users, count}`, one page. */
const readGroupMembers: Read<{ users: CoderReducedUser[]; count: number }> = (value) => {
  const row = object(value, 'a page of members');
  return {
    users: list(row['users'], 'a page of members').map(readReducedUser),
    count: number(row['count']),
  };
};

/** `{groups, count}`, one page. */
const readGroupsPage: Read<{ groups: CoderGroup[]; count: number }> = (value) => {
  const row = object(value, 'a page of groups');
  return { groups: readGroups(row['groups']), count: number(row['count']) };
};

interface Page {
  limit?: number;
  offset?: number;
}

/** Groups and their members in pages. Since 2026: before, "route not found". */
export function groupPages(transport: Transport) {
  return {
    /** `GET /groups/{group}/members`: 200 `{users, count}`. */
    listGroupMembers: (id: string, page: Page = {}, options?: CallOptions) =>
      transport.call({
        route: get('/groups/{group}/members'),
        values: { group: id },
        query: { ...page },
        bulk: true,
        read: readGroupMembers,
        options,
      }),

    /** `GET /organizations/{organization}/groups/{groupName}/members`: 200 `{users, count}`. */
    listGroupMembersByName: (organization: string, name: string, page: Page = {}, options?: CallOptions) =>
      transport.call({
        route: get(`/organizations/{organization}/groups/{groupName}/members`),
        values: { organization, groupName: name },
        query: { ...page },
        bulk: true,
        read: readGroupMembers,
        options,
      }),

    /** `GET /organizations/{organization}/paginated-groups`: 200 `{groups, count}`. */
    listGroupsPage: (organization: string, page: Page = {}, options?: CallOptions) =>
      transport.call({
        route: get('/organizations/{organization}/paginated-groups'),
        values: { organization },
        query: { ...page },
        bulk: true,
        read: readGroupsPage,
        options,
      }),
  };
}
