import { fold } from '../../common/index.js';
import type { StatedSettings } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { IS_DIRTY } from '../../queue/index.js';
import type { GroupPlace, GroupTarget } from '../target-store.js';
import { common, COMMON, CONNECTION } from './reading.js';
import type { CommonRow } from './reading.js';

interface GroupRow extends CommonRow {
  readonly display_name: string | null;
  readonly settings: StatedSettings | null;
  readonly templates: readonly string[];
  readonly members: readonly (readonly [userId: string, coderId: string])[];
  readonly pending: number;
  readonly coming: number;
  readonly owned: readonly string[];
  readonly taken: readonly string[];
  readonly claimed_name: string | null;
  readonly claimed_organization: string | null;
  readonly claimed: boolean;
  readonly made_for_claims: readonly string[];
}

/**
 * SQL: whether target `t` lives by claims where no SCIM group feeds it (any more): one that was made for them, or an adopted group,
 * which is somebody else's to delete, with people in it whom claims state.
 */
const BY_CLAIMS = `(EXISTS (SELECT FROM bridge.claimed_groups c WHERE c.target_id = t.id)
         OR t.origin = 'adopted' AND EXISTS (SELECT FROM bridge.claimed_members c WHERE c.target_id = t.id))`;

// A desired member is a member once it is linked and seen in the organization; until then it is pending, and coming while
// its own work is in the queue and has not failed yet. A group that several groups feed has the oldest one's name.
const READ_GROUP = {
  name: 'target-read-group',
  text: `
WITH feeds AS (
  SELECT id, display_name, deleted_at, settings FROM bridge.groups WHERE target_id = $1::uuid),
wanted AS (
  SELECT DISTINCT u.id, t.coder_id, u.active AND t.tries = 0 AND ${IS_DIRTY} AS coming, t.coder_id IS NOT NULL AND f.value IS NOT NULL AS ready
    FROM (SELECT m.user_id FROM feeds JOIN bridge.memberships m ON m.group_id = feeds.id WHERE feeds.deleted_at IS NULL
           UNION ALL
          SELECT c.user_id FROM bridge.claimed_members c WHERE c.target_id = $1::uuid) m
    JOIN bridge.users u ON u.id = m.user_id
    JOIN bridge.targets t ON t.id = u.id
    LEFT JOIN bridge.owned_facts f ON f.target_id = t.id AND f.kind = 'organization' AND f.value = $2::uuid
   WHERE u.deleted_at IS NULL),
counted AS (
  SELECT coalesce(jsonb_agg(jsonb_build_array(id, coder_id) ORDER BY id) FILTER (WHERE ready), '[]') AS members,
         count(*) FILTER (WHERE NOT ready)::int AS pending,
         count(*) FILTER (WHERE NOT ready AND coming)::int AS coming
    FROM wanted)
SELECT ${COMMON}, counted.members, counted.pending, counted.coming,
       (SELECT display_name FROM feeds ORDER BY deleted_at DESC NULLS FIRST, id LIMIT 1) AS display_name,
       (SELECT settings FROM feeds ORDER BY deleted_at DESC NULLS FIRST, id LIMIT 1) AS settings,
       NOT EXISTS (SELECT FROM feeds WHERE deleted_at IS NULL) AND NOT ${BY_CLAIMS} AS deleted,
       NOT EXISTS (SELECT FROM feeds WHERE deleted_at IS NULL) AND ${BY_CLAIMS} AS claimed,
       g.name AS claimed_name, g.organization_id AS claimed_organization,
       CASE WHEN t.coder_id IS NULL THEN ARRAY(
         SELECT o.coder_id::text FROM bridge.claimed_groups c JOIN bridge.targets o ON o.id = c.target_id AND o.origin = 'created')
       ELSE '{}' END AS made_for_claims,
       ARRAY(SELECT f.value::text FROM bridge.owned_facts f
              WHERE f.target_id = t.id AND f.kind = 'template' ORDER BY f.value) AS templates,
       ARRAY(SELECT f.value::text FROM bridge.owned_facts f
              WHERE f.target_id = t.id AND f.kind = 'member' ORDER BY f.value) AS owned,
       ARRAY(SELECT coalesce(o.coder_name, o.intent->>'name') FROM bridge.targets o
              WHERE o.kind = 'group' AND (o.coder_name IS NOT NULL OR o.intent IS NOT NULL) AND o.id <> t.id
                AND EXISTS (SELECT FROM bridge.groups g WHERE g.target_id = o.id AND g.deleted_at IS NULL)) AS taken
  FROM bridge.targets t ${CONNECTION} LEFT JOIN bridge.claimed_groups g ON g.target_id = t.id, counted
 WHERE t.id = $1::uuid AND t.kind = 'group'`,
};

