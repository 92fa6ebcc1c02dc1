import type { JsonObject } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { Effect, TargetStore } from '../target-store.js';
import type { Failure } from '../model.js';
import { effectInsert, effectParameters } from './journaled.js';

/** The channel that tells waiting pushes which target has settled or failed; the payload is its id. */
export const SETTLED_CHANNEL = 'bridge_settled';

/** NOTIFY takes a lock of the whole database at commit, so it is sent only while somebody waits. */
const TELL_WAITING = `CASE WHEN awaited_until > now() THEN pg_notify('${SETTLED_CHANNEL}', id::text)::text END`;

/** A logout that came since moves the mark, or the version. */
const KEYS_ARE_REVOKED = 't.keys_until = $6::timestamptz AND t.desired <= $3::bigint';

// The row as it was is locked and read first: dirty_since is answered and replaced in one statement. Whatever failed or was
// held before is no more true of what has just been applied. What a logout took is not what leaving takes, so that it is not
// counted on; of somebody who has left both are one.
const SETTLE = {
  name: 'target-settle',
  text: `
WITH old AS (
  SELECT id, dirty_since FROM bridge.targets WHERE id = $1::uuid AND lease_token = $2::uuid FOR NO KEY UPDATE),
mine AS (
  UPDATE bridge.targets t SET
      applied = greatest(t.applied, $3::bigint),
      tries = 0, not_before = NULL,
      failed_version = NULL, failure = NULL, held_version = NULL, held = NULL,
      urgent = t.urgent AND t.desired > greatest(t.applied, $3::bigint),
      dirty_since = CASE WHEN t.desired > greatest(t.applied, $3::bigint) THEN t.pushed_at ELSE t.dirty_since END,
      wait_ms = CASE WHEN $4::boolean OR t.settled_at > now() - interval '5 seconds'
                     THEN least(t.wait_ms * 2, 60000) ELSE 1000 END,
      settled_at = now(),
      known = coalesce($5::jsonb, t.known),
      known_at = CASE WHEN $5::jsonb IS NULL THEN t.known_at ELSE now() END,
      keys_until = CASE WHEN ${KEYS_ARE_REVOKED} THEN NULL ELSE t.keys_until END,
      offboarded = CASE WHEN ${KEYS_ARE_REVOKED}
                         AND EXISTS (SELECT FROM bridge.users u WHERE u.id = t.id AND u.active AND u.deleted_at IS NULL)
                        THEN NULL ELSE t.offboarded END
    FROM old WHERE t.id = old.id
  RETURNING t.id, t.awaited_until, old.dirty_since)
SELECT greatest(extract(epoch FROM clock_timestamp() - dirty_since) * 1000, 0)::float8 AS "dirtyForMs", ${TELL_WAITING}
  FROM mine`,
};

/**
 * @param busy changes kept coming: the longest wait for quiet doubles (up to 60 s), as it does when the target settled a
 * moment ago already; once it was idle for 5 s, it is 1 s again
 */
export async function settle(
  database: Database,
  id: string,
  token: string,
  version: number,
  busy: boolean,
  known?: JsonObject,
  keysUntil?: Date,
): ReturnType<TargetStore['settle']> {
  const [row] = await database.query<{ dirtyForMs: number }>(SETTLE, [
    id,
    token,
    version,
    busy,
    known === undefined ? null : JSON.stringify(known),
    keysUntil ?? null,
  ]);
  return row ? { dirtyForMs: row.dirtyForMs } : false;
}

const FAIL = {
  name: 'target-fail',
  text: `
WITH mine AS (
  UPDATE bridge.targets SET failed_version = $3::bigint, failure = $4::jsonb, tries = 0, not_before = NULL
   WHERE id = $1::uuid AND lease_token = $2::uuid
  RETURNING id, kind, connection_id, desired, awaited_until),
journaled AS (${effectInsert(5)})
SELECT ${TELL_WAITING} FROM mine`,
};

export async function fail(
  database: Database,
  id: string,
  token: string,
  version: number,
  failure: Failure,
): Promise<boolean> {
  const { detail, ...facts } = failure;
  // The detail is for people, and may name one.
  const effect: Effect = { action: 'target.failed', facts: { ...facts, version }, personal: { detail } };
  const params = [id, token, version, JSON.stringify(failure), ...effectParameters(effect)];
  return (await database.query(FAIL, params)).length > 0;
}

const PUT_OFF = {
  name: 'target-put-off',
  text: `
UPDATE bridge.targets SET
    not_before = now() + $3::double precision * interval '1 millisecond', tries = tries + $4::int,
    known = coalesce($5::jsonb, known),
    known_at = CASE WHEN $5::jsonb IS NULL THEN known_at ELSE now() END
 WHERE id = $1::uuid AND lease_token = $2::uuid
RETURNING id`,
};

export async function putOff(
  database: Database,
  id: string,
  token: string,
  delayMs: number,
  spend: boolean,
  known?: JsonObject,
): Promise<boolean> {
  const seen = known === undefined ? null : JSON.stringify(known);
  return (await database.query(PUT_OFF, [id, token, delayMs, spend ? 1 : 0, seen])).length > 0;
}

const HOLD = {
  name: 'target-hold',
  text: `
WITH mine AS (
  UPDATE bridge.targets SET held_version = $3::bigint, held = $4::jsonb, tries = 0, not_before = NULL
   WHERE id = $1::uuid AND lease_token = $2::uuid
  RETURNING id, kind, connection_id, desired),
journaled AS (${effectInsert(5)})
SELECT id FROM mine`,
};

export async function hold(
  database: Database,
  id: string,
  token: string,
  version: number,
  plan: Record<string, unknown>,
): Promise<boolean> {
  // What the steps say of persons stays with the target.
  const effect: Effect = { action: 'target.held', facts: { version, hash: plan['hash'] ?? null } };
  const params = [id, token, version, JSON.stringify(plan), ...effectParameters(effect)];
  return (await database.query(HOLD, params)).length > 0;
}
