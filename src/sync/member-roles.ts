import type { CoderClient } from '../coder/index.js';

const PAGE = 1_000;

/**
 * The roles of an organization's members by the user's id, without the implied one. Past the last page Coder answers 500, so
 * that the count decides where to stop.
 *
 * @throws CoderError where a page cannot be read
 */
export async function listRoles(
  coder: Pick<CoderClient, 'listMembers'>,
  organizationId: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const roles = new Map<string, readonly string[]>();
  for (let offset = 0; ; offset += PAGE) {
    const { members, count } = await coder.listMembers(organizationId, { limit: PAGE, offset });
    for (const member of members)
      roles.set(
        member.user_id,
        (member.roles ?? []).map(({ name }) => name),
      );
    if (members.length === 0 || offset + members.length >= count) return roles;
  }
}
