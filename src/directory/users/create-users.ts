import { JOURNAL_RECORD, journalRecordsInsert } from '../../journal/index.js';
import { NOW } from '../push/sql.js';
import { hasTombstone } from '../push/succession.js';

const TOMBSTONE_KEYS = {
  connectionId: 'p.connection_id',
  nameKey: 'p.user_name_key COLLATE "C"',
  externalId: 'p.external_id COLLATE "C"',
  emailKey: 'p.email_key COLLATE "C"',
};

/**
 * $1 JSON: an array of the users to create, with the columns of bridge.users and those of a journal record. One statement: targets,
 * users and journal entries. No row for a user that has a tombstone to see to: nothing was done of him.
 */
export const CREATE_USERS = {
  name: 'directory.create-users',
  text: `
WITH pushed AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS p(
        id uuid, connection_id uuid, user_name text, user_name_key text, external_id text, email text, email_key text,
        full_name text, active boolean, document jsonb, search jsonb, access jsonb, ${JOURNAL_RECORD})
), target AS (
    INSERT INTO bridge.targets (id, kind, connection_id)
    SELECT p.id, 'user', p.connection_id FROM pushed p
     WHERE NOT (${hasTombstone('user', TOMBSTONE_KEYS)})
    RETURNING id, desired
), created AS (
    INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, external_id, email, email_key, full_name, active,
                              document, search, access, created_at, modified_at)
    SELECT p.id, p.connection_id, p.user_name, p.user_name_key, p.external_id, p.email, p.email_key, p.full_name, p.active,
           p.document, p.search, p.access, ${NOW}, ${NOW} FROM pushed p JOIN target t ON t.id = p.id
    RETURNING id, version, created_at, modified_at
), journaled AS (${journalRecordsInsert('pushed p JOIN target t ON t.id = p.id', {
    connectionId: 'p.connection_id',
    kind: `'user'`,
    targetId: 'p.id',
    version: 't.desired',
  })})
SELECT c.id, c.version, c.created_at, c.modified_at, t.desired FROM created c JOIN target t ON t.id = c.id`,
};
