import { fold, newId } from '../../common/index.js';
import type { JsonObject } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { journalEntry } from '../../journal/index.js';
import type { UserState } from '../model.js';
import { personalOf } from '../users/rows.js';
import { CREATE_USER, userColumns } from '../users/statements.js';
import { lockAddress } from '../users/take-over.js';
import { tiedOf } from './subjects.js';
import type { SubjectRow } from './subjects.js';
import { tieOf } from './ties.js';
import type { Tie } from './ties.js';
import { SOURCE } from './tying.js';

/** RFC 7643 section 4.1. */
const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ADDRESS = /^[^\s@]+@[^\s@]+$/;
/** Coder's limit on a user's name. */
const FULL_NAME_LENGTH = 128;

/** A subject whose address is verified. */
type Addressed = SubjectRow & { readonly email: string; readonly email_key: string };

/**
 * Who a subject is; where that is nobody the directory makes a user of it, if it may. Whom SCIM deleted it never makes again: only
 * SCIM brings people back.
 */
export async function tieOrCreate(
  tx: Queryable,
  said: SubjectRow,
  mayCreate: boolean,
  requestId: string,
): Promise<Tie> {
  const tie = await tieOf(tx, tiedOf(said));
  if (!mayCreate || tie.userId !== null || tie.note !== null) return tie;
  if (!isAddressed(said)) return refused(tie, 'the claims have no verified address');
  await lockAddress(tx, said.connection_id, said.email);
  // Somebody else may have made the user meanwhile.
  const present = await tieOf(tx, tiedOf(said));
  if (present.userId !== null || present.note !== null) return present;
  const gone = await tombstonesOf(tx, said);
  if (gone.length > 0)
    return refused(present, 'the person was deleted, and only SCIM brings people back', gone);
  const userName = await freeName(tx, said);
  if (userName === null) return refused(present, 'somebody else has the name and the address as userName');
  const userId = await create(tx, said, userName, requestId);
  return { userId, by: said.external_ids.length > 0 ? 'externalId' : 'email', made: true, note: null };
}

function isAddressed(row: SubjectRow): row is Addressed {
  return row.email !== null && row.email_key !== null && ADDRESS.test(row.email);
}

function refused(tie: Tie, detail: string, users: readonly string[] = []): Tie {
  return { ...tie, note: { action: 'claims.user.refused', facts: { detail, users } } };
}

const TOMBSTONES = {
  name: 'claims.tombstones',
  text: `
SELECT u.id FROM bridge.users u
 WHERE u.external_id = ANY($2::text[]) AND u.connection_id = $1::uuid AND u.deleted_at IS NOT NULL
UNION
SELECT u.id FROM bridge.users u
 WHERE u.email_key = $3::text AND u.connection_id = $1::uuid AND u.deleted_at IS NOT NULL
 ORDER BY id LIMIT 10`,
};

async function tombstonesOf(tx: Queryable, said: Addressed): Promise<string[]> {
  const keys = [said.connection_id, said.external_ids, said.email_key];
  return (await tx.query<{ id: string }>(TOMBSTONES, keys)).map(({ id }) => id);
}

const NAMES_TAKEN = {
  name: 'claims.names-taken',
  text: `
SELECT u.user_name_key AS key FROM bridge.users u
 WHERE u.user_name_key = ANY($2::text[]) AND u.connection_id = $1::uuid AND u.deleted_at IS NULL
UNION
SELECT u.user_name_key FROM bridge.users u
 WHERE u.user_name_key = ANY($2::text[]) AND u.connection_id = $1::uuid AND u.deleted_at IS NOT NULL`,
};

/** What the provider calls the person, else the address. A name that anybody else has or had would mean that person. */
async function freeName(tx: Queryable, said: Addressed): Promise<string | null> {
  const names = [said.user_name?.trim() ?? '', said.email].filter((name) => name !== '');
  const rows = await tx.query<{ key: string }>(NAMES_TAKEN, [said.connection_id, names.map(fold)]);
  const taken = new Set(rows.map(({ key }) => key));
  return names.find((name) => !taken.has(fold(name))) ?? null;
}

async function create(tx: Queryable, said: Addressed, userName: string, requestId: string): Promise<string> {
  const id = newId();
  const state = stateOf(said, userName);
  const entry = journalEntry({
    connectionId: said.connection_id,
    target: { kind: 'user', id },
    source: SOURCE,
    action: 'user.created',
    requestId,
    facts: { active: true, subject: said.id },
    personal: personalOf(state),
  });
  await tx.query(CREATE_USER, [id, said.connection_id, true, ...userColumns(state), ...entry]);
  await tx.query('UPDATE bridge.users SET claimed = true WHERE id = $1::uuid', [id]);
  return id;
}

/** The user as SCIM would have stated it. */
function stateOf(said: Addressed, userName: string): UserState {
  const [externalId = null] = said.external_ids;
  const fullName = fullNameOf(said);
  const document: JsonObject = {
    schemas: [USER_SCHEMA],
    userName,
    ...(externalId !== null && { externalId }),
    ...(fullName !== '' && { name: { formatted: fullName }, displayName: fullName }),
    emails: [{ value: said.email, type: 'work', primary: true }],
    active: true,
  };
  return { userName, externalId, active: true, email: said.email, fullName, document };
}

function fullNameOf({ full_name: name }: SubjectRow): string {
  return Array.from(name?.trim() ?? '')
    .slice(0, FULL_NAME_LENGTH)
    .join('')
    .trim();
}
