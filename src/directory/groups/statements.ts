import { documentText, fold } from '../../common/index.js';
import { journalInsert } from '../../journal/index.js';
import type { GroupState } from '../model.js';
import { dirtyMark, WAS_PUT_OFF } from '../push/dirty-mark.js';
import { isAlive, livesIn, NOW } from '../push/sql.js';
import { hasTombstone } from '../push/succession.js';
import { searchShadow } from '../state/shadow.js';
import type { MemberChange } from './member-operations.js';
import { GROUP_COLUMNS } from './rows.js';

/** The columns of a state, in the order of the statements below: six. */
export function groupColumns(state: GroupState): unknown[] {
  return [
    state.displayName,
    fold(state.displayName),
    state.externalId,
    documentText(state.document),
    JSON.stringify(searchShadow(state.document)),
    state.settings ? JSON.stringify(state.settings) : null,
  ];
}

/**
 * $1 id, $2 connection, $3 whether tombstones were seen to, $4 target, $5.. columns, $11.. journal. One statement: target,
 * group and journal entry. No row: there are tombstones to see to first.
 */
export const CREATE_GROUP = {
  name: 'directory.create-group',
  text: `
WITH target AS (
    INSERT INTO bridge.targets (id, kind, connection_id)
    SELECT $4::uuid, 'group', $2::uuid
     WHERE $3::boolean OR NOT (${hasTombstone('group', { connectionId: '$2::uuid', nameKey: '$6::text', externalId: '$7::text' })})
    RETURNING desired
), created AS (
    INSERT INTO bridge.groups (id, connection_id, target_id, display_name, display_name_key, external_id, document, search,
                               settings, created_at, modified_at)
    SELECT $1::uuid, $2::uuid, $4::uuid, $5::text, $6::text, $7::text, $8::jsonb, $9::jsonb, $10::jsonb, ${NOW}, ${NOW}
      FROM target
    RETURNING version, created_at, modified_at
), journaled AS (${journalInsert(11, { from: 'target', version: 'target.desired' })})
SELECT created.version, created.created_at, created.modified_at, target.desired FROM created, target`,
};

/**
 * The first members of a group that this transaction created: $1 group, $2 connection, $3 ids, $4 source, $5 request.
 * Answers the ids that are no user of the connection, and then the transaction has to be given up.
 */
export const FIRST_MEMBERS = {
  name: 'directory.first-members',
  text: `
WITH known AS MATERIALIZED (
    SELECT u.id FROM bridge.users u
     WHERE u.id = ANY($3::uuid[]) AND ${livesIn('u', '$2')} ORDER BY u.id FOR KEY SHARE
), added AS (
    INSERT INTO bridge.memberships (group_id, user_id) SELECT $1::uuid, known.id FROM known RETURNING user_id
), history AS (
    INSERT INTO bridge.journal_memberships (connection_id, group_id, user_id, change, source, version, request_id)
    SELECT $2::uuid, $1::uuid, user_id, 'added', $4::text, 1, $5::text FROM added
)
SELECT unnest($3::uuid[]) AS id EXCEPT SELECT id FROM known`,
};

/** $1 id, $2 connection. */
export const LOCK_GROUP = {
  name: 'directory.lock-group',
  text: `
SELECT ${GROUP_COLUMNS} FROM bridge.groups g
 WHERE g.id = $1::uuid AND ${livesIn('g', '$2')} FOR NO KEY UPDATE`,
};

