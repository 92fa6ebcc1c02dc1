import { targetKey } from '../common/index.js';
import type { Lane, TargetKind } from '../common/index.js';
import type { Database, Queryable } from '../database/index.js';
import type { WakeUp } from './wake-ups.js';

/**
 * SQL: whether the target `t` waits for a run: something newer is desired than applied, and that version has neither
 * failed nor been held back. The index targets_dirty has the same words.
 */
export const IS_DIRTY = `(t.applied < t.desired AND (t.failed_version IS NULL OR t.failed_version < t.desired)
    AND (t.held_version IS NULL OR t.held_version < t.desired))`;

/** SQL: whether the connection of target `t` is paused. The few that are are read once for a statement. */
const IS_PAUSED = `t.connection_id = ANY(ARRAY(SELECT id FROM bridge.connections WHERE paused_at IS NOT NULL))`;

/** SQL, for an UPDATE of targets `t`: raises `desired`. Time begins to count now, unless the target was dirty already. */
export const RAISE = `desired = t.desired + 1, pushed_at = now(),
       dirty_since = CASE WHEN ${IS_DIRTY} THEN t.dirty_since ELSE now() END`;

interface Picked {
  readonly id: string;
  readonly kind: TargetKind;
  readonly urgent: boolean;
}

/** What the sweep passes over. */
export interface SweepOptions {
  /** Also what was swept or pushed a moment ago: after a start nobody has it in hand. */
  readonly atStart?: boolean;
  /** Only the targets of this lane; none: of both. */
  readonly lane?: Lane;
}

/**
 * Finds dirty targets that no job seems to cover: those that are not put off, nobody has leased, were not swept lately (30 s;
 * urgent ones 3 s) and were not pushed in the last 2 s, whose job is still on its way; and not of a paused connection. Urgent ones first, then the
 * longest dirty. Sweeps at the same time share the work (SKIP LOCKED).
 *
 * @param limit targets of a turn
 * @returns what to wake
 */
export async function sweepDirty(
  database: Queryable,
  limit = 500,
  options: SweepOptions = {},
): Promise<WakeUp[]> {
  const rows = await database.query<Picked>(SWEEP, [
    limit,
    options.atStart ?? false,
    options.lane === undefined ? null : options.lane === 'urgent',
  ]);
  return rows.map(wakeUp);
}

const SWEEP = {
  name: 'targets-sweep',
  text: `
WITH picked AS (
  SELECT t.id FROM bridge.targets t
   WHERE ${IS_DIRTY} AND NOT ${IS_PAUSED}
     AND ($3::boolean IS NULL OR t.urgent = $3::boolean)
     AND (t.not_before IS NULL OR t.not_before <= now())
     AND (t.lease_until IS NULL OR t.lease_until <= now())
     AND ($2::boolean OR t.pushed_at < now() - interval '2 seconds'
       AND (t.swept_at IS NULL
         OR t.swept_at < now() - CASE WHEN t.urgent THEN interval '3 seconds' ELSE interval '30 seconds' END))
   ORDER BY t.urgent DESC, t.dirty_since
   LIMIT $1
   FOR UPDATE SKIP LOCKED),
swept AS (
  UPDATE bridge.targets t SET swept_at = now() FROM picked WHERE t.id = picked.id
  RETURNING t.id, t.kind, t.urgent, t.dirty_since)
SELECT id, kind, urgent FROM swept ORDER BY urgent DESC, dirty_since`,
};

/** How much waits, for metrics and readiness. */
export interface DirtyCounts {
  /** Waiting for a run, the urgent ones included; failed, held and paused ones are not. */
  readonly dirty: number;
  readonly urgent: number;
  readonly failed: number;
  readonly held: number;
  /** They would wait for a run, but their connection is paused. */
  readonly paused: number;
  /** Age of the oldest that waits, milliseconds; 0 where none does. */
  readonly oldestDirtyMs: number;
}

export async function dirtyCounts(database: Queryable): Promise<DirtyCounts> {
  const [row] = await database.query<DirtyCounts>(COUNTS);
  return row ?? { dirty: 0, urgent: 0, failed: 0, held: 0, paused: 0, oldestDirtyMs: 0 };
}

const COUNTS = `
SELECT d.dirty, d.urgent, d.paused, d."oldestDirtyMs",
       (SELECT count(*)::int FROM bridge.targets t WHERE t.failed_version = t.desired) AS failed,
       (SELECT count(*)::int FROM bridge.targets t WHERE t.held_version = t.desired) AS held
  FROM (SELECT count(*) FILTER (WHERE NOT p.paused)::int AS dirty,
               count(*) FILTER (WHERE NOT p.paused AND t.urgent)::int AS urgent,
               count(*) FILTER (WHERE p.paused)::int AS paused,
               coalesce(greatest(extract(epoch FROM now() - min(t.dirty_since) FILTER (WHERE NOT p.paused)) * 1000, 0), 0)::float8
                 AS "oldestDirtyMs"
          FROM bridge.targets t CROSS JOIN LATERAL (SELECT ${IS_PAUSED} AS paused) p WHERE ${IS_DIRTY}) d`;

/**
 * Gives every failed target another chance (each full sync does), but those of paused connections: raises its desired version.
 * The sweep finds them.
 *
 * @returns how many
 */
export async function retryFailed(database: Queryable): Promise<number> {
  const rows = await database.query(`
    WITH failed AS (
      SELECT id FROM bridge.targets t
       WHERE t.failed_version IS NOT NULL AND t.failed_version = t.desired AND NOT ${IS_PAUSED} ORDER BY id FOR UPDATE)
    UPDATE bridge.targets t SET ${RAISE}, swept_at = NULL FROM failed WHERE t.id = failed.id RETURNING t.id`);
  return rows.length;
}

/**
 * Raises the desired version of targets that differ from Coder though nothing was pushed, and journals why.
 *
 * @param ids ids of targets; those that do not exist are passed over
 * @param source who found it, for the journal (e.g. `full-sync`)
 * @param reason for people, without personal data
 * @param lane urgent where access is open that should not be
 * @returns whom to wake, after the commit
 */
export async function raise(
  database: Database,
  ids: readonly string[],
  source: string,
  reason: string,
  lane: Lane = 'normal',
): Promise<WakeUp[]> {
  const found: WakeUp[] = [];
  for (let from = 0; from < ids.length; from += RAISED_AT_ONCE) {
    const some = ids.slice(from, from + RAISED_AT_ONCE);
    const rows = await database.query<Picked>(RAISE_AND_JOURNAL, [some, source, reason, lane === 'urgent']);
    found.push(...rows.map(wakeUp));
  }
  return found;
}

/** Rows that one statement locks. */
const RAISED_AT_ONCE = 1_000;

const RAISE_AND_JOURNAL = `
WITH found AS (
  SELECT id FROM bridge.targets WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE),
raised AS (
  UPDATE bridge.targets t SET ${RAISE}, urgent = t.urgent OR $4::boolean,
         known = CASE WHEN $2 = 'full-sync' THEN NULL ELSE t.known END
    FROM found WHERE t.id = found.id
  RETURNING t.id, t.kind, t.connection_id, t.desired, t.urgent),
journaled AS (
  INSERT INTO bridge.journal (connection_id, target_kind, target_id, source, action, version, facts)
  SELECT connection_id, kind, id, $2, 'target.raised', desired, jsonb_build_object('reason', $3::text) FROM raised)
SELECT id, kind, urgent FROM raised`;

function wakeUp(row: Picked): WakeUp {
  return { target: targetKey(row.kind, row.id), lane: row.urgent ? 'urgent' : 'normal' };
}
