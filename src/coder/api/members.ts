import type { CallOptions } from '../call-options.js';
import { readNothing } from '../decode.js';
import { RejectedError } from '../errors.js';
import { del, get, post, put } from '../http/route.js';
import { readMember, readMembers, readMembersPage } from '../shapes.js';
import type { Transport } from '../http/transport.js';
import type { CoderMember } from '../types.js';

interface Page {
  limit: number;
  offset: number;
}

const MEMBER = '/organizations/{organization}/members/{user}';

/** Coder's "Members" section. */
export function members(transport: Transport) {
  return {
    /**
     * `GET /organizations/{organization}/paginated-members`: 200 `{members, count}`. Ask no page past `count`: Coder answers
     * 500 to an offset beyond the end.
     */
    listMembers: (organization: string, page: Page, options?: CallOptions) =>
      listMembers(transport, organization, page, options),

    /** `POST /organizations/{organization}/members/{user}`, no body: 200. 400 already a member (a ConflictError), or organization sync is on. */
    addMember: (organization: string, user: string, options?: CallOptions) =>
      transport.call({ route: post(MEMBER), values: { organization, user }, read: readNothing, options }),

    /**
     * `DELETE /organizations/{organization}/members/{user}`: 204, and the user leaves its groups; 404 (GoneError) both for
     * somebody who is no member and for an organization that is not there.
     */
    removeMember: (organization: string, user: string, options?: CallOptions) =>
      transport.call({ route: del(MEMBER), values: { organization, user }, read: readNothing, options }),

    /**
     * `PUT /organizations/{organization}/members/{user}/roles`: 200. Replaces all roles in the organization. 404 no member; 400
     * oneself, unknown or not grantable, or role sync is on for a user of OIDC; 403 without the right.
     */
    updateMemberRoles: (
      organization: string,
      user: string,
      request: { roles: string[] },
      options?: CallOptions,
    ) =>
      transport.call({
        route: put(`${MEMBER}/roles`),
        values: { organization, user },
        body: request,
        read: readMember,
        options,
      }),
  };
}

/** Versions before 2025 have no `paginated-members`: there the whole list is read, and the page cut out of it. */
async function listMembers(
  transport: Transport,
  organization: string,
  page: Page,
  options?: CallOptions,
): Promise<{ members: CoderMember[]; count: number }> {
  try {
    return await transport.call({
      route: get('/organizations/{organization}/paginated-members'),
      values: { organization },
      query: { limit: page.limit, offset: page.offset },
      bulk: true,
      read: readMembersPage,
      options,
    });
  } catch (error) {
    // "Route not found" is a refusal; an organization that is not there is gone.
    if (!(error instanceof RejectedError && error.status === 404)) throw error;
  }
  const all = await transport.call({
    route: get('/organizations/{organization}/members'),
    values: { organization },
    bulk: true,
    read: readMembers,
    options,
  });
  const end = page.limit === 0 ? undefined : page.offset + page.limit;
  return { members: all.slice(page.offset, end), count: all.length };
}
