import { sealPersonal } from './personal.js';
import type { JournalEntry } from './entry.js';

/**
 * An entry as a part of a JSON record, for statements that write many: its columns are {@link JOURNAL_COLUMNS}. What jsonb
 * cannot hold is not replaced here but refused by the statement, which then is run for each record alone.
 */
export function journalRecord(
  entry: Pick<JournalEntry, 'source' | 'action' | 'requestId' | 'facts' | 'personal'>,
): Readonly<Record<keyof typeof JOURNAL_COLUMNS, unknown>> {
  const sealed = entry.personal ? sealPersonal(entry.personal) : null;
  return {
    j_source: entry.source,
    j_action: entry.action,
    j_request: entry.requestId ?? null,
    j_facts: entry.facts ?? {},
    j_personal: sealed?.column ?? null,
    j_digest: sealed?.digest.toString('hex') ?? null,
  };
}

/** The columns of a {@link journalRecord}, with their types. */
export const JOURNAL_COLUMNS = {
  j_source: 'text',
  j_action: 'text',
  j_request: 'text',
  j_facts: 'jsonb',
  j_personal: 'jsonb',
  j_digest: 'text',
} as const;

/** The same as jsonb_to_recordset has them. */
export const JOURNAL_RECORD = Object.entries(JOURNAL_COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

/**
 * The INSERT of the entries of all records of a row source, as a part of the statement that does what they tell.
 *
 * @param of expressions over the row source: the connection, the target's kind and id, its version; `facts`: jsonb that is added
 */
export function journalRecordsInsert(
  from: string,
  of: {
    readonly connectionId: string;
    readonly kind: string;
    readonly targetId: string;
    readonly version: string;
    readonly facts?: string;
  },
): string {
  const facts = of.facts ? ` || ${of.facts}` : '';
  return `INSERT INTO bridge.journal (connection_id, target_kind, target_id, source, action, version, request_id, facts,
    personal, personal_digest)
SELECT ${of.connectionId}, ${of.kind}, ${of.targetId}, j_source, j_action, ${of.version}, j_request, j_facts${facts},
       j_personal, decode(j_digest, 'hex') FROM ${from}`;
}
