import { journalInsert } from '../../journal/index.js';
import { dirtyMark, WAS_PUT_OFF } from '../push/dirty-mark.js';
import { livesIn, NOW } from '../push/sql.js';
import { GROUP_COLUMNS } from './rows.js';

/**
 * What most pushes to a group are: members are added and nothing else changes. Does and answers the same as the general
 * statement, in fewer steps: $1 id, $2 connection, $3 ids to add (each once), $4 source, $5 request, $6.. journal.
 */
export const ADD_MEMBERS = {
  name: 'directory.add-members',
  text: `
WITH locked AS MATERIALIZED (
    SELECT ${GROUP_COLUMNS}, g.target_id FROM bridge.groups g
     WHERE g.id = $1::uuid AND ${livesIn('g', '$2')} FOR NO KEY UPDATE
), known AS MATERIALIZED (
    SELECT u.id FROM locked, bridge.users u
     WHERE u.id = ANY($3::uuid[]) AND ${livesIn('u', '$2')}
     ORDER BY u.id FOR KEY SHARE OF u
), allowed AS MATERIALIZED (
    SELECT id, target_id FROM locked WHERE (SELECT count(*) FROM known) = cardinality($3::uuid[])
), added AS (
    INSERT INTO bridge.memberships (group_id, user_id)
    SELECT a.id, k.id FROM allowed a, known k ON CONFLICT DO NOTHING RETURNING user_id
), counted AS MATERIALIZED (
    SELECT count(*) AS gained FROM added
), changed AS (
    UPDATE bridge.groups g SET version = g.version + 1, modified_at = ${NOW}
      FROM counted c WHERE g.id = $1::uuid AND c.gained > 0
    RETURNING g.version, g.modified_at
), marked AS (
    UPDATE bridge.targets t SET ${dirtyMark('false')}
      FROM allowed a, counted c
     WHERE t.id = a.target_id AND (c.gained > 0 OR t.failed_version = t.desired)
    RETURNING t.id, t.desired, t.urgent, ${WAS_PUT_OFF} AS put_off
), history AS (
    INSERT INTO bridge.journal_memberships (connection_id, group_id, user_id, change, source, version, request_id)
    SELECT $2::uuid, $1::uuid, added.user_id, 'added', $4::text, m.desired, $5::text FROM marked m, added
), journaled AS (${journalInsert(6, {
    from: '(SELECT m.id, m.desired, c.gained FROM marked m, counted c WHERE c.gained > 0) o',
    version: 'o.desired',
    targetId: 'o.id',
    facts: `jsonb_build_object('added', o.gained, 'removed', 0)`,
  })})
SELECT l.id, l.connection_id, l.display_name, l.external_id, l.document, l.settings, l.created_at, l.target_id,
       coalesce(h.version, l.version) AS version, coalesce(h.modified_at, l.modified_at) AS modified_at,
       h.version IS NOT NULL AS changed, c.gained, 0 AS lost,
       coalesce(m.desired, (SELECT t.desired FROM bridge.targets t WHERE t.id = l.target_id)) AS desired,
       m.desired IS NOT NULL AS marked, coalesce(m.urgent, false) AS urgent, coalesce(m.put_off, false) AS put_off,
       CASE WHEN NOT EXISTS (SELECT FROM allowed)
            THEN ARRAY(SELECT unnest($3::uuid[]) EXCEPT SELECT id FROM known) END AS unknown
  FROM locked l CROSS JOIN counted c LEFT JOIN changed h ON true LEFT JOIN marked m ON true`,
};