export async function readGroup(
  database: Queryable,
  id: string,
  organizationId: string,
): Promise<GroupTarget | null> {
  const [row] = await database.query<GroupRow>(READ_GROUP, [id, organizationId]);
  if (!row) return null;
  return {
    ...common(row),
    kind: 'group',
    displayName: (row.claimed ? null : row.display_name) ?? row.coder_name ?? row.claimed_name ?? '',
    claimed: row.claimed,
    madeForClaims: row.made_for_claims,
    settings: row.claimed
      ? placedIn(row.claimed_organization ?? row.settings?.organization)
      : (row.settings ?? {}),
    ownedTemplates: row.templates,
    members: row.members.map(([userId, coderId]) => ({ userId, coderId })),
    pendingMembers: { total: row.pending, coming: row.coming },
    ownedMembers: row.owned,
    takenNames: row.taken.map((name) => fold(name)),
  };
}

/** Of a group that only claims name nothing is stated but where it lies. */
function placedIn(organization: string | undefined): StatedSettings {
  return organization === undefined ? {} : { organization };
}

// Ids are UUIDv7, whose first 48 bits are the time: users of the last three seconds are a short range of the index.
const ARRIVING = `(SELECT count(*)::int FROM (
  SELECT FROM bridge.targets a
   WHERE a.connection_id = t.connection_id AND a.kind = 'user'
     AND a.id > (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 3000), 12, '0') || repeat('0', 20))::uuid
   LIMIT 21) newcomers)`;

type PlaceRow = Omit<GroupPlace, 'pushedAt' | 'dirtySince' | 'waitMs' | 'now'> &
  Pick<CommonRow, 'pushed_at' | 'dirty_since' | 'wait_ms' | 'now'>;

const READ_PLACE = {
  name: 'target-read-place',
  text: `
SELECT n.name AS connection, n.paused_at IS NOT NULL AS paused, t.desired, t.applied, t.tries,
       t.failed_version AS "failedVersion", t.held_version AS "heldVersion", t.pushed_at, t.dirty_since, t.wait_ms,
       t.urgent, now() AS now, ${ARRIVING} AS arriving,
       coalesce((SELECT settings FROM bridge.groups WHERE target_id = t.id
                  ORDER BY deleted_at DESC NULLS FIRST, id LIMIT 1),
                (SELECT jsonb_build_object('organization', c.organization_id) FROM bridge.claimed_groups c WHERE c.target_id = t.id),
                '{}') AS settings
  FROM bridge.targets t ${CONNECTION}
 WHERE t.id = $1::uuid AND t.kind = 'group'`,
};

export async function readPlace(database: Queryable, id: string): Promise<GroupPlace | null> {
  const [row] = await database.query<PlaceRow>(READ_PLACE, [id]);
  if (!row) return null;
  const { pushed_at: pushed, dirty_since: since, wait_ms: waitMs, now, ...rest } = row;
  return { ...rest, waitMs, pushedAt: pushed.getTime(), dirtySince: since.getTime(), now: now.getTime() };
}
