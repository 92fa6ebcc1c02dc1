import { fold } from '../../common/index.js';
import type { JsonObject, StatedAccess, StatedSettings } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { IS_DIRTY } from '../../queue/index.js';
import type {
  GroupPlace,
  GroupTarget,
  Intent,
  Link,
  Offboarding,
  RoleFact,
  UserTarget,
} from '../target-store.js';

// Desired state and its version are read by one statement, so that they are of one moment: a version that is settled
// covers exactly what was planned from.

/** Columns of target `t` that users and groups have in common. */
const COMMON = `t.id, t.connection_id, t.desired, t.applied, t.tries, t.failed_version, t.held_version,
       CASE WHEN t.held->>'approved' IS NOT NULL THEN t.held END AS approved, t.coder_id, t.coder_name, t.origin, t.intent,
       t.pushed_at, t.dirty_since, t.wait_ms, t.urgent, now() AS now,
       CASE WHEN t.known_at > now() - interval '65 minutes' THEN t.known END AS known, n.name AS connection, n.paused_at IS NOT NULL AS paused`;

/** Joins the connection `n` of target `t`. */
const CONNECTION = 'JOIN bridge.connections n ON n.id = t.connection_id';

/** As organization of a role: the whole site. */
export const SITE = '00000000-0000-0000-0000-000000000000';

