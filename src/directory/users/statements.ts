import { documentText, fold } from '../../common/index.js';
import { journalInsert } from '../../journal/index.js';
import type { UserState } from '../model.js';
import { dirtyMark, WAS_PUT_OFF } from '../push/dirty-mark.js';
import { isAlive, livesIn, NOW } from '../push/sql.js';
import { hasTombstone } from '../push/succession.js';
import { searchShadow } from '../state/shadow.js';
import { USER_COLUMNS } from './rows.js';

/** The columns of a state, in the order of the statements below: ten. */
export function userColumns(state: UserState): unknown[] {
  return [
    state.userName,
    fold(state.userName),
    state.externalId,
    state.email,
    state.email === null ? null : fold(state.email),
    state.fullName,
    state.active,
    documentText(state.document),
    JSON.stringify(searchShadow(state.document)),
    state.access ? JSON.stringify(state.access) : null,
  ];
}

const TOMBSTONE_KEYS = {
  connectionId: '$2::uuid',
  nameKey: '$5::text',
  externalId: '$6::text',
  emailKey: '$8::text',
};

/**
 * $1 id, $2 connection, $3 whether tombstones were seen to, $4.. columns, $14.. journal. One statement: target, user and
 * journal entry. No row: there are tombstones to see to first.
 */
export const CREATE_USER = {
  name: 'directory.create-user',
  text: `
WITH target AS (
    INSERT INTO bridge.targets (id, kind, connection_id)
    SELECT $1::uuid, 'user', $2::uuid
     WHERE $3::boolean OR NOT (${hasTombstone('user', TOMBSTONE_KEYS)})
    RETURNING desired
), created AS (
    INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, external_id, email, email_key, full_name, active,
                              document, search, access, created_at, modified_at)
    SELECT $1::uuid, $2::uuid, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::boolean,
           $11::jsonb, $12::jsonb, $13::jsonb, ${NOW}, ${NOW} FROM target
    RETURNING version, created_at, modified_at
), journaled AS (${journalInsert(14, { from: 'target', version: 'target.desired' })})
SELECT created.version, created.created_at, created.modified_at, target.desired FROM created, target`,
};

function readForChange(lock: string): string {
  return `
SELECT ${USER_COLUMNS}, t.desired, coalesce(t.failed_version = t.desired, false) AS failed
  FROM bridge.users u JOIN bridge.targets t ON t.id = u.id
 WHERE u.id = $1::uuid AND ${livesIn('u', '$2')} ${lock}`;
}

export const READ_USER = { name: 'directory.read-user', text: readForChange('') };
/** Not FOR UPDATE: groups that gain the user need not wait for a change of its name. */
export const LOCK_USER = { name: 'directory.lock-user', text: readForChange('FOR NO KEY UPDATE OF u') };

/**
 * $1 id, $2 connection, $3 expected version, $4.. columns, $14 whether Coder can see the change, $15 whether access is
 * lost, $16.. journal. One statement: user, target and journal entry. No row: the user is not at that version.
 *
 * @param claimed SQL: whether it is still claims alone that state the user
 */
function changeUser(claimed: 'false' | 'u.claimed'): string {
  return `
WITH changed AS (
    UPDATE bridge.users u SET
        user_name = $4::text, user_name_key = $5::text, external_id = $6::text, email = $7::text, email_key = $8::text,
        full_name = $9::text, active = $10::boolean, document = $11::jsonb, search = $12::jsonb, access = $13::jsonb,
        claimed = ${claimed}, version = u.version + 1, modified_at = ${NOW}
     WHERE u.id = $1::uuid AND ${livesIn('u', '$2')} AND u.version = $3::bigint
    RETURNING u.id, u.version, u.modified_at
), marked AS (
    UPDATE bridge.targets t SET ${dirtyMark('$15::boolean')}
      FROM changed c WHERE t.id = c.id AND ($14::boolean OR t.failed_version = t.desired)
    RETURNING t.desired, t.urgent, ${WAS_PUT_OFF} AS put_off
), now AS (
    SELECT c.version, c.modified_at, coalesce(m.desired, t.desired) AS desired, m.desired IS NOT NULL AS marked,
           coalesce(m.urgent, false) AS urgent, coalesce(m.put_off, false) AS put_off
      FROM changed c JOIN bridge.targets t ON t.id = c.id LEFT JOIN marked m ON true
), journaled AS (${journalInsert(16, { from: 'now', version: 'now.desired' })})
SELECT * FROM now`;
}

