import { createHash } from 'node:crypto';

import type { Database } from '../../database/index.js';
import { canonicalJson } from '../../journal/index.js';
import type { Effect } from '../target-store.js';
import { effectInsert, effectParameters } from './journaled.js';

const RECORD = {
  name: 'target-record',
  text: `
WITH mine AS (
  SELECT id, kind, connection_id, desired FROM bridge.targets WHERE id = $1::uuid AND lease_token = $2::uuid),
journaled AS (${effectInsert(3)})
SELECT id FROM mine`,
};

export async function record(
  database: Database,
  id: string,
  token: string,
  effect: Effect,
): Promise<boolean> {
  return (await database.query(RECORD, [id, token, ...effectParameters(effect)])).length > 0;
}

const NOTE = {
  name: 'target-note',
  text: `
WITH mine AS (
  SELECT id FROM bridge.targets WHERE id = $1::uuid AND lease_token = $2::uuid),
news AS (
  UPDATE bridge.targets t SET notes = t.notes || jsonb_build_object($3::text, $4::text)
    FROM mine WHERE t.id = mine.id AND t.notes->>$3::text IS DISTINCT FROM $4::text
  RETURNING t.id, t.kind, t.connection_id, t.desired),
journaled AS (${effectInsert(5, 'news')})
SELECT id FROM mine`,
};

/** Journals the effect unless the last one of its action said the same of this target. */
export async function note(database: Database, id: string, token: string, effect: Effect): Promise<boolean> {
  const params = [id, token, effect.action, digest(effect), ...effectParameters(effect)];
  return (await database.query(NOTE, params)).length > 0;
}

/** Tells one value from the next. It lies on the target's row, beside the values themselves, and goes with them. */
function digest({ facts, personal }: Effect): string {
  return createHash('sha256').update(canonicalJson({ facts, personal })).digest('hex').slice(0, 12);
}
