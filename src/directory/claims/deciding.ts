import { claimedKey, newId, targetKey } from '../../common/index.js';
import type { Database, Queryable } from '../../database/index.js';
import { appendJournalEntries, storableJson } from '../../journal/index.js';
import type { WakeUp, WakeUps } from '../../queue/index.js';
import { dirtyMark, WAS_PUT_OFF } from '../push/dirty-mark.js';
import { QUIET_MS, wakeUp } from '../push/wake.js';
import type { ClaimedMembership, DecidedClaims } from './model.js';
import { SOURCE } from './tying.js';

/** Any number: one run at a time makes targets for groups that have none, so that a group never gets two. */
const ADVISORY_LOCK = 4_211_730_206;

/** As {@link TargetStore.decideClaims}. */
export async function decideClaims(
  database: Database,
  wakeUps: WakeUps,
  id: string,
  token: string,
  decided: readonly DecidedClaims[],
  memberships: readonly ClaimedMembership[],
  again: boolean,
): Promise<boolean> {
  const woken = await database.transaction((tx) => write(tx, id, token, decided, memberships, again));
  if (woken) wakeUps.wake(woken);
  return woken !== null;
}

const MINE = {
  name: 'claims.mine',
  text: `SELECT connection_id FROM bridge.targets WHERE id = $1::uuid AND lease_token = $2::uuid FOR NO KEY UPDATE`,
};

const DECIDE = {
  name: 'claims.decide',
  text: `
UPDATE bridge.subjects s
   SET decided = d.decided, missing_groups = ARRAY(SELECT jsonb_array_elements_text(d.missing)),
       groups_changed_at = CASE WHEN s.groups_changed_at > now() - $3::double precision * interval '1 millisecond'
                                THEN s.groups_changed_at END
  FROM jsonb_to_recordset($2::jsonb) AS d(id uuid, decided jsonb, missing jsonb)
 WHERE s.id = d.id AND s.user_id = $1::uuid`,
};

/** For so long after a change of groups their lists are looked at closely. */
const LOOKED_AT_MS = 60_000;

async function write(
  tx: Queryable,
  id: string,
  token: string,
  decided: readonly DecidedClaims[],
  memberships: readonly ClaimedMembership[],
  again: boolean,
): Promise<WakeUp[] | null> {
  const [mine] = await tx.query<{ connection_id: string }>(MINE, [id, token]);
  if (!mine) return null;
  const rows = decided.map(({ subjectId, decided: to, missingGroups }) => ({
    id: subjectId,
    decided: to,
    missing: missingGroups,
  }));
  if (rows.length > 0) await tx.query(DECIDE, [id, storableJson(rows), LOOKED_AT_MS]);
  const later = await lookAgain(tx, id, decided, again);
  const targets = await targetsOf(tx, mine.connection_id, memberships);
  const wanted = memberships.flatMap((one) => {
    const targetId = targets.get(claimedKey(one));
    return targetId === undefined ? [] : [{ targetId, because: one.because }];
  });
  return [...later, ...(await replaceMembers(tx, id, wanted))];
}

const LINKED = {
  name: 'claims.linked-groups',
  text: `
SELECT t.id, t.coder_id::text AS key FROM bridge.targets t
 WHERE t.kind = 'group' AND t.coder_id = ANY($1::uuid[]) ORDER BY t.id FOR NO KEY UPDATE`,
};

const TO_BE_MADE = {
  name: 'claims.groups-to-be-made',
  text: `
SELECT t.id, g.organization_id::text || '/' || g.name AS key
  FROM jsonb_to_recordset($1::jsonb) AS n("organizationId" uuid, name text)
  JOIN bridge.claimed_groups g ON g.name = n.name AND g.organization_id = n."organizationId"
  JOIN bridge.targets t ON t.id = g.target_id
 WHERE t.coder_id IS NULL ORDER BY t.id FOR NO KEY UPDATE OF t`,
};

const LOOK_AGAIN = {
  name: 'claims.look-again',
  text: `
WITH come AS (
  SELECT WHERE $4::boolean OR EXISTS (
    SELECT FROM bridge.targets t
     WHERE t.kind = 'group' AND t.coder_name = ANY($2::text[])
       AND t.linked_at > now() - $3::double precision * interval '1 millisecond')),
looked AS (UPDATE bridge.subjects s SET groups_changed_at = now() FROM come WHERE s.user_id = $1::uuid)
UPDATE bridge.targets t SET ${dirtyMark('false')} FROM come WHERE t.id = $1::uuid RETURNING t.id`,
};

/** Groups are listed anew no sooner than after a second. */
const LATER_MS = 1_100;

/** A group that was missing on the list may have come meanwhile, or has been linked: a run soon after this one looks at it. */
async function lookAgain(
  tx: Queryable,
  id: string,
  decided: readonly DecidedClaims[],
  again: boolean,
): Promise<WakeUp[]> {
  const missing = decided.flatMap(({ missingGroups }) => missingGroups);
  if (missing.length === 0 && !again) return [];
  const rows = await tx.query(LOOK_AGAIN, [id, missing, LOOKED_AT_MS, again]);
  return rows.map(() => ({ target: targetKey('user', id), lane: 'normal', delayMs: LATER_MS }));
}

interface KeyedGroup {
  readonly id: string;
  readonly key: string;
}

/**
 * The targets of the groups, by their keys: the one that is linked to it, whoever feeds that, or one that is made now. They are
 * locked: a link that is about to be dropped is dropped before, or with the memberships.
 */
