import type { MemberReference, Page, PageRequest, ShownGroup } from '../model.js';
import { isAlive, livesIn } from '../push/sql.js';
import { lookupKeys } from '../query/keys.js';
import { readPage } from '../query/page.js';
import type { Reading } from '../query/page.js';
import { optionalText, text } from '../query/shape.js';
import type { Relation, Shape, UniqueLookup } from '../query/shape.js';
import { SHOWN_COLUMNS, toShownGroup } from './rows.js';
import type { ShownGroupRow } from './rows.js';
import { membersOf } from './statements.js';

/** Each by its own key, in one statement: from the keys to the rows, whatever the planner thinks of the size of the table. */
function lookup(name: string, type: string, condition: string, key: UniqueLookup['key']): UniqueLookup {
  const reading = (columns: string): string => `
SELECT k.key AS key, found.*
  FROM unnest($2::${type}[]) AS k(key) CROSS JOIN LATERAL (
    SELECT ${columns} FROM bridge.groups r WHERE ${condition} OFFSET 0) found`;
  return {
    plain: { name: `directory.groups-by-${name}`, text: reading(SHOWN_COLUMNS) },
    withReferences: {
      name: `directory.groups-by-${name}-with-members`,
      text: reading(`${SHOWN_COLUMNS}, ${membersOf('r')} AS members`),
    },
    large: true,
    key,
  };
}

const ALIVE = 'r.connection_id IS NOT DISTINCT FROM $1::uuid AND r.deleted_at IS NULL';

const MEMBERS: Relation = {
  from: `FROM bridge.memberships m JOIN bridge.users o ON o.id = m.user_id
         WHERE m.group_id = r.id AND o.deleted_at IS NULL`,
  main: 'value',
  columns: new Map([
    ['value', { kind: 'uuid', sql: 'm.user_id' }],
    ['display', text('o.user_name', 'o.user_name_key')],
    ['type', text(`'User'::text`, `'user'::text`)],
  ]),
};

/** Groups by their ids. */
export const GROUPS_BY_ID = lookup('id', 'uuid', `r.id = k.key AND ${livesIn('r', '$1')}`, lookupKeys.id);

/** Groups as a search sees them. */
export const GROUP_SHAPE: Shape = {
  table: 'bridge.groups',
  columns: new Map([
    ['id', { kind: 'uuid', sql: 'r.id' }],
    ['displayName', text('r.display_name', 'r.display_name_key')],
    // Always compared exactly (RFC 7643 section 3.1); its index holds it as it is.
    ['externalId', optionalText('r.external_id')],
    ['meta.created', { kind: 'dateTime', sql: 'r.created_at' }],
    ['meta.lastModified', { kind: 'dateTime', sql: 'r.modified_at' }],
    ['meta.resourceType', text(`'Group'::text`, `'group'::text`)],
  ]),
  relations: new Map([['members', MEMBERS]]),
  indexed: new Map(),
  unique: new Map([
    ['id', GROUPS_BY_ID],
    [
      'displayName',
      lookup(
        'display-name',
        'text',
        `r.display_name_key = k.key COLLATE "C" AND ${ALIVE}`,
        lookupKeys.folded,
      ),
    ],
    [
      'externalId',
      lookup('external-id', 'text', `r.external_id = k.key COLLATE "C" AND ${ALIVE}`, lookupKeys.exact),
    ],
  ]),
};

const MEMBERS_OF = {
  name: 'directory.members-of-groups',
  text: `
SELECT m.group_id, u.id, u.user_name
  FROM bridge.memberships m CROSS JOIN LATERAL (
    SELECT o.id, o.user_name FROM bridge.users o WHERE o.id = m.user_id AND ${isAlive('o')} OFFSET 0) u
 WHERE m.group_id = ANY($1::uuid[]) ORDER BY u.id`,
};

/** A page of groups; with references, one more query reads the members of all of them. */
export async function listGroups(
  reading: Reading,
  connectionId: string,
  page: PageRequest,
): Promise<Page<ShownGroup>> {
  const { items, ...rest } = await readPage<ShownGroupRow>(
    reading,
    GROUP_SHAPE,
    SHOWN_COLUMNS,
    connectionId,
    page,
  );
  const groups = items.map(toShownGroup);
  const there = groups.every((one) => one.members !== undefined);
  if (!page.withReferences || there) return { ...rest, items: groups };
  const rows = await reading.database.query<{ group_id: string; id: string; user_name: string }>(MEMBERS_OF, [
    groups.map((group) => group.id),
  ]);
  const members = new Map<string, MemberReference[]>(groups.map((group) => [group.id, []]));
  for (const row of rows) members.get(row.group_id)?.push({ id: row.id, userName: row.user_name });
  return { ...rest, items: groups.map((group) => ({ ...group, members: members.get(group.id) ?? [] })) };
}
