import type { JsonObject } from '../../common/index.js';
import { fold } from '../../common/index.js';
import type { ClaimsStatement } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { storableJson } from '../../journal/index.js';
import { dirtyMark, WAS_PUT_OFF } from '../push/dirty-mark.js';
import type { Marked } from '../push/dirty-mark.js';
import type { Tie, Tied, TiedBy } from './ties.js';

/** A subject as stored; its row is locked. */
export interface SubjectRow {
  readonly id: string;
  readonly connection_id: string;
  readonly user_id: string | null;
  readonly tied_by: TiedBy | null;
  readonly noted: string | null;
  readonly issued_at: Date;
  readonly claims: JsonObject;
  readonly unreadable: Readonly<Record<string, string>>;
  readonly external_ids: readonly string[];
  readonly email: string | null;
  readonly email_key: string | null;
  readonly user_name: string | null;
  readonly full_name: string | null;
  /** The version of the user's target. */
  readonly desired: number | null;
}

const COLUMNS = `s.id, s.connection_id, s.user_id, s.tied_by, s.noted, s.issued_at, s.claims, s.unreadable, s.external_ids, s.email,
       s.email_key, s.user_name, s.full_name, (SELECT t.desired FROM bridge.targets t WHERE t.id = s.user_id) AS desired`;

const LOCK = {
  name: 'claims.lock-subject',
  text: `
SELECT ${COLUMNS} FROM bridge.subjects s
 WHERE s.subject = $1::text AND s.issuer = $2::text AND s.connection_id = $3::uuid FOR UPDATE`,
};

const INSERT = {
  name: 'claims.insert-subject',
  text: `
INSERT INTO bridge.subjects (id, connection_id, issuer, subject, issued_at, source)
VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::timestamptz, $6::text) ON CONFLICT DO NOTHING RETURNING id`,
};

/** The subject's row, locked; made where there is none. Whoever makes the same one at the same time waits for it. */
export async function lockSubject(
  tx: Queryable,
  id: string,
  { connectionId, issuer, subject, issuedAt, source }: ClaimsStatement,
): Promise<{ readonly row: SubjectRow; readonly isNew: boolean }> {
  const keys = [subject, issuer, connectionId];
  const [known] = await tx.query<SubjectRow>(LOCK, keys);
  if (known) return { row: known, isNew: false };
  const inserted = await tx.query(INSERT, [id, connectionId, issuer, subject, issuedAt, source]);
  const [row] = await tx.query<SubjectRow>(LOCK, keys);
  if (!row) throw new Error('the subject was inserted, and is not there');
  return { row, isNew: inserted.length > 0 };
}

const LOCK_BY_ID = {
  name: 'claims.lock-subject-by-id',
  text: `SELECT ${COLUMNS} FROM bridge.subjects s WHERE s.id = $1::uuid FOR UPDATE`,
};

export async function lockSubjectById(tx: Queryable, id: string): Promise<SubjectRow | null> {
  return (await tx.query<SubjectRow>(LOCK_BY_ID, [id]))[0] ?? null;
}

/** Who the subject is said to be. */
export function tiedOf(row: SubjectRow): Tied {
  return {
    connectionId: row.connection_id,
    userId: row.user_id,
    tiedBy: row.tied_by,
    externalIds: row.external_ids,
    emailKey: row.email_key,
  };
}

/** The person of a statement as columns; an address that is not verified is no key. */
export function personOf({
  person,
}: ClaimsStatement): Pick<SubjectRow, 'external_ids' | 'email' | 'email_key' | 'user_name' | 'full_name'> {
  const { email, emailVerified } = person;
  return {
    external_ids: [...new Set(person.externalIds)],
    email,
    email_key: email !== null && emailVerified ? fold(email) : null,
    user_name: person.userName,
    full_name: person.name,
  };
}

const SEE = {
  name: 'claims.see-subject',
  text: `
UPDATE bridge.subjects SET issued_at = $2::timestamptz, seen_at = now(), source = $3::text, noted = $4::text
 WHERE id = $1::uuid`,
};

/** Nothing is said that was not known. */
export async function seeSubject(
  tx: Queryable,
  row: SubjectRow,
  { issuedAt, source }: ClaimsStatement,
  noted: string | null,
): Promise<void> {
  await tx.query(SEE, [row.id, issuedAt, source, noted]);
}

const STATE = {
  name: 'claims.state-subject',
  text: `
UPDATE bridge.subjects SET issued_at = $2::timestamptz, seen_at = now(), source = $3::text, claims = $4::jsonb,
       unreadable = $5::jsonb, external_ids = $6::text[], email = $7::text, email_key = $8::text, user_name = $9::text,
       full_name = $10::text
 WHERE id = $1::uuid`,
};

export async function stateSubject(tx: Queryable, id: string, statement: ClaimsStatement): Promise<void> {
  const { issuedAt, source, claims, unreadable } = statement;
  const person = personOf(statement);
  await tx.query(STATE, [
    id,
    issuedAt,
    source,
    storableJson(claims),
    storableJson(unreadable),
    person.external_ids,
    person.email,
    person.email_key,
    person.user_name,
    person.full_name,
  ]);
}

const TIE = {
  name: 'claims.tie-subject',
  text: `
UPDATE bridge.subjects SET user_id = $2::uuid, tied_by = $3::text, noted = $4::text,
       tied_at = CASE WHEN $5::boolean THEN now() ELSE tied_at END
 WHERE id = $1::uuid`,
};

export async function tieSubject(tx: Queryable, id: string, tie: Tie, noted: string | null): Promise<void> {
  await tx.query(TIE, [id, tie.userId, tie.by, noted, tie.made]);
}

const MARK = {
  name: 'claims.mark-user',
  text: `
UPDATE bridge.targets t SET ${dirtyMark('$2::boolean')} WHERE t.id = $1::uuid
RETURNING t.desired, true AS marked, t.urgent, ${WAS_PUT_OFF} AS put_off`,
};

/** Raises the user: what is claimed of the person is other than it was. */
export async function markUser(tx: Queryable, userId: string, loss: boolean): Promise<Marked | null> {
  return (await tx.query<Marked>(MARK, [userId, loss]))[0] ?? null;
}
