import type { JsonObject } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import type { Intent, Link } from '../target-store.js';

// Desired state and its version are read by one statement, so that they are of one moment: a version that is settled
// covers exactly what was planned from.

/** Columns of target `t` that users and groups have in common. */
export const COMMON = `t.id, t.connection_id, t.desired, t.applied, t.tries, t.failed_version, t.failure->>'detail' AS failure, t.held_version,
       CASE WHEN t.held->>'approved' IS NOT NULL THEN t.held END AS approved, t.coder_id, t.coder_name, t.origin, t.intent,
       t.pushed_at, t.dirty_since, t.wait_ms, t.urgent, now() AS now,
       CASE WHEN t.known_at > now() - interval '65 minutes' THEN t.known END AS known, n.name AS connection, n.paused_at IS NOT NULL AS paused`;

/** Joins the connection `n` of target `t`. */
export const CONNECTION = 'JOIN bridge.connections n ON n.id = t.connection_id';

/** As {@link COMMON} answers. */
export interface CommonRow {
  readonly id: string;
  readonly connection_id: string;
  readonly desired: number;
  readonly applied: number;
  readonly tries: number;
  readonly failed_version: number | null;
  readonly held_version: number | null;
  readonly failure: string | null;
  readonly approved: JsonObject | null;
  readonly coder_id: string | null;
  readonly coder_name: string | null;
  readonly origin: Link['origin'] | null;
  readonly intent: Intent | null;
  readonly pushed_at: Date;
  readonly dirty_since: Date;
  readonly wait_ms: number;
  readonly urgent: boolean;
  readonly now: Date;
  readonly deleted: boolean;
  readonly connection: string;
  readonly paused: boolean;
  readonly known: JsonObject | null;
}

/** The part of a target that users and groups have in common. */
export const common = (row: CommonRow) => ({
  id: row.id,
  connectionId: row.connection_id,
  connection: row.connection,
  paused: row.paused,
  known: row.known,
  desired: row.desired,
  applied: row.applied,
  tries: row.tries,
  failedVersion: row.failed_version,
  heldVersion: row.held_version,
  failure: row.failure,
  approvedPlan: row.approved,
  link: linkOf(row),
  intent: row.intent,
  deleted: row.deleted,
  pushedAt: row.pushed_at.getTime(),
  dirtySince: row.dirty_since.getTime(),
  waitMs: row.wait_ms,
  urgent: row.urgent,
  now: row.now.getTime(),
});

function linkOf({ coder_id: coderId, coder_name: coderName, origin }: CommonRow): Link | null {
  return coderId === null || coderName === null || origin === null ? null : { coderId, coderName, origin };
}

const READ_DESIRED = {
  name: 'target-desired',
  text: `
SELECT CASE WHEN n.paused_at IS NULL THEN t.desired ELSE 0 END AS desired
  FROM bridge.targets t ${CONNECTION} WHERE t.id = $1::uuid`,
};

/** 0 when the target does not exist any more, or its connection is paused: no version, so that every reading differs from it. */
export async function readDesired(database: Queryable, id: string): Promise<number> {
  const [row] = await database.query<{ desired: number }>(READ_DESIRED, [id]);
  return row?.desired ?? 0;
}
