import type { TargetKind } from '../common/index.js';
import type { Queryable } from '../database/index.js';
import { sealPersonal, storableJson } from './personal.js';

/** What was pushed, or what was done about it. */
export interface JournalEntry {
  readonly connectionId: string | null;
  /** The target it is about, if it is about one. */
  readonly target: { readonly kind: TargetKind; readonly id: string } | null;
  /** Who acted: `scim`, `oidc`, `reconcile`, `full-sync`, `admin`, ... */
  readonly source: string;
  /** What happened, e.g. `user.created`, `coder.user.suspended`. */
  readonly action: string;
  /** The target's desired version that the entry belongs to. */
  readonly version?: number | null;
  readonly requestId?: string | null;
  /** Free of personal values: ids, statuses, counts, names of groups. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Names, addresses, documents of a person; can be erased. */
  readonly personal?: Readonly<Record<string, unknown>>;
}

const COLUMNS =
  'connection_id, target_kind, target_id, source, action, version, request_id, facts, personal, personal_digest';

/** How many parameters an entry takes. */
export const JOURNAL_PARAMETERS = 10;

/** The parameters of an entry, in the order of {@link journalInsert}. `at` is the database's clock. */
export function journalEntry(entry: JournalEntry): unknown[] {
  const sealed = entry.personal ? sealPersonal(entry.personal) : null;
  return [
    entry.connectionId,
    entry.target?.kind ?? null,
    entry.target?.id ?? null,
    entry.source,
    entry.action,
    entry.version ?? null,
    entry.requestId ?? null,
    storableJson(entry.facts ?? {}),
    sealed && storableJson(sealed.column),
    sealed?.digest ?? null,
  ];
}

/**
 * The INSERT of an entry whose parameters begin at `$first`; alone, or as a part of a statement that does the change
 * itself: `WITH raised AS (UPDATE ... RETURNING id, desired), journaled AS (${journalInsert(4, { from: 'raised',
 * version: 'raised.desired' })}) SELECT ...`.
 *
 * @param options.from a row source: one entry for each of its rows, none for no row
 * @param options.version an expression over it that stands for the version
 * @param options.targetId an expression over it that stands for the target's id
 * @param options.targetKind, options.connectionId as that
 * @param options.facts a jsonb expression over it whose fields are added to the facts, e.g. counts
 */
export function journalInsert(
  first: number,
  options: {
    readonly from?: string;
    readonly version?: string;
    readonly targetId?: string;
    readonly targetKind?: string;
    readonly connectionId?: string;
    readonly facts?: string;
  } = {},
): string {
  const parameter = (offset: number, type: string, expression?: string): string =>
    expression ? `coalesce(${expression}, $${first + offset}::${type})` : `$${first + offset}::${type}`;
  const values = [
    parameter(0, 'uuid', options.connectionId),
    parameter(1, 'text', options.targetKind),
    parameter(2, 'uuid', options.targetId),
    parameter(3, 'text'),
    parameter(4, 'text'),
    parameter(5, 'bigint', options.version),
    parameter(6, 'text'),
    parameter(7, 'jsonb') + (options.facts ? ` || ${options.facts}` : ''),
    parameter(8, 'jsonb'),
    parameter(9, 'bytea'),
  ];
  const from = options.from ? ` FROM ${options.from}` : '';
  return `INSERT INTO bridge.journal (${COLUMNS}) SELECT ${values.join(', ')}${from}`;
}

const APPEND = { name: 'journal.append', text: journalInsert(1) };

/** Writes one entry. */
export async function appendJournal(tx: Queryable, entry: JournalEntry): Promise<void> {
  await tx.query(APPEND, journalEntry(entry));
}

const APPEND_MANY = {
  name: 'journal.append-many',
  text: `INSERT INTO bridge.journal (${COLUMNS})
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::jsonb[],
  $9::jsonb[], $10::bytea[])`,
};

/** Writes entries in one statement, in their order. */
export async function appendJournalEntries(tx: Queryable, entries: readonly JournalEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(journalEntry);
  const columns = Array.from({ length: JOURNAL_PARAMETERS }, (_, column) => rows.map((row) => row[column]));
  await tx.query(APPEND_MANY, columns);
}
