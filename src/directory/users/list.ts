import type { GroupReference, Page, PageRequest, ShownUser } from '../model.js';
import { isAlive, livesIn } from '../push/sql.js';
import { lookupKeys } from '../query/keys.js';
import { readPage } from '../query/page.js';
import type { Reading } from '../query/page.js';
import { optionalText, text } from '../query/shape.js';
import type { Relation, Shape, UniqueLookup } from '../query/shape.js';
import { SHOWN_COLUMNS, toShownUser } from './rows.js';
import type { ShownUserRow } from './rows.js';
import { groupsOf } from './statements.js';

/** Each by its own key, in one statement: from the keys to the rows, whatever the planner thinks of the size of the table. */
function lookup(name: string, type: string, condition: string, key: UniqueLookup['key']): UniqueLookup {
  const reading = (columns: string): string => `
SELECT k.key AS key, found.*
  FROM unnest($2::${type}[]) AS k(key) CROSS JOIN LATERAL (
    SELECT ${columns} FROM bridge.users r WHERE ${condition} OFFSET 0) found`;
  return {
    plain: { name: `directory.users-by-${name}`, text: reading(SHOWN_COLUMNS) },
    withReferences: {
      name: `directory.users-by-${name}-with-groups`,
      text: reading(`${SHOWN_COLUMNS}, ${groupsOf('r')} AS groups`),
    },
    large: false,
    key,
  };
}

const ALIVE = 'r.connection_id IS NOT DISTINCT FROM $1::uuid AND r.deleted_at IS NULL';

const GROUPS: Relation = {
  from: `FROM bridge.memberships m JOIN bridge.groups o ON o.id = m.group_id
         WHERE m.user_id = r.id AND o.deleted_at IS NULL`,
  main: 'value',
  columns: new Map([
    ['value', { kind: 'uuid', sql: 'm.group_id' }],
    ['display', text('o.display_name', 'o.display_name_key')],
    ['type', text(`'direct'::text`, `'direct'::text`)],
  ]),
};

/** Users by their ids. */
export const USERS_BY_ID = lookup('id', 'uuid', `r.id = k.key AND ${livesIn('r', '$1')}`, lookupKeys.id);

/** Users as a search sees them. */
export const USER_SHAPE: Shape = {
  table: 'bridge.users',
  columns: new Map([
    ['id', { kind: 'uuid', sql: 'r.id' }],
    ['userName', text('r.user_name', 'r.user_name_key')],
    // Always compared exactly (RFC 7643 section 3.1); its index holds it as it is.
    ['externalId', optionalText('r.external_id')],
    ['active', { kind: 'boolean', sql: 'r.active' }],
    ['meta.created', { kind: 'dateTime', sql: 'r.created_at' }],
    ['meta.lastModified', { kind: 'dateTime', sql: 'r.modified_at' }],
    ['meta.resourceType', text(`'User'::text`, `'user'::text`)],
  ]),
  relations: new Map([['groups', GROUPS]]),
  indexed: new Map([
    ['emails', { by: 'value', values: `jsonb_path_query_array(r.search, '$.emails[*].value')` }],
  ]),
  unique: new Map([
    ['id', USERS_BY_ID],
    [
      'userName',
      lookup('user-name', 'text', `r.user_name_key = k.key COLLATE "C" AND ${ALIVE}`, lookupKeys.folded),
    ],
    [
      'externalId',
      lookup('external-id', 'text', `r.external_id = k.key COLLATE "C" AND ${ALIVE}`, lookupKeys.exact),
    ],
  ]),
};

const GROUPS_OF = {
  name: 'directory.groups-of-users',
  text: `
SELECT m.user_id, g.id, g.display_name
  FROM bridge.memberships m CROSS JOIN LATERAL (
    SELECT o.id, o.display_name FROM bridge.groups o WHERE o.id = m.group_id AND ${isAlive('o')} OFFSET 0) g
 WHERE m.user_id = ANY($1::uuid[]) ORDER BY g.id`,
};

/** A page of users; with references, one more query reads the groups of all of them. */
export async function listUsers(
  reading: Reading,
  connectionId: string,
  page: PageRequest,
): Promise<Page<ShownUser>> {
  const { items, ...rest } = await readPage<ShownUserRow>(
    reading,
    USER_SHAPE,
    SHOWN_COLUMNS,
    connectionId,
    page,
  );
  const users = items.map(toShownUser);
  const there = users.every((one) => one.groups !== undefined);
  if (!page.withReferences || there) return { ...rest, items: users };
  const rows = await reading.database.query<{ user_id: string; id: string; display_name: string }>(
    GROUPS_OF,
    [users.map((user) => user.id)],
  );
  const groups = new Map<string, GroupReference[]>(users.map((user) => [user.id, []]));
  for (const row of rows) groups.get(row.user_id)?.push({ id: row.id, displayName: row.display_name });
  return { ...rest, items: users.map((user) => ({ ...user, groups: groups.get(user.id) ?? [] })) };
}
