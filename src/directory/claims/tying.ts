import type { StatedClaims } from '../../common/index.js';
import type { Database, Queryable } from '../../database/index.js';
import { appendJournalEntries } from '../../journal/index.js';
import type { JournalEntry } from '../../journal/index.js';
import type { WakeUps } from '../../queue/index.js';
import { wakeUp } from '../push/wake.js';
import { lockSubjectById, markUser, tieSubject, tiedOf } from './subjects.js';
import type { SubjectRow } from './subjects.js';
import { keptFor, tieOf } from './ties.js';
import type { Tie } from './ties.js';

/** Who acts, in the journal. */
export const SOURCE = 'oidc';

/** Who a subject turned out to be. */
export type NewTie = Pick<StatedClaims, 'userId' | 'tiedBy' | 'version'>;

/**
 * Ties a subject whose claims were kept, where somebody has come whom it can be, and raises that user.
 *
 * @returns null where it is nobody yet
 */
export async function tieKept(
  database: Database,
  wakeUps: WakeUps,
  subjectId: string,
): Promise<NewTie | null> {
  const tied = await database.transaction((tx) => tieNow(tx, subjectId));
  if (!tied) return null;
  const { userId, by: tiedBy, version, putOff } = tied;
  wakeUps.wake([wakeUp('user', userId, { loss: false, putOff })]);
  return { userId, tiedBy, version };
}

/** Ties the kept subjects that can be the user; whoever runs the user reads it anew afterwards. */
export async function tieKeptOf(database: Database, wakeUps: WakeUps, userId: string): Promise<void> {
  for (const subjectId of await keptFor(database, userId)) {
    const tied = await database.transaction((tx) => tieNow(tx, subjectId));
    if (tied && tied.userId !== userId)
      wakeUps.wake([wakeUp('user', tied.userId, { loss: false, putOff: tied.putOff })]);
  }
}

const WAITING = {
  name: 'claims.waiting',
  text: `
SELECT k.id FROM bridge.subjects k
 WHERE k.user_id IS NULL
   AND EXISTS (SELECT FROM bridge.users u
                WHERE u.external_id = ANY(k.external_ids) AND u.connection_id = k.connection_id AND u.deleted_at IS NULL
                UNION ALL
               SELECT FROM bridge.users u
                WHERE u.email_key = k.email_key AND u.connection_id = k.connection_id AND u.deleted_at IS NULL)
 ORDER BY k.id LIMIT $1`,
};

/** Subjects of one turn. */
const MOST_WAITING = 500;

/** Ties kept subjects whose user is there after all: nothing that came between stays for ever. @returns how many */
export async function tieAllKept(database: Database, wakeUps: WakeUps): Promise<number> {
  let tied = 0;
  for (const { id } of await database.query<{ id: string }>(WAITING, [MOST_WAITING]))
    if (await tieKept(database, wakeUps, id)) tied += 1;
  return tied;
}

async function tieNow(tx: Queryable, subjectId: string) {
  const row = await lockSubjectById(tx, subjectId);
  if (!row) return null;
  const tie = await tieOf(tx, tiedOf(row));
  // What was noted of the last statement stays noted.
  if (tie.made || (tie.note !== null && notedAs(tie) !== row.noted))
    await tieSubject(tx, row.id, tie, notedAs(tie));
  const marked = tie.made && tie.userId !== null ? await markUser(tx, tie.userId, false) : null;
  const entries = [
    ...(tie.made ? [tieEntry(row, tie, marked?.desired ?? null, null)] : []),
    ...noteEntry(row, tie, null),
  ];
  await appendJournalEntries(tx, entries);
  if (!marked || tie.userId === null) return null;
  return { userId: tie.userId, by: tie.by, version: marked.desired, putOff: marked.put_off };
}

/** What was made of who the subject is. */
export function tieEntry(
  row: SubjectRow,
  tie: Tie,
  version: number | null,
  requestId: string | null,
): JournalEntry {
  return {
    connectionId: row.connection_id,
    target: tie.userId === null ? null : { kind: 'user', id: tie.userId },
    source: SOURCE,
    action: 'claims.tied',
    version,
    requestId,
    facts: { subject: row.id, by: tie.by, ...(tie.instead !== undefined && { insteadOf: tie.instead }) },
  };
}

/** The note of a tie, unless it was journaled already. */
export function noteEntry(row: SubjectRow, tie: Tie, requestId: string | null): JournalEntry[] {
  if (tie.note === null || notedAs(tie) === row.noted) return [];
  const { action, facts } = tie.note;
  return [
    {
      connectionId: row.connection_id,
      target: tie.userId === null ? null : { kind: 'user', id: tie.userId },
      source: SOURCE,
      action,
      requestId,
      facts: { subject: row.id, ...facts },
    },
  ];
}

/** Tells one note from the next. */
export function notedAs({ note }: Tie): string | null {
  return note && [note.action, ...note.facts.users].join(' ');
}