// The anti-joins are written as EXCEPT and NOT IN: those are hashed whatever number of ids the planner guesses.
function changeGroup(removed: string): string {
  return `
WITH locked AS MATERIALIZED (
    SELECT ${GROUP_COLUMNS}, g.target_id FROM bridge.groups g
     WHERE g.id = $1::uuid AND ${livesIn('g', '$2')} FOR NO KEY UPDATE
), known AS MATERIALIZED (
    SELECT u.id FROM locked, bridge.users u
     WHERE u.id = ANY($3::uuid[]) AND ${livesIn('u', '$2')}
     ORDER BY u.id FOR KEY SHARE OF u
), unknown AS MATERIALIZED (
    SELECT unnest($3::uuid[]) AS id EXCEPT SELECT id FROM known
), allowed AS MATERIALIZED (
    SELECT * FROM locked WHERE NOT EXISTS (SELECT FROM unknown)
), removed AS (
    DELETE FROM bridge.memberships m USING allowed a WHERE m.group_id = a.id AND ${removed} RETURNING m.user_id
), added AS (
    INSERT INTO bridge.memberships (group_id, user_id)
    SELECT a.id, w.id FROM allowed a, unnest($4::uuid[]) AS w(id) ON CONFLICT DO NOTHING RETURNING user_id
), counted AS MATERIALIZED (
    SELECT (SELECT count(*) FROM added) AS gained, (SELECT count(*) FROM removed) AS lost
), changed AS (
    UPDATE bridge.groups g SET
        version = g.version + 1, modified_at = ${NOW},
        display_name = CASE WHEN $6::boolean THEN $8::text ELSE g.display_name END,
        display_name_key = CASE WHEN $6::boolean THEN $9::text ELSE g.display_name_key END,
        external_id = CASE WHEN $6::boolean THEN $10::text ELSE g.external_id END,
        document = CASE WHEN $6::boolean THEN $11::jsonb ELSE g.document END,
        search = CASE WHEN $6::boolean THEN $12::jsonb ELSE g.search END,
        settings = CASE WHEN $6::boolean THEN $13::jsonb ELSE g.settings END
      FROM allowed a, counted c WHERE g.id = a.id AND ($6::boolean OR c.gained + c.lost > 0)
    RETURNING g.id, g.version, g.modified_at
), marked AS (
    UPDATE bridge.targets t SET ${dirtyMark('c.lost > 0')}
      FROM allowed a, counted c
     WHERE t.id = a.target_id AND ($7::boolean OR c.gained + c.lost > 0 OR t.failed_version = t.desired)
    RETURNING t.desired, t.urgent, ${WAS_PUT_OFF} AS put_off
), outcome AS MATERIALIZED (
    SELECT a.id, a.connection_id, a.display_name, a.external_id, a.document, a.settings, a.created_at, a.target_id,
           coalesce(h.version, a.version) AS version, coalesce(h.modified_at, a.modified_at) AS modified_at,
           h.id IS NOT NULL AS changed, c.gained, c.lost,
           coalesce(m.desired, t.desired) AS desired, m.desired IS NOT NULL AS marked,
           coalesce(m.urgent, false) AS urgent, coalesce(m.put_off, false) AS put_off
      FROM allowed a CROSS JOIN counted c JOIN bridge.targets t ON t.id = a.target_id
           LEFT JOIN changed h ON true LEFT JOIN marked m ON true
), history AS (
    INSERT INTO bridge.journal_memberships (connection_id, group_id, user_id, change, source, version, request_id)
    SELECT $2::uuid, $1::uuid, x.user_id, x.change, $14::text, o.desired, $5::text
      FROM outcome o, (SELECT user_id, 'removed' AS change FROM removed UNION ALL SELECT user_id, 'added' FROM added) x
), journaled AS (${journalInsert(15, {
    from: '(SELECT * FROM outcome WHERE changed) o',
    version: 'o.desired',
    targetId: 'o.target_id',
    facts: `jsonb_build_object('added', o.gained, 'removed', o.lost)`,
  })})
SELECT o.*, NULL::uuid[] AS unknown FROM outcome o
UNION ALL
SELECT l.id, l.connection_id, l.display_name, l.external_id, l.document, l.settings, l.created_at, l.target_id, l.version, l.modified_at,
       false, 0, 0, 0, false, false, false, (SELECT array_agg(id) FROM unknown)
  FROM locked l WHERE EXISTS (SELECT FROM unknown)`;
}

/**
 * Changes members and document of a group in one statement: $1 id, $2 connection, $3 users named, $4 ids to add, $5 request, $6
 * whether the state changes, $7 whether Coder can see that, $8.. columns, $14 source, $15.. journal, $25 the id to remove (loss) or the ids (delta).
 * No row: no such group. A row with `unknown`: those are no users, and nothing was changed.
 */
export const CHANGE_GROUP: Readonly<Record<MemberChange['kind'], { name: string; text: string }>> = {
  gains: { name: 'directory.change-group-gains', text: changeGroup('false') },
  loss: { name: 'directory.change-group-loss', text: changeGroup('m.user_id = $25::uuid') },
  delta: { name: 'directory.change-group-delta', text: changeGroup('m.user_id = ANY($25::uuid[])') },
  exact: {
    name: 'directory.change-group-exact',
    text: changeGroup('m.user_id NOT IN (SELECT unnest($4::uuid[]))'),
  },
};

/** $1 id, $2 connection, $3 source, $4 request, $5.. journal. The group is locked. */
export const REMOVE_GROUP = {
  name: 'directory.remove-group',
  text: `
WITH gone AS (
    UPDATE bridge.groups g SET deleted_at = now(), modified_at = ${NOW}, version = g.version + 1
     WHERE g.id = $1::uuid AND ${livesIn('g', '$2')}
    RETURNING g.id, g.target_id
), lost AS (
    DELETE FROM bridge.memberships m USING gone WHERE m.group_id = gone.id RETURNING m.user_id
), marked AS (
    UPDATE bridge.targets t SET ${dirtyMark('true')} FROM gone WHERE t.id = gone.target_id
    RETURNING t.id, t.desired, ${WAS_PUT_OFF} AS put_off
), history AS (
    INSERT INTO bridge.journal_memberships (connection_id, group_id, user_id, change, source, version, request_id)
    SELECT $2::uuid, $1::uuid, lost.user_id, 'removed', $3::text, marked.desired, $4::text FROM lost, marked
), journaled AS (${journalInsert(5, {
    from: 'marked',
    version: 'marked.desired',
    targetId: 'marked.id',
    facts: `jsonb_build_object('removed', (SELECT count(*) FROM lost))`,
  })})
SELECT id, desired, put_off FROM marked`,
};

/** SQL: the members of a group as JSON, from the memberships to each user by its id. */
export function membersOf(group: string): string {
  return `(
    SELECT coalesce(json_agg(json_build_object('id', u.id, 'userName', u.user_name) ORDER BY u.id), '[]')
      FROM bridge.memberships m CROSS JOIN LATERAL (
        SELECT o.id, o.user_name FROM bridge.users o WHERE o.id = m.user_id AND ${isAlive('o')} OFFSET 0) u
     WHERE m.group_id = ${group}.id)`;
}