interface CommonRow {
  readonly id: string;
  readonly connection_id: string;
  readonly desired: number;
  readonly applied: number;
  readonly tries: number;
  readonly failed_version: number | null;
  readonly held_version: number | null;
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

const common = (row: CommonRow) => ({
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

interface UserRow extends CommonRow {
  readonly user_name: string;
  readonly external_id: string | null;
  readonly active: boolean;
  readonly email: string | null;
  readonly full_name: string;
  readonly email_claimed_by: string | null;
  readonly owned: readonly string[];
  readonly roles: readonly (readonly [organizationId: string, role: string])[];
  readonly access: StatedAccess | null;
  readonly group_names: readonly string[];
  readonly offboarded: Offboarding | null;
}

// An email belongs to the first of its live users that has an account or is to have one. Ids are ordered by age.
const READ_USER = {
  name: 'target-read-user',
  text: `
SELECT ${COMMON},
       u.access, t.offboarded, u.user_name, u.external_id, u.active, u.email, u.full_name, u.deleted_at IS NOT NULL AS deleted,
       (SELECT o.id FROM bridge.users o JOIN bridge.targets ot ON ot.id = o.id
         WHERE o.email_key = u.email_key AND o.deleted_at IS NULL AND o.id < u.id
           AND (o.active OR ot.coder_id IS NOT NULL)
         ORDER BY o.id LIMIT 1) AS email_claimed_by,
       ARRAY(SELECT f.value::text FROM bridge.owned_facts f
              WHERE f.target_id = t.id AND f.kind = 'organization' ORDER BY f.value) AS owned,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(r.organization_id, r.role)), '[]')
          FROM bridge.owned_roles r WHERE r.target_id = t.id) AS roles,
       ARRAY(SELECT g.display_name FROM bridge.memberships m JOIN bridge.groups g ON g.id = m.group_id
              WHERE m.user_id = t.id AND g.deleted_at IS NULL ORDER BY g.display_name) AS group_names
  FROM bridge.targets t JOIN bridge.users u ON u.id = t.id ${CONNECTION}
 WHERE t.id = $1::uuid`,
};

export async function readUser(database: Queryable, id: string): Promise<UserTarget | null> {
  const [row] = await database.query<UserRow>(READ_USER, [id]);
  if (!row) return null;
  return {
    ...common(row),
    kind: 'user',
    userName: row.user_name,
    externalId: row.external_id,
    active: row.active,
    email: row.email,
    fullName: row.full_name,
    emailClaimedBy: row.email_claimed_by,
    ownedOrganizations: row.owned,
    ownedRoles: row.roles.map(roleOf),
    access: row.access ?? {},
    groups: row.group_names,
    offboarded: row.offboarded,
  };
}

function roleOf([organizationId, role]: UserRow['roles'][number]): RoleFact {
  return { organizationId: organizationId === SITE ? null : organizationId, role };
}

interface GroupRow extends CommonRow {
  readonly display_name: string | null;
  readonly settings: StatedSettings | null;
  readonly templates: readonly string[];
  readonly members: readonly (readonly [userId: string, coderId: string])[];
  readonly pending: number;
  readonly coming: number;
  readonly owned: readonly string[];
  readonly taken: readonly string[];
}

// A desired member is a member once it is linked and seen in the organization; until then it is pending, and coming while
// its own work is in the queue and has not failed yet. A group that several groups feed has the oldest one's name.
const READ_GROUP = {
  name: 'target-read-group',
  text: `
WITH feeds AS (
  SELECT id, display_name, deleted_at, settings FROM bridge.groups WHERE target_id = $1::uuid),
wanted AS (
  SELECT DISTINCT u.id, t.coder_id, u.active AND t.tries = 0 AND ${IS_DIRTY} AS coming, t.coder_id IS NOT NULL AND f.value IS NOT NULL AS ready
    FROM feeds
    JOIN bridge.memberships m ON m.group_id = feeds.id
    JOIN bridge.users u ON u.id = m.user_id
    JOIN bridge.targets t ON t.id = u.id
    LEFT JOIN bridge.owned_facts f ON f.target_id = t.id AND f.kind = 'organization' AND f.value = $2::uuid
   WHERE feeds.deleted_at IS NULL AND u.deleted_at IS NULL),
counted AS (
  SELECT coalesce(jsonb_agg(jsonb_build_array(id, coder_id) ORDER BY id) FILTER (WHERE ready), '[]') AS members,
         count(*) FILTER (WHERE NOT ready)::int AS pending,
         count(*) FILTER (WHERE NOT ready AND coming)::int AS coming
    FROM wanted)
SELECT ${COMMON}, counted.members, counted.pending, counted.coming,
       (SELECT display_name FROM feeds ORDER BY deleted_at DESC NULLS FIRST, id LIMIT 1) AS display_name,
       (SELECT settings FROM feeds ORDER BY deleted_at DESC NULLS FIRST, id LIMIT 1) AS settings,
       NOT EXISTS (SELECT FROM feeds WHERE deleted_at IS NULL) AS deleted,
       ARRAY(SELECT f.value::text FROM bridge.owned_facts f
              WHERE f.target_id = t.id AND f.kind = 'template' ORDER BY f.value) AS templates,
       ARRAY(SELECT f.value::text FROM bridge.owned_facts f
              WHERE f.target_id = t.id AND f.kind = 'member' ORDER BY f.value) AS owned,
       ARRAY(SELECT coalesce(o.coder_name, o.intent->>'name') FROM bridge.targets o
              WHERE o.kind = 'group' AND (o.coder_name IS NOT NULL OR o.intent IS NOT NULL) AND o.id <> t.id
                AND EXISTS (SELECT FROM bridge.groups g WHERE g.target_id = o.id AND g.deleted_at IS NULL)) AS taken
  FROM bridge.targets t ${CONNECTION}, counted
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
    displayName: row.display_name ?? row.coder_name ?? '',
    settings: row.settings ?? {},
    ownedTemplates: row.templates,
    members: row.members.map(([userId, coderId]) => ({ userId, coderId })),
    pendingMembers: { total: row.pending, coming: row.coming },
    ownedMembers: row.owned,
    takenNames: row.taken.map((name) => fold(name)),
  };
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
                  ORDER BY deleted_at DESC NULLS FIRST, id LIMIT 1), '{}') AS settings
  FROM bridge.targets t ${CONNECTION}
 WHERE t.id = $1::uuid AND t.kind = 'group'`,
};

export async function readPlace(database: Queryable, id: string): Promise<GroupPlace | null> {
  const [row] = await database.query<PlaceRow>(READ_PLACE, [id]);
  if (!row) return null;
  const { pushed_at: pushed, dirty_since: since, wait_ms: waitMs, now, ...rest } = row;
  return { ...rest, waitMs, pushedAt: pushed.getTime(), dirtySince: since.getTime(), now: now.getTime() };
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

const READ_USERNAMES = {
  name: 'target-usernames',
  text: `SELECT coder_id AS id, coder_name AS name FROM bridge.targets WHERE kind = 'user' AND coder_id = ANY($1::uuid[])`,
};

export async function readUsernames(
  database: Queryable,
  coderIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ id: string; name: string }>(READ_USERNAMES, [coderIds]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
