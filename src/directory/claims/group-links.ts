import type { Queryable } from '../../database/index.js';
import { dirtyMark } from '../push/dirty-mark.js';

/**
 * SQL: parts of a statement that links a group, after `mine`, which has id and kind of its target: raises whoever's claims name
 * the group while it was missing. `came` has their ids.
 */
export function groupCame(mine: string, name: string): string {
  return `looked AS (
  UPDATE bridge.subjects s SET groups_changed_at = now() FROM ${mine}
   WHERE ${mine}.kind = 'group' AND s.missing_groups @> ARRAY[${name}] AND s.user_id IS NOT NULL
  RETURNING s.user_id),
awaiting AS MATERIALIZED (
  SELECT t.id FROM bridge.targets t JOIN (SELECT DISTINCT user_id FROM looked) l ON l.user_id = t.id
   ORDER BY t.id FOR NO KEY UPDATE OF t),
came AS (
  UPDATE bridge.targets t SET ${dirtyMark('false')} FROM awaiting WHERE t.id = awaiting.id RETURNING t.id)`;
}

const EMPTY = {
  name: 'claims.empty-group',
  text: `
WITH gone AS (DELETE FROM bridge.claimed_members WHERE target_id = $1::uuid RETURNING user_id),
unfed AS (DELETE FROM bridge.claimed_groups WHERE target_id = $1::uuid)
SELECT user_id AS id FROM gone`,
};

const RECONSIDER = {
  name: 'claims.reconsider',
  text: `
WITH looked AS (UPDATE bridge.subjects SET groups_changed_at = now() WHERE user_id = ANY($1::uuid[])),
locked AS MATERIALIZED (SELECT t.id FROM bridge.targets t WHERE t.id = ANY($1::uuid[]) ORDER BY t.id FOR NO KEY UPDATE)
UPDATE bridge.targets t SET ${dirtyMark('false')} FROM locked WHERE t.id = locked.id RETURNING t.id`,
};

/**
 * In the transaction that drops a group's link, because it is gone: by claims nobody is in it any more, and they are decided on
 * anew.
 *
 * @returns ids of users, to be woken after it
 */
export async function groupWent(tx: Queryable, targetId: string): Promise<string[]> {
  const users = await tx.query<{ id: string }>(EMPTY, [targetId]);
  if (users.length === 0) return [];
  const ids = users.map(({ id }) => id);
  return (await tx.query<{ id: string }>(RECONSIDER, [ids])).map(({ id }) => id);
}

const HOLDER = {
  name: 'claims.holder',
  text: `
SELECT t.id, EXISTS (SELECT FROM bridge.claimed_groups g WHERE g.target_id = t.id) AS "isClaimed",
       EXISTS (SELECT FROM bridge.claimed_groups g WHERE g.target_id = $2::uuid) AS "amClaimed"
  FROM bridge.targets t WHERE t.kind = 'group' AND t.coder_id = $1::uuid AND t.id <> $2::uuid FOR UPDATE OF t`,
};

interface Holder {
  readonly id: string;
  readonly isClaimed: boolean;
  readonly amClaimed: boolean;
}

const HAND_OVER = {
  name: 'claims.hand-over',
  text: `
WITH ended AS (
  UPDATE bridge.targets SET coder_id = NULL, coder_name = NULL, origin = NULL, linked_at = NULL, intent = NULL, known = NULL,
         applied = desired, urgent = false, failed_version = NULL, failure = NULL, held_version = NULL, held = NULL,
         lease_token = NULL, lease_until = NULL
   WHERE id = $1::uuid),
unfed AS (DELETE FROM bridge.claimed_groups WHERE target_id = $1::uuid),
disowned AS (DELETE FROM bridge.owned_facts WHERE target_id = $1::uuid AND kind = 'member'),
owned AS (
  INSERT INTO bridge.owned_facts (target_id, kind, value, since)
  SELECT $2::uuid, kind, value, since FROM bridge.owned_facts WHERE target_id = $1::uuid AND kind = 'member'
  ON CONFLICT DO NOTHING),
left_over AS (DELETE FROM bridge.claimed_members WHERE target_id = $1::uuid),
moved AS (
  INSERT INTO bridge.claimed_members (target_id, user_id, because, since)
  SELECT $2::uuid, user_id, because, since FROM bridge.claimed_members WHERE target_id = $1::uuid
  ON CONFLICT DO NOTHING)
UPDATE bridge.targets t SET ${dirtyMark('false')} WHERE t.id = $2::uuid`,
};

/**
 * A target is about to be linked to a group that another one is linked to. Of two of which one lives by claims, the other one
 * goes on with the members of both.
 *
 * @returns the target that goes on, if that is the other one; then nothing is left of this one
 */
export async function settleHolder(tx: Queryable, targetId: string, coderId: string): Promise<string | null> {
  const [holder] = await tx.query<Holder>(HOLDER, [coderId, targetId]);
  if (!holder) return null;
  if (holder.isClaimed) await tx.query(HAND_OVER, [holder.id, targetId]);
  else if (holder.amClaimed) await tx.query(HAND_OVER, [targetId, holder.id]);
  return !holder.isClaimed && holder.amClaimed ? holder.id : null;
}
