import type { CallOptions, CoderClient } from './client.js';
import { RejectedError } from './errors.js';
import { readMembers, readMembersPage, readNothing, readOrganization } from './shapes.js';
import type { Transport } from './transport.js';
import type { CoderMember } from './types.js';

/** Coder's "Organizations" and "Members" sections. */
export function organizations(
  transport: Transport,
): Pick<CoderClient, 'getOrganization' | 'listMembers' | 'addMember' | 'removeMember'> {
  return {
    getOrganization: (organization, options = {}) =>
      transport.call({
        route: { method: 'GET', template: '/organizations/{organization}' },
        values: { organization },
        read: readOrganization,
        options,
      }),
    listMembers: (organization, page, options = {}) => listMembers(transport, organization, page, options),
    // No body; 200 with the member.
    addMember: (organization, user, options = {}) =>
      transport.call({
        route: { method: 'POST', template: '/organizations/{organization}/members/{user}' },
        values: { organization, user },
        read: readNothing,
        options,
      }),
    // 204; 404 (GoneError) both for somebody who is no member and for an organization that is not there.
    removeMember: (organization, user, options = {}) =>
      transport.call({
        route: { method: 'DELETE', template: '/organizations/{organization}/members/{user}' },
        values: { organization, user },
        read: readNothing,
        options,
      }),
  };
}

/** Versions before 2025 have no `paginated-members`: there the whole list is read, and the page cut out of it. */
async function listMembers(
  transport: Transport,
  organization: string,
  page: { limit: number; offset: number },
  options: CallOptions,
): Promise<{ members: CoderMember[]; count: number }> {
  try {
    return await transport.call({
      route: { method: 'GET', template: '/organizations/{organization}/paginated-members' },
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
  const members = await transport.call({
    route: { method: 'GET', template: '/organizations/{organization}/members' },
    values: { organization },
    bulk: true,
    read: readMembers,
    options,
  });
  const end = page.limit === 0 ? undefined : page.offset + page.limit;
  return { members: members.slice(page.offset, end), count: members.length };
}