export const CHANGE_USER = { name: 'directory.change-user', text: changeUser('false') };
/** As {@link CHANGE_USER}, not by SCIM. */
export const CHANGE_CLAIMED_USER = { name: 'directory.change-claimed-user', text: changeUser('u.claimed') };

/** The groups of a user are locked before the user, as member operations do, and in the order of their ids. */
export const LOCK_GROUPS_OF_USER = {
  name: 'directory.lock-groups-of-user',
  text: `
SELECT g.id FROM bridge.groups g
 WHERE g.id = ANY(ARRAY(SELECT m.group_id FROM bridge.memberships m WHERE m.user_id = $1::uuid))
   AND ${livesIn('g', '$2')} ORDER BY g.id FOR NO KEY UPDATE`,
};

/** FOR UPDATE: whoever is about to make the user a member (FOR KEY SHARE) waits, and then finds it deleted. */
export const LOCK_USER_TO_REMOVE = {
  name: 'directory.lock-user-to-remove',
  text: `
SELECT u.user_name, u.email, u.version FROM bridge.users u
 WHERE u.id = $1::uuid AND ${livesIn('u', '$2')} FOR UPDATE`,
};

/** $1 id, $2 connection, $3 source, $4 request, $5.. journal. The user's own target is the row of kind `user`. */
export const REMOVE_USER = {
  name: 'directory.remove-user',
  text: `
WITH gone AS (
    UPDATE bridge.users u SET deleted_at = now(), modified_at = ${NOW}, version = u.version + 1
     WHERE u.id = $1::uuid AND ${livesIn('u', '$2')}
    RETURNING u.id
), lost AS (
    DELETE FROM bridge.memberships m USING gone WHERE m.user_id = gone.id RETURNING m.group_id
), shrunk AS (
    UPDATE bridge.groups g SET version = g.version + 1, modified_at = ${NOW}
      FROM lost WHERE g.id = lost.group_id AND g.deleted_at IS NULL
    RETURNING g.id, g.target_id
), marked AS (
    UPDATE bridge.targets t SET ${dirtyMark('true')}
      FROM (SELECT id FROM gone UNION SELECT target_id FROM shrunk) dirty WHERE t.id = dirty.id
    RETURNING t.id, t.kind, t.desired, ${WAS_PUT_OFF} AS put_off
), history AS (
    INSERT INTO bridge.journal_memberships (connection_id, group_id, user_id, change, source, version, request_id)
    SELECT $2::uuid, s.id, $1::uuid, 'removed', $3::text, m.desired, $4::text
      FROM shrunk s JOIN marked m ON m.id = s.target_id
), journaled AS (${journalInsert(5, {
    from: `(SELECT desired FROM marked WHERE kind = 'user') own`,
    version: 'own.desired',
    facts: `jsonb_build_object('groups', (SELECT count(*) FROM shrunk))`,
  })})
SELECT id, kind, desired, put_off FROM marked`,
};

/**
 * SQL: the groups of a user as JSON. From the memberships to each group by its id (OFFSET keeps it so), whatever the planner
 * thinks of the size of the tables: it may know no more of it than when they were empty.
 */
export function groupsOf(user: string): string {
  return `(
    SELECT coalesce(json_agg(json_build_object('id', g.id, 'displayName', g.display_name) ORDER BY g.id), '[]')
      FROM bridge.memberships m CROSS JOIN LATERAL (
        SELECT o.id, o.display_name FROM bridge.groups o WHERE o.id = m.group_id AND ${isAlive('o')} OFFSET 0) g
     WHERE m.user_id = ${user}.id)`;
}