async function targetsOf(
  tx: Queryable,
  connectionId: string,
  memberships: readonly ClaimedMembership[],
): Promise<Map<string, string>> {
  if (memberships.length === 0) return new Map();
  const look = async (): Promise<Map<string, string>> => {
    const ids = memberships.flatMap(({ coderId }) => coderId ?? []);
    const names = memberships
      .filter(({ coderId }) => coderId === null)
      .map(({ organizationId, name }) => ({ organizationId, name }));
    const rows = [
      ...(await tx.query<KeyedGroup>(LINKED, [ids])),
      ...(names.length > 0 ? await tx.query<KeyedGroup>(TO_BE_MADE, [JSON.stringify(names)]) : []),
    ];
    return new Map(rows.map((row) => [row.key, row.id]));
  };
  const isMissing = (targets: Map<string, string>) => (one: ClaimedMembership) =>
    !targets.has(claimedKey(one));
  const found = await look();
  if (!memberships.some(isMissing(found))) return found;
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
  const targets = await look();
  for (const group of memberships.filter(isMissing(targets)))
    targets.set(claimedKey(group), await makeTarget(tx, connectionId, group));
  return targets;
}

const MAKE = {
  name: 'claims.make-group',
  text: `
WITH target AS (
  INSERT INTO bridge.targets (id, kind, connection_id, desired, applied, coder_id, coder_name, origin, linked_at)
  VALUES ($1::uuid, 'group', $2::uuid, 0, 0, $3::uuid, CASE WHEN $3::uuid IS NOT NULL THEN $4::text END,
          CASE WHEN $3::uuid IS NOT NULL THEN 'adopted' END, CASE WHEN $3::uuid IS NOT NULL THEN now() END)
  RETURNING id)
INSERT INTO bridge.claimed_groups (target_id, organization_id, name) SELECT id, $5::uuid, $4::text FROM target`,
};

async function makeTarget(
  tx: Queryable,
  connectionId: string,
  { coderId, name, organizationId }: ClaimedMembership,
): Promise<string> {
  const id = newId();
  await tx.query(MAKE, [id, connectionId, coderId, name, organizationId]);
  await appendJournalEntries(tx, [
    {
      connectionId,
      target: { kind: 'group', id },
      source: SOURCE,
      action: 'group.claimed',
      facts: { coderId, name, organizationId },
    },
  ]);
  return id;
}

const MEMBERS = {
  name: 'claims.members',
  text: `SELECT target_id AS "targetId", because FROM bridge.claimed_members WHERE user_id = $1::uuid`,
};

const REPLACE = {
  name: 'claims.replace-members',
  text: `
WITH gone AS (
  DELETE FROM bridge.claimed_members WHERE user_id = $1::uuid AND target_id = ANY($2::uuid[]))
INSERT INTO bridge.claimed_members (target_id, user_id, because)
SELECT w.target_id, $1::uuid, w.because FROM unnest($3::uuid[], $4::text[]) AS w(target_id, because)
ON CONFLICT (target_id, user_id) DO UPDATE SET because = excluded.because`,
};

// Locked in the order of their ids, as whoever raises several targets does.
const MARK = {
  name: 'claims.mark-groups',
  text: `
WITH locked AS MATERIALIZED (
  SELECT t.id FROM bridge.targets t WHERE t.id = ANY($1::uuid[]) ORDER BY t.id FOR NO KEY UPDATE)
UPDATE bridge.targets t SET ${dirtyMark('(t.id = ANY($2::uuid[]))')} FROM locked WHERE t.id = locked.id
RETURNING t.id, t.connection_id, t.desired, ${WAS_PUT_OFF} AS put_off`,
};

interface MarkedGroup {
  readonly id: string;
  readonly connection_id: string;
  readonly desired: number;
  readonly put_off: boolean;
}

async function replaceMembers(
  tx: Queryable,
  userId: string,
  wanted: readonly { readonly targetId: string; readonly because: string }[],
): Promise<WakeUp[]> {
  const before = await tx.query<{ targetId: string; because: string }>(MEMBERS, [userId]);
  const had = new Map(before.map((row) => [row.targetId, row.because]));
  const has = new Map(wanted.map((row) => [row.targetId, row.because]));
  const lost = [...had.keys()].filter((targetId) => !has.has(targetId));
  const gained = [...has.keys()].filter((targetId) => !had.has(targetId));
  const written = [...has].filter(([targetId, because]) => had.get(targetId) !== because);
  if (lost.length + written.length === 0) return [];
  await tx.query(REPLACE, [
    userId,
    lost,
    written.map(([targetId]) => targetId),
    written.map(([, because]) => because),
  ]);
  if (lost.length + gained.length === 0) return [];
  const marked = await tx.query<MarkedGroup>(MARK, [[...lost, ...gained], lost]);
  const isLoss = new Set(lost);
  await appendJournalEntries(
    tx,
    marked.map((group) => ({
      connectionId: group.connection_id,
      target: { kind: 'group', id: group.id },
      source: SOURCE,
      action: isLoss.has(group.id) ? 'member.withdrawn' : 'member.claimed',
      version: group.desired,
      facts: { user: userId, because: (isLoss.has(group.id) ? had : has).get(group.id) ?? null },
    })),
  );
  return marked.map((group) =>
    wakeUp('group', group.id, { loss: isLoss.has(group.id), putOff: group.put_off, delayMs: QUIET_MS }),
  );
}
