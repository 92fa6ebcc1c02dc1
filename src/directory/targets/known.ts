import type { Database } from '../../database/index.js';
import { IS_DIRTY } from '../../queue/index.js';

const FORGET = {
  name: 'target-forget-known',
  text: `UPDATE bridge.targets SET known = NULL WHERE id = $1::uuid AND lease_token = $2::uuid RETURNING id`,
};

export async function forgetKnown(database: Database, id: string, token: string): Promise<boolean> {
  return (await database.query(FORGET, [id, token])).length > 0;
}

// A target that a run works on is left alone: what the list shows may be older than what the run did.
const CONFIRM = {
  name: 'targets-confirm-known',
  text: `
UPDATE bridge.targets t
   SET known = CASE WHEN t.id = ANY($2::uuid[]) THEN NULL ELSE t.known END,
       known_at = CASE WHEN t.id = ANY($2::uuid[]) THEN t.known_at ELSE now() END
 WHERE t.id = ANY($1::uuid[] || $2::uuid[]) AND t.known IS NOT NULL AND NOT ${IS_DIRTY}`,
};

export async function confirmKnown(
  database: Database,
  seen: readonly string[],
  otherwise: readonly string[],
): Promise<void> {
  if (seen.length + otherwise.length > 0) await database.query(CONFIRM, [seen, otherwise]);
}

/** Users whose creations wait, from which on one list of Coder's users is cheaper than what might be done twice. */
const MANY = 10;

const ARRIVING = {
  name: 'targets-arriving',
  text: `
SELECT count(*)::int AS waiting FROM (
  SELECT FROM bridge.targets t WHERE t.kind = 'user' AND t.coder_id IS NULL AND ${IS_DIRTY} LIMIT ${MANY + 1}) waiting`,
};

export async function manyArrive(database: Database): Promise<boolean> {
  const [row] = await database.query<{ waiting: number }>(ARRIVING);
  return (row?.waiting ?? 0) > MANY;
}
