import type { Queryable } from '../database/index.js';

/** Members that a group gained or lost by one push: a row of its own for each. */
export interface MembershipEntries {
  readonly connectionId: string;
  readonly groupId: string;
  readonly source: string;
  readonly version?: number | null;
  readonly requestId?: string | null;
}

const COLUMNS = 'connection_id, group_id, user_id, change, source, version, request_id';

/** The parameters of {@link membershipInsert}, in its order: five. */
export function membershipEntries(entries: MembershipEntries): unknown[] {
  return [
    entries.connectionId,
    entries.groupId,
    entries.source,
    entries.version ?? null,
    entries.requestId ?? null,
  ];
}

/**
 * The INSERT of membership rows as a part of the statement that changes them, its parameters beginning at `$first`:
 * `WITH gone AS (DELETE FROM bridge.memberships ... RETURNING user_id), journaled AS (${membershipInsert(3,
 * 'removed', 'gone')}) ...`.
 *
 * @param from a row source with a column `user_id`
 * @param version an expression that stands for the version
 */
export function membershipInsert(
  first: number,
  change: 'added' | 'removed',
  from: string,
  version?: string,
): string {
  const parameter = `$${first + 3}::bigint`;
  return `INSERT INTO bridge.journal_memberships (${COLUMNS})
SELECT $${first}::uuid, $${first + 1}::uuid, user_id, '${change}', $${first + 2}::text,
  ${version ? `coalesce(${version}, ${parameter})` : parameter}, $${first + 4}::text FROM ${from}`;
}

const APPEND = {
  added: {
    name: 'journal.members-added',
    text: membershipInsert(2, 'added', 'unnest($1::uuid[]) AS u(user_id)'),
  },
  removed: {
    name: 'journal.members-removed',
    text: membershipInsert(2, 'removed', 'unnest($1::uuid[]) AS u(user_id)'),
  },
};

/** Writes one row for each of the users, in one statement. */
export async function appendMemberships(
  tx: Queryable,
  change: 'added' | 'removed',
  userIds: readonly string[],
  entries: MembershipEntries,
): Promise<void> {
  if (userIds.length === 0) return;
  await tx.query(APPEND[change], [userIds, ...membershipEntries(entries)]);
}
