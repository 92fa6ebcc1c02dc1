import type { Side } from './databases.js';

/** Beside the groups that every database of the benchmark has: many small ones, one of ten people, and one of many. */
export interface LargeGroups {
  /** Id of a group of ten. */
  readonly ten: string;
  /** Id of a group of `members`. */
  readonly large: string;
  readonly members: number;
}

const GROUP = `(lpad(to_hex(1600000000000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '9' || substr(md5(n::text), 4, 15))::uuid`;

/** $1 how many groups. As the bridge would have written them, but for the journal. */
const MORE_GROUPS = `
WITH made AS (SELECT n, ${GROUP} AS id FROM generate_series(1, $1::int) n), target AS (
  INSERT INTO bridge.targets (id, kind, connection_id, applied, coder_id, coder_name, origin, linked_at)
  SELECT made.id, 'group', c.id, 1, gen_random_uuid(), 'more-' || n, 'created', now() FROM made, bridge.connections c
)
INSERT INTO bridge.groups (id, connection_id, target_id, display_name, display_name_key, document, search)
SELECT made.id, c.id, made.id, 'More ' || n, 'more ' || n, jsonb_build_object('displayName', 'More ' || n),
       jsonb_build_object('displayName', 'more ' || n)
  FROM made, bridge.connections c RETURNING id`;

const FILL = `
INSERT INTO bridge.memberships (group_id, user_id)
SELECT $1::uuid, u.id FROM (SELECT id FROM bridge.users ORDER BY id LIMIT $2::int) u ON CONFLICT DO NOTHING`;

/** Adds groups to a database by SQL. */
export async function addLargeGroups(
  { database }: Side,
  groups: number,
  members: number,
): Promise<LargeGroups> {
  const { rows } = await database.query<{ id: string }>(MORE_GROUPS, [groups]);
  const [ten = '', large = ''] = rows.map(({ id }) => id);
  await database.query(FILL, [ten, 10]);
  await database.query(FILL, [large, members]);
  await database.query('VACUUM (ANALYZE)');
  return { ten, large, members };
}
