import { fastify } from 'fastify';
import pg from 'pg';

import { newId } from '../src/common/index.js';

/**
 * The floor: what Fastify and node-postgres take for one statement and nothing else. No token, no validation, no
 * schemas, no filter grammar, no dialects, no queue, no metrics. It is sent the same bytes as the bridge. A push stores the bare
 * row; with `equivalent` as the second argument its one statement is equivalent to a push of the bridge: the row, the mark of
 * pending work, and the journal's entries, in plain tables with as few indexes as can be.
 */
const TYPE = 'application/scim+json;charset=utf-8';
/** As many connections as the bridge's own pool has. */
const POOL = 10;

interface User {
  readonly id: string;
  readonly document: Record<string, unknown>;
}

interface PatchOp {
  readonly Operations: readonly [{ readonly value: readonly [{ readonly value: string }] }];
}

const INSERT = {
  name: 'insert',
  text: `INSERT INTO floor.users (id, user_name_key, document) VALUES ($1, $2, $3)
         RETURNING id, document`,
};
const BY_ID = { name: 'by-id', text: 'SELECT id, document FROM floor.users WHERE id = $1' };
const BY_NAME = { name: 'by-name', text: 'SELECT id, document FROM floor.users WHERE user_name_key = $1' };
const ADD = {
  name: 'add',
  text: 'INSERT INTO floor.memberships (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
};

const CREATE = {
  name: 'create',
  text: `
WITH target AS (INSERT INTO floor.targets (id, kind) VALUES ($1, 'user') RETURNING desired), created AS (
  INSERT INTO floor.users (id, user_name_key, document) SELECT $1, $2, $3 FROM target RETURNING id, document
), journaled AS (
  INSERT INTO floor.journal (target_id, action, version, facts, personal)
  SELECT $1, 'user.created', desired, '{"active": true}', jsonb_build_object('userName', $2::text) FROM target
)
SELECT id, document FROM created`,
};
const JOIN = {
  name: 'join',
  text: `
WITH added AS (
  INSERT INTO floor.memberships (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING user_id
), changed AS (
  UPDATE floor.groups SET version = version + 1, modified_at = now() WHERE id = $1 AND EXISTS (SELECT FROM added)
), marked AS (
  UPDATE floor.targets SET desired = desired + 1, pushed_at = now() WHERE id = $1 AND EXISTS (SELECT FROM added)
  RETURNING desired
), history AS (
  INSERT INTO floor.journal_memberships (group_id, user_id, change, version)
  SELECT $1, user_id, 'added', desired FROM added, marked
)
INSERT INTO floor.journal (target_id, action, version, facts)
SELECT $1, 'group.members', desired, '{"added": 1}' FROM marked`,
};

const equivalent = process.argv[3] === 'equivalent';
const pool = new pg.Pool({ connectionString: process.argv[2], max: POOL });
const app = fastify();
app.addContentTypeParser(
  'application/scim+json',
  { parseAs: 'string' },
  app.getDefaultJsonParser('error', 'error'),
);

const shown = ({ id, document }: User): Record<string, unknown> => ({ ...document, id });

app.post('/scim/v2/Users', async (request, reply) => {
  const document = request.body as { userName: string };
  const values = [newId(), document.userName.toLowerCase(), JSON.stringify(document)];
  const { rows } = await pool.query<User>({ ...(equivalent ? CREATE : INSERT), values });
  return reply.code(201).header('content-type', TYPE).send(shown(rows[0]!));
});

app.get<{ Params: { id: string } }>('/scim/v2/Users/:id', async (request, reply) => {
  const { rows } = await pool.query<User>({ ...BY_ID, values: [request.params.id] });
  return reply.header('content-type', TYPE).send(shown(rows[0]!));
});

app.get<{ Querystring: { filter: string } }>('/scim/v2/Users', async (request, reply) => {
  // The filter is always `userName eq "..."`.
  const name = request.query.filter.slice('userName eq "'.length, -1);
  const { rows } = await pool.query<User>({ ...BY_NAME, values: [name.toLowerCase()] });
  return reply.header('content-type', TYPE).send({ totalResults: rows.length, Resources: rows.map(shown) });
});

app.patch<{ Params: { id: string } }>('/scim/v2/Groups/:id', async (request, reply) => {
  const { Operations } = request.body as PatchOp;
  await pool.query({
    ...(equivalent ? JOIN : ADD),
    values: [request.params.id, Operations[0].value[0].value],
  });
  return reply.code(204).send();
});

const stop = (): void =>
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.exit(0));
process.on('message', stop);
process.on('disconnect', stop);
process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
