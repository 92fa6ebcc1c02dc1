import type { Queryable } from '../../database/index.js';
import type { JournalRow } from '../read.js';

/** What of an entry a receipt is made of. */
export type EntryRow = Pick<
  JournalRow,
  'id' | 'at' | 'targetId' | 'source' | 'action' | 'version' | 'requestId' | 'facts' | 'personal'
>;

const ENTRY = `id, at, target_id AS "targetId", source, action, version, request_id AS "requestId", facts, personal`;

/** Pushes that are looked back at. */
const MOST_PUSHES = 200;
const MOST_ENTRIES = 10_000;
const MOST_GROUPS = 2_000;

const PUSHES = {
  name: 'receipt.pushes',
  text: `
SELECT ${ENTRY} FROM bridge.journal
 WHERE target_id = ANY($1::uuid[]) AND source <> 'reconcile'
   AND action IN ('user.created', 'user.activated', 'user.deactivated', 'user.deleted')
 ORDER BY id DESC LIMIT ${MOST_PUSHES}`,
};

/** What gave these users access or ended it, newest first. */
export function readPushes(database: Queryable, ids: readonly string[]): Promise<EntryRow[]> {
  return database.query<EntryRow>(PUSHES, [ids]);
}

const ENTRIES = {
  name: 'receipt.entries',
  text: `
SELECT ${ENTRY} FROM bridge.journal
 WHERE target_id = $1::uuid AND id > $2::bigint AND id < coalesce($3::bigint, 9223372036854775807) AND source = 'reconcile'
 ORDER BY id LIMIT ${MOST_ENTRIES}`,
};

/** What was done about a user between two entries, oldest first. @param before none: until now */
export function readEffects(
  database: Queryable,
  targetId: string,
  after: number,
  before: number | null,
): Promise<EntryRow[]> {
  return database.query<EntryRow>(ENTRIES, [targetId, after, before]);
}

/** A group that the person was taken out of. */
export interface GroupLossRow {
  readonly at: Date;
  readonly name: string;
  readonly version: number | null;
  readonly applied: number;
  readonly desired: number;
  readonly failedVersion: number | null;
  readonly failure: { readonly detail?: string; readonly status?: number } | null;
  readonly heldVersion: number | null;
  /** When Coder had taken the person out; null: there was nothing to take, or it is not done. */
  readonly doneAt: Date | null;
}

// A deletion's memberships are written by the same statement as its push, and may be the older ones by a moment.
// The journal of a group is read from the push on: a busy group has a long one.
const GROUP_LOSSES = {
  name: 'receipt.group-losses',
  text: `
SELECT m.at, g.display_name AS name, m.version, t.applied, t.desired, t.failed_version AS "failedVersion", t.failure,
       t.held_version AS "heldVersion",
       (SELECT j.at FROM bridge.journal j
         WHERE j.target_id = g.target_id AND j.id > $4::bigint AND j.at >= $2 AND j.source = 'reconcile'
           AND (j.action = 'coder.group.deleted'
                OR j.action = 'coder.group.patched' AND j.facts->'removed' ? $5::text)
         ORDER BY j.id LIMIT 1) AS "doneAt"
  FROM bridge.journal_memberships m JOIN bridge.groups g ON g.id = m.group_id JOIN bridge.targets t ON t.id = g.target_id
 WHERE m.user_id = $1::uuid AND m.change = 'removed' AND m.at >= $2::timestamptz - interval '1 second'
   AND m.at < coalesce($3::timestamptz, 'infinity')
 ORDER BY m.id LIMIT ${MOST_GROUPS}`,
};

/** @param push that access ended with; @param until when it came back, if it did */
export function readGroupLosses(
  database: Queryable,
  userId: string,
  push: EntryRow,
  until: Date | null,
  coderId: string | null,
): Promise<GroupLossRow[]> {
  return database.query<GroupLossRow>(GROUP_LOSSES, [userId, push.at, until, push.id, coderId ?? '']);
}
