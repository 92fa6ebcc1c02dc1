import { documentText, fold } from '../../common/index.js';
import { JOURNAL_COLUMNS, journalRecord, journalRecordsInsert } from '../../journal/index.js';
import type { JournalEntry } from '../../journal/index.js';
import type { PushContext, UserState } from '../model.js';
import { NOW } from '../push/sql.js';
import { hasTombstone } from '../push/succession.js';
import { searchShadow } from '../state/shadow.js';

/** A user that is to be created. */
export interface UserCreation {
  readonly context: PushContext;
  readonly id: string;
  readonly state: UserState;
}

/** What is known of each user to create, and its type in SQL: an array in this order. The document comes last: it is text already. */
const COLUMNS = {
  id: 'uuid',
  connection_id: 'uuid',
  user_name: 'text',
  user_name_key: 'text',
  external_id: 'text',
  email: 'text',
  email_key: 'text',
  full_name: 'text',
  active: 'boolean',
  search: 'jsonb',
  access: 'jsonb',
  ...JOURNAL_COLUMNS,
  document: 'jsonb',
} as const;

type Columns = Readonly<Record<Exclude<keyof typeof COLUMNS, 'document'>, unknown>>;

const STATED = (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).filter((name) => name !== 'document');

/** SQL: the columns of the array `e`. */
const READ_COLUMNS = Object.entries(COLUMNS)
  .map(([name, type], at) =>
    type === 'jsonb' ? `nullif(e->${at}, 'null') AS ${name}` : `(e->>${at})::${type} AS ${name}`,
  )
  .join(', ');

const TOMBSTONE_KEYS = {
  connectionId: 'p.connection_id',
  nameKey: 'p.user_name_key COLLATE "C"',
  externalId: 'p.external_id COLLATE "C"',
  emailKey: 'p.email_key COLLATE "C"',
};

/** The version of a new user and of its target. */
export const FIRST_VERSION = 1;

/** Those of many who were created: they have everything in common but their ids. */
export interface CreatedUsers {
  /** With a space between. */
  readonly ids: string;
  readonly created_at: Date;
}

/**
 * $1 JSON: the {@link creationRecords}. One statement: targets, users and journal entries. A user that has a tombstone to see to is
 * left out: nothing was done of him. No row where all are left out.
 */
export const CREATE_USERS = {
  name: 'directory.create-users',
  text: `
WITH pushed AS MATERIALIZED (
    SELECT * FROM (SELECT ${READ_COLUMNS} FROM jsonb_array_elements($1::jsonb) e OFFSET 0) p
     WHERE NOT (${hasTombstone('user', TOMBSTONE_KEYS)})
), target AS (
    INSERT INTO bridge.targets (id, kind, connection_id, desired)
    SELECT p.id, 'user', p.connection_id, ${FIRST_VERSION} FROM pushed p
), created AS (
    INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, external_id, email, email_key, full_name, active,
                              document, search, access, version, created_at, modified_at)
    SELECT p.id, p.connection_id, p.user_name, p.user_name_key, p.external_id, p.email, p.email_key, p.full_name, p.active,
           p.document, p.search, p.access, ${FIRST_VERSION}, ${NOW}, ${NOW} FROM pushed p
    RETURNING id, created_at
), journaled AS (${journalRecordsInsert('pushed p', {
    connectionId: 'p.connection_id',
    kind: `'user'`,
    targetId: 'p.id',
    version: `${FIRST_VERSION}`,
  })})
SELECT string_agg(c.id::text, ' ') AS ids, c.created_at FROM created c GROUP BY c.created_at`,
};

/** JSON of users to create, as {@link CREATE_USERS} reads it: arrays take a third less than objects do. */
export function creationRecords(
  creations: readonly UserCreation[],
  told: (creation: UserCreation) => Parameters<typeof journalRecord>[0],
): string {
  return `[${creations.map((creation) => record(creation, told(creation))).join()}]`;
}

function record(
  { context, id, state }: UserCreation,
  told: Pick<JournalEntry, 'source' | 'action' | 'requestId' | 'facts' | 'personal'>,
): string {
  const columns: Columns = {
    id,
    connection_id: context.connectionId,
    user_name: state.userName,
    user_name_key: fold(state.userName),
    external_id: state.externalId,
    email: state.email,
    email_key: state.email === null ? null : fold(state.email),
    full_name: state.fullName,
    active: state.active,
    search: searchShadow(state.document),
    access: state.access ?? null,
    ...journalRecord(told),
  };
  const stated = JSON.stringify(STATED.map((name) => columns[name]));
  return `${stated.slice(0, -1)},${documentText(state.document)}]`;
}
