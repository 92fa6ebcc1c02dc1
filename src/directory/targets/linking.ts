import { targetKey } from '../../common/index.js';
import type { TargetKind } from '../../common/index.js';
import { UniqueViolation } from '../../database/index.js';
import type { Database } from '../../database/index.js';
import { RAISE, raise } from '../../queue/index.js';
import type { WakeUp, WakeUps } from '../../queue/index.js';
import { groupCame, groupWent, settleHolder } from '../claims/group-links.js';
import { queryOnceMore } from '../push/once-more.js';
import { LinkTaken } from '../target-store.js';
import type { Effect, Intent, Link, OwnedChange } from '../target-store.js';
import { effectInsert, effectParameters } from './journaled.js';

// A link is a definite answer, so that the intent goes with it. Of a group it raises whoever's claims name the group.
const LINK = {
  name: 'target-link',
  text: `
WITH mine AS (
  UPDATE bridge.targets SET coder_id = $3::uuid, coder_name = $4, origin = $5, linked_at = now(), intent = NULL
   WHERE id = $1::uuid AND lease_token = $2::uuid
  RETURNING id, kind, connection_id, desired),
${groupCame('mine', '$4::text')},
journaled AS (${effectInsert(6)})
SELECT id, ARRAY(SELECT came.id::text FROM came) AS concerned FROM mine`,
};

interface Linked {
  readonly id: string;
  /** Users to wake. */
  readonly concerned: readonly string[];
}

/** @throws LinkTaken also when the holder is a tombstone: a second claimant is never merged, unless only claims name the group */
export async function link(
  database: Database,
  wakeUps: WakeUps,
  id: string,
  token: string,
  { coderId, coderName, origin }: Link,
  effect: Effect,
): Promise<boolean> {
  const params = [id, token, coderId, coderName, origin, ...effectParameters(effect)];
  const [mine] = await database.query<Linked>(LINK, params).catch(async (error: unknown) => {
    if (!isTaken(error)) throw error;
    return linkInstead(database, wakeUps, id, coderId, params);
  });
  wakeUps.wake((mine?.concerned ?? []).map(waking));
  return mine !== undefined;
}

