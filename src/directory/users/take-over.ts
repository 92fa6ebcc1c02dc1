import { fold } from '../../common/index.js';
import { UniqueViolation } from '../../database/index.js';
import type { Database, Queryable } from '../../database/index.js';
import type { PushContext, StoredUser } from '../model.js';
import type { Outcome } from '../push/wake.js';
import { writeUser } from './change.js';
import { createAfter } from './create.js';
import type { UserCreation } from './create.js';
import { toUser } from './rows.js';
import type { UserRow } from './rows.js';
import { LOCK_USER } from './statements.js';

/**
 * Creates a user where claims make users too: whom they made is taken over, with its id, by the externalId or the address. The
 * userName takes nobody over, as people may choose what a provider calls so (OIDC Core section 5.7); whom claims gave the name
 * gives way.
 */
export async function createOrTakeOver(
  database: Database,
  creation: UserCreation,
): Promise<Outcome<StoredUser>> {
  const work = () => database.transaction((tx) => inTurn(tx, creation));
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    // Claims may have made the user at this very moment: then it is there now.
    return await work();
  }
}

async function inTurn(tx: Queryable, creation: UserCreation): Promise<Outcome<StoredUser>> {
  const { context, state } = creation;
  if (state.email !== null) await lockAddress(tx, context.connectionId, state.email);
  const found = await twinOf(tx, creation);
  const wakeUps = await giveWay(tx, creation, found?.id ?? null);
  const taken = found && (await takeOver(tx, creation, found));
  const { pushed, wakeUps: own } = taken ?? (await createAfter(tx, creation));
  return { pushed, wakeUps: [...wakeUps, ...own] };
}

/** Until the transaction ends nobody else makes a user of the address, where everybody asks for this first. */
export async function lockAddress(tx: Queryable, connectionId: string, email: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))', [
    `user ${connectionId} ${fold(email)}`,
  ]);
}

interface Twin {
  readonly id: string;
  readonly by: 'externalId' | 'email';
}

const TWIN = {
  name: 'directory.claimed-twin',
  text: `
SELECT u.id, 'externalId' AS by, 0 AS rank FROM bridge.users u
 WHERE u.external_id = $2::text AND u.connection_id = $1::uuid AND u.deleted_at IS NULL AND u.claimed
UNION ALL
SELECT u.id, 'externalId', 1 FROM bridge.subjects s JOIN bridge.users u ON u.id = s.user_id
 WHERE s.external_ids @> ARRAY[$2::text] AND s.connection_id = $1::uuid AND s.tied_by = 'externalId'
   AND u.claimed AND u.deleted_at IS NULL
UNION ALL
SELECT u.id, 'email', 2 FROM bridge.users u
 WHERE u.email_key = $3::text AND u.connection_id = $1::uuid AND u.deleted_at IS NULL AND u.claimed
 ORDER BY rank, id LIMIT 1`,
};

async function twinOf(tx: Queryable, { context, state }: UserCreation): Promise<Twin | null> {
  const emailKey = state.email === null ? null : fold(state.email);
  const [twin] = await tx.query<Twin>(TWIN, [context.connectionId, state.externalId, emailKey]);
  return twin ?? null;
}

async function takeOver(
  tx: Queryable,
  { context, state }: UserCreation,
  { id, by }: Twin,
): Promise<Outcome<StoredUser> | null> {
  const current = await locked(tx, context, id);
  if (!current) return null;
  const told = { action: 'user.takenOver', facts: { by, active: state.active } };
  const outcome = await writeUser(tx, context, current, state, told);
  return outcome && { ...outcome, pushed: { ...outcome.pushed, takenOver: true } };
}

async function locked(tx: Queryable, { connectionId }: PushContext, id: string): Promise<StoredUser | null> {
  const [row] = await tx.query<UserRow>(LOCK_USER, [id, connectionId]);
  return row ? toUser(row) : null;
}

const NAMESAKE = {
  name: 'directory.claimed-namesake',
  text: `
SELECT u.id, EXISTS (SELECT FROM bridge.users o
                      WHERE o.user_name_key = u.email_key AND o.connection_id = $1::uuid AND o.deleted_at IS NULL) AS taken
  FROM bridge.users u
 WHERE u.user_name_key = $2::text AND u.connection_id = $1::uuid AND u.deleted_at IS NULL AND u.claimed
   AND u.id IS DISTINCT FROM $3::uuid`,
};

/** Whom claims gave the userName goes by the address instead, or where somebody else is called so by the id. */
async function giveWay(
  tx: Queryable,
  { context, state }: UserCreation,
  except: string | null,
): Promise<Outcome<StoredUser>['wakeUps']> {
  const keys = [context.connectionId, fold(state.userName), except];
  const [namesake] = await tx.query<{ id: string; taken: boolean }>(NAMESAKE, keys);
  const current = namesake && (await locked(tx, context, namesake.id));
  if (!current) return [];
  const userName = namesake.taken || current.email === null ? current.id : current.email;
  const renamed = { ...current, userName, document: { ...current.document, userName } };
  const outcome = await writeUser(tx, context, current, renamed, { claimed: true, facts: { gaveWay: true } });
  return outcome?.wakeUps ?? [];
}
