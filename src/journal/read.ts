import type { Queryable } from '../database/index.js';
import type { PersonalColumn } from './personal.js';

/** A journal entry as stored. */
export interface JournalRow {
  readonly id: number;
  readonly at: Date;
  readonly connectionId: string | null;
  readonly targetKind: 'user' | 'group' | null;
  readonly targetId: string | null;
  readonly source: string;
  readonly action: string;
  readonly version: number | null;
  readonly requestId: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Null where there were none, or where they were erased (then the digest is still there). */
  readonly personal: PersonalColumn | null;
  readonly personalDigest: Uint8Array | null;
}

/** A membership that was added or removed. */
export interface MembershipRow {
  readonly id: number;
  readonly at: Date;
  readonly connectionId: string;
  readonly groupId: string;
  readonly userId: string;
  readonly change: 'added' | 'removed';
  readonly source: string;
  readonly version: number | null;
  readonly requestId: string | null;
}

const OF_TARGET = {
  name: 'journal.of-target',
  text: `SELECT id, at, connection_id AS "connectionId", target_kind AS "targetKind", target_id AS "targetId", source, action,
  version, request_id AS "requestId", facts, personal, personal_digest AS "personalDigest"
FROM bridge.journal WHERE target_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
};

/** The entries of a target, newest first. @param before only entries older than this id */
export async function journalOfTarget(
  db: Queryable,
  targetId: string,
  limit: number,
  before: number | null = null,
): Promise<JournalRow[]> {
  return db.query<JournalRow>(OF_TARGET, [targetId, before, limit]);
}

const MEMBERSHIP = `SELECT id, at, connection_id AS "connectionId", group_id AS "groupId", user_id AS "userId", change, source,
  version, request_id AS "requestId" FROM bridge.journal_memberships`;

const OF_USER = {
  name: 'journal.memberships-of-user',
  text: `${MEMBERSHIP} WHERE user_id = $1 ORDER BY id DESC LIMIT $2`,
};
const OF_GROUP = {
  name: 'journal.memberships-of-group',
  text: `${MEMBERSHIP} WHERE group_id = $1 ORDER BY id DESC LIMIT $2`,
};

/** What memberships a user gained and lost, newest first. */
export async function membershipsOfUser(
  db: Queryable,
  userId: string,
  limit: number,
): Promise<MembershipRow[]> {
  return db.query<MembershipRow>(OF_USER, [userId, limit]);
}

/** What members a group gained and lost, newest first. */
export async function membershipsOfGroup(
  db: Queryable,
  groupId: string,
  limit: number,
): Promise<MembershipRow[]> {
  return db.query<MembershipRow>(OF_GROUP, [groupId, limit]);
}

/**
 * Erases the personal values of a person's entries, and with them their salts. The digests stay, so that a hash
 * over the rows stays true.
 *
 * @returns how many entries had some
 */
export async function erasePersonalValues(db: Queryable, userTargetId: string): Promise<number> {
  const rows = await db.query(
    `UPDATE bridge.journal SET personal = NULL
     WHERE target_id = $1 AND target_kind = 'user' AND personal IS NOT NULL RETURNING id`,
    [userTargetId],
  );
  return rows.length;
}