/** Nothing is linked where the other target goes on: then the lease of this one is gone. */
async function linkInstead(
  database: Database,
  wakeUps: WakeUps,
  id: string,
  coderId: string,
  params: readonly unknown[],
): Promise<Linked[]> {
  try {
    const { other, linked } = await database.transaction(async (tx) => {
      const goesOn = await settleHolder(tx, id, coderId);
      return { other: goesOn, linked: goesOn === null ? await tx.query<Linked>(LINK, params) : [] };
    });
    if (other !== null) wakeUps.wake([{ target: targetKey('group', other), lane: 'normal' }]);
    return linked;
  } catch (error) {
    throw isTaken(error) ? new LinkTaken(coderId) : error;
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof UniqueViolation && error.constraint === 'targets_link';
}

const waking = (userId: string): WakeUp => ({ target: targetKey('user', userId), lane: 'normal' });

const UNLINK = {
  name: 'target-unlink',
  text: `
WITH mine AS (
  UPDATE bridge.targets SET coder_id = NULL, coder_name = NULL, origin = NULL, linked_at = NULL, offboarded = NULL, known = NULL
   WHERE id = $1::uuid AND lease_token = $2::uuid
  RETURNING id, kind, connection_id, desired),
disowned AS (DELETE FROM bridge.owned_facts f USING mine WHERE f.target_id = mine.id),
stripped AS (DELETE FROM bridge.owned_roles r USING mine WHERE r.target_id = mine.id),
journaled AS (${effectInsert(3)})
SELECT id, kind FROM mine`,
};

export async function unlink(
  database: Database,
  wakeUps: WakeUps,
  id: string,
  token: string,
  effect: Effect,
): Promise<boolean> {
  const concerned = await database.transaction(async (tx) => {
    const [mine] = await tx.query<{ kind: TargetKind }>(UNLINK, [id, token, ...effectParameters(effect)]);
    if (!mine) return null;
    return mine.kind === 'group' ? groupWent(tx, id) : [];
  });
  wakeUps.wake((concerned ?? []).map(waking));
  return concerned !== null;
}

const INTEND = {
  name: 'target-intend',
  text: `UPDATE bridge.targets SET intent = $3::jsonb WHERE id = $1::uuid AND lease_token = $2::uuid RETURNING id`,
};

export async function intend(
  database: Database,
  id: string,
  token: string,
  intent: Intent | null,
): Promise<boolean> {
  const rows = await database.query(INTEND, [id, token, intent && JSON.stringify(intent)]);
  return rows.length > 0;
}

/** Gains of organizations raise the user's groups, whose plans may now contain the user; locked in order of their ids. */
const OWN = {
  name: 'target-own',
  text: `
WITH mine AS (
  SELECT id, kind FROM bridge.targets WHERE id = $1::uuid AND lease_token = $2::uuid FOR NO KEY UPDATE),
gained AS (
  INSERT INTO bridge.owned_facts (target_id, kind, value)
  SELECT mine.id, $3, v.value FROM mine, unnest($4::uuid[]) AS v(value)
  ON CONFLICT DO NOTHING
  RETURNING value),
lost AS (
  DELETE FROM bridge.owned_facts f USING mine
   WHERE f.target_id = mine.id AND f.kind = $3 AND f.value = ANY($5::uuid[])),
concerned AS (
  SELECT t.id FROM bridge.targets t
   WHERE t.id IN (SELECT g.target_id FROM mine
                    JOIN bridge.memberships m ON m.user_id = mine.id
                    JOIN bridge.groups g ON g.id = m.group_id AND g.deleted_at IS NULL
                   WHERE mine.kind = 'user' AND $3 = 'organization'
                   UNION ALL
                  SELECT c.target_id FROM mine JOIN bridge.claimed_members c ON c.user_id = mine.id
                   WHERE mine.kind = 'user' AND $3 = 'organization')
     AND EXISTS (SELECT FROM gained)
   ORDER BY t.id
   FOR NO KEY UPDATE),
raised AS (
  -- Coder took the user out of the groups with the organization: what is known of them no longer holds.
  UPDATE bridge.targets t SET ${RAISE}, known = NULL FROM concerned WHERE t.id = concerned.id RETURNING t.id)
SELECT EXISTS (SELECT FROM gained) AS gained, ARRAY(SELECT id::text FROM raised) AS raised FROM mine`,
};

/** Live groups of a user that are not among those given. */
const OTHER_GROUPS = {
  name: 'target-other-groups',
  text: `
SELECT DISTINCT g.target_id AS id
  FROM bridge.memberships m JOIN bridge.groups g ON g.id = m.group_id AND g.deleted_at IS NULL
 WHERE m.user_id = $1::uuid AND g.target_id <> ALL($2::uuid[])`,
};

/** Many users gain their organization within moments of each other: one run of the group for all of them. */
const GATHER_MS = 250;

export async function own(
  database: Database,
  wakeUps: WakeUps,
  id: string,
  token: string,
  { kind, gained, lost }: OwnedChange,
): Promise<boolean> {
  const [mine] = await queryOnceMore<{ gained: boolean; raised: string[] }>(database, OWN, [
    id,
    token,
    kind,
    gained,
    lost,
  ]);
  if (!mine) return false;
  if (kind === 'organization' && mine.gained) {
    wakeUps.wake([...mine.raised.map(gathering), ...(await raiseMissed(database, id, mine.raised))]);
  }
  return true;
}

/**
 * A membership that was being committed at the very moment is not seen by the statement above, and the run of its group
 * may have seen the user before the organization was owned. Looking once more, after the commit, finds it.
 */
async function raiseMissed(database: Database, userId: string, raised: readonly string[]): Promise<WakeUp[]> {
  const missed = await database.query<{ id: string }>(OTHER_GROUPS, [userId, raised]);
  if (missed.length === 0) return [];
  return raise(
    database,
    missed.map((group) => group.id),
    'reconcile',
    'a member has come into the organization',
  );
}

function gathering(groupTargetId: string): WakeUp {
  return { target: targetKey('group', groupTargetId), lane: 'normal', delayMs: GATHER_MS };
}
