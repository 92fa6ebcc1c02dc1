import type { Database } from '../../database/index.js';
import { JOURNAL_RECORD, journalEntry, journalRecord, journalRecordsInsert } from '../../journal/index.js';
import type { PushContext } from '../model.js';
import { dirtyMark, WAS_PUT_OFF } from '../push/dirty-mark.js';
import { queryOnceMore } from '../push/once-more.js';
import { isAlive, livesIn, NOW } from '../push/sql.js';
import { Together } from '../push/together.js';
import { ADD_MEMBERS } from './add-members.js';
import { GROUP_COLUMNS } from './rows.js';
import type { ChangedGroup } from './rows.js';

/** Members that a group is to gain. */
export interface Gain {
  readonly context: PushContext;
  /** In lower case, as the database tells it. */
  readonly id: string;
  /** Ids of users, each once. */
  readonly add: readonly string[];
}

/**
 * $1 JSON: an array of gains, each group once, with the columns of a journal record. Does for all of them what ADD_MEMBERS does for
 * one: groups are locked in the order of their ids, and then users. No row for a gain of which a user or the group is
 * unknown: nothing was done of it.
 */
const ADD_MEMBERS_TO_GROUPS = {
  name: 'directory.add-members-to-groups',
  text: `
WITH pushed AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS p(
        group_id uuid, connection_id uuid, users uuid[], ${JOURNAL_RECORD})
), locked AS MATERIALIZED (
    SELECT ${GROUP_COLUMNS}, g.target_id FROM pushed p, bridge.groups g
     WHERE g.id = p.group_id AND ${livesIn('g', 'p.connection_id')}
     ORDER BY g.id FOR NO KEY UPDATE OF g
), known AS MATERIALIZED (
    SELECT u.id, u.connection_id FROM (SELECT count(*) FROM locked) l, bridge.users u
     WHERE u.id = ANY(ARRAY(SELECT DISTINCT unnest(p.users) FROM pushed p)) AND ${isAlive('u')}
     ORDER BY u.id FOR KEY SHARE OF u
), allowed AS MATERIALIZED (
    SELECT l.id, l.target_id, p.users, p.connection_id, p.j_source, p.j_action, p.j_request, p.j_facts, p.j_personal, p.j_digest
      FROM locked l JOIN pushed p ON p.group_id = l.id
     WHERE cardinality(p.users)
           = (SELECT count(*) FROM known k WHERE k.id = ANY(p.users) AND k.connection_id = p.connection_id)
), added AS (
    INSERT INTO bridge.memberships (group_id, user_id)
    SELECT a.id, unnest(a.users) FROM allowed a ON CONFLICT DO NOTHING RETURNING group_id, user_id
), counted AS MATERIALIZED (
    SELECT a.id, a.target_id, count(added.user_id) AS gained
      FROM allowed a LEFT JOIN added ON added.group_id = a.id GROUP BY a.id, a.target_id
), changed AS (
    UPDATE bridge.groups g SET version = g.version + 1, modified_at = ${NOW}
      FROM counted c WHERE g.id = c.id AND c.gained > 0
    RETURNING g.id, g.version, g.modified_at
), marked AS (
    UPDATE bridge.targets t SET ${dirtyMark('false')}
      FROM (SELECT target_id, max(gained) AS gained FROM counted GROUP BY target_id) c
     WHERE t.id = c.target_id AND (c.gained > 0 OR t.failed_version = t.desired)
    RETURNING t.id, t.desired, t.urgent, ${WAS_PUT_OFF} AS put_off
), history AS (
    INSERT INTO bridge.journal_memberships (connection_id, group_id, user_id, change, source, version, request_id)
    SELECT a.connection_id, a.id, added.user_id, 'added', a.j_source, m.desired, a.j_request
      FROM added JOIN allowed a ON a.id = added.group_id JOIN marked m ON m.id = a.target_id
), journaled AS (${journalRecordsInsert(
    'allowed a JOIN counted c ON c.id = a.id AND c.gained > 0 JOIN marked m ON m.id = a.target_id',
    {
      connectionId: 'a.connection_id',
      kind: `'group'`,
      targetId: 'a.target_id',
      version: 'm.desired',
      facts: `jsonb_build_object('added', c.gained, 'removed', 0)`,
    },
  )})
SELECT l.id, l.connection_id, l.display_name, l.external_id, l.document, l.settings, l.created_at, l.target_id,
       coalesce(h.version, l.version) AS version, coalesce(h.modified_at, l.modified_at) AS modified_at,
       h.version IS NOT NULL AS changed, c.gained, 0 AS lost,
       coalesce(m.desired, (SELECT t.desired FROM bridge.targets t WHERE t.id = l.target_id)) AS desired,
       m.desired IS NOT NULL AS marked, coalesce(m.urgent, false) AS urgent, coalesce(m.put_off, false) AS put_off,
       NULL AS unknown
  FROM locked l JOIN counted c ON c.id = l.id LEFT JOIN changed h ON h.id = l.id LEFT JOIN marked m ON m.id = l.target_id`,
};

/** Gains of groups: many that arrive together by one statement, and one alone by its own. Answers the row, or none for no such group. */
export function groupGains(database: Database): Together<Gain, readonly ChangedGroup[]> {
  return new Together({
    alone: (gain) => addMembers(database, gain),
    together: (gains) => addMembersToGroups(database, gains),
    key: ({ id }) => id,
  });
}

async function addMembers(database: Database, gain: Gain): Promise<readonly ChangedGroup[]> {
  const { context, id, add } = gain;
  const { connectionId, source, requestId } = context;
  const entry = journalEntry({ connectionId, target: { kind: 'group', id }, ...told(gain) });
  return queryOnceMore<ChangedGroup>(database, ADD_MEMBERS, [
    id,
    connectionId,
    add,
    source,
    requestId,
    ...entry,
  ]);
}

/** Null for each of which a user or the group is unknown. */
async function addMembersToGroups(
  database: Database,
  gains: readonly Gain[],
): Promise<(readonly ChangedGroup[] | null)[]> {
  const rows = await database.query<ChangedGroup>(ADD_MEMBERS_TO_GROUPS, [JSON.stringify(gains.map(record))]);
  const changed = new Map(rows.map((row) => [row.id, [row]]));
  return gains.map(({ id }) => changed.get(id) ?? null);
}

function record(gain: Gain): object {
  const { context, id, add } = gain;
  return {
    group_id: id,
    connection_id: context.connectionId,
    users: add,
    ...journalRecord(told(gain)),
  };
}

/** What the journal is told. */
function told({ context, id }: Gain) {
  const { source, requestId } = context;
  return { source, action: 'group.members', requestId, facts: { group: id } };
}
