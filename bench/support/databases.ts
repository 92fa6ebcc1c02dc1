import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

import type { TestPostgres } from '../../test/support/postgres.js';
import { ENV, TOKENS } from './bridge.js';
import { startChild } from './children.js';
import type { Child } from './children.js';
import { Idp } from './idp.js';
import { groupBody, userBody } from './people.js';

/** Both databases have as many groups; each user is in one of them. */
export const GROUPS = 50;

/** A user's key by its number: 0 is the one whom the others are copied from. */
export const keyOf = (n: number): string => `person-${n}`;

/** A database with the bridge's tables and the floor's, holding the same people, and a server of each kind on it. */
export interface Side {
  readonly label: string;
  readonly database: pg.Client;
  readonly bridge: Child;
  readonly floor: Child;
  /** The floor whose pushes store as much as the bridge's. */
  readonly equivalent: Child;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** The last journal entry before the rounds. */
  readonly lastEntry: string;
}

/** Makes a database of so many users and starts both servers on it. */
export async function openSide(
  postgres: TestPostgres,
  label: string,
  size: number,
  options: { readonly redisUrl: string | undefined; readonly profile: string | undefined },
): Promise<Side> {
  const name = `bridge_${size}`;
  await asSuperuser(postgres.url, (client) => client.query(`CREATE DATABASE ${name}`));
  const { redisUrl, profile } = options;
  const url = postgres.url.replace(/[^/]+$/, name);
  const env = {
    ...ENV,
    DATABASE_URL: url,
    BRIDGE_ROLES: 'api',
    CODER_URL: 'http://127.0.0.1:9',
    CODER_SESSION_TOKEN: 'none',
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  const bridge = await startChild('bridge-program', { env, profile });
  const groups = await seed(bridge.url);
  const database = new pg.Client(url);
  await database.connect();
  const users = await multiply(database, size);
  const { rows } = await database.query<{ last: string }>('SELECT max(id) AS last FROM bridge.journal');
  const floor = await startChild('floor-program', { args: [url] });
  const equivalent = await startChild('floor-program', { args: [url, 'equivalent'] });
  return { label, database, bridge, floor, equivalent, users, groups, lastEntry: rows[0]?.last ?? '0' };
}

export async function closeSide({ bridge, floor, equivalent, database }: Side): Promise<void> {
  await bridge.stop();
  await floor.stop();
  await equivalent.stop();
  await database.end();
}

const SETTINGS = [
  'autovacuum = off',
  `checkpoint_timeout = '1h'`,
  `max_wal_size = '16GB'`,
  `min_wal_size = '8GB'`,
];

/** Files of the write-ahead log that are there from the beginning, 16 MB each. */
const LOG_FILES = 150;

/** Steady conditions: nothing runs in the background but what the benchmark itself asks for. */
export async function steady(postgres: TestPostgres): Promise<void> {
  await asSuperuser(postgres.url, async (client) => {
    for (const setting of SETTINGS) await client.query(`ALTER SYSTEM SET ${setting}`);
    await client.query('SELECT pg_reload_conf()');
    // A server that has run for a while writes over old files of its log; a new one makes each, and everybody waits for it.
    for (let n = 0; n < LOG_FILES; n++) {
      await client.query(`SELECT pg_logical_emit_message(false, 'benchmark', '')`);
      await client.query('SELECT pg_switch_wal()');
    }
    await client.query('CHECKPOINT');
  });
}

async function asSuperuser(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** One user and the groups, pushed: what is copied has the very shape that the bridge writes. */
async function seed(url: string): Promise<string[]> {
  const idp = new Idp(url, TOKENS);
  await idp.create('Users', userBody(keyOf(0)));
  const groups: string[] = [];
  for (let n = 0; n < GROUPS; n++) groups.push(await idp.create('Groups', groupBody(`Group ${n}`, [])));
  await idp.close();
  return groups;
}

/** SQL: an id like UUIDv7 in the order of `n`, and the others as different as random ones. */
const ID = `(lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid`;
const OWN = (column: string): string => `replace(${column}::text, '${keyOf(0)}', 'person-' || n)`;

const MULTIPLY = `
CREATE TEMP TABLE copies AS
SELECT n, ${ID} AS id FROM generate_series(1, $SIZE - 1) n;
BEGIN;
INSERT INTO bridge.targets (id, kind, connection_id, applied, coder_id, coder_name, origin, linked_at)
SELECT c.id, 'user', t.connection_id, 1, gen_random_uuid(), 'person-' || n, 'created', now()
  FROM copies c, bridge.targets t WHERE t.kind = 'user' ORDER BY n;
INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, external_id, email, email_key, full_name, active, document, search)
SELECT c.id, u.connection_id, ${OWN('user_name')}, ${OWN('user_name_key')}, ${OWN('external_id')}, ${OWN('email')},
       ${OWN('email_key')}, ${OWN('full_name')}, active, ${OWN('document')}::jsonb, ${OWN('search')}::jsonb
  FROM copies c, bridge.users u ORDER BY n;
INSERT INTO bridge.journal (connection_id, target_kind, target_id, source, action, version, request_id, facts, personal, personal_digest)
SELECT j.connection_id, 'user', c.id, j.source, j.action, 1, j.request_id, j.facts, ${OWN('personal')}::jsonb, j.personal_digest
  FROM copies c, bridge.journal j WHERE j.action = 'user.created' ORDER BY n;
INSERT INTO bridge.memberships (group_id, user_id)
SELECT g.id, u.id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM bridge.users) u
  JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM bridge.groups) g ON g.n = u.n % ${GROUPS};
COMMIT;
CREATE SCHEMA floor;
CREATE TABLE floor.users (id uuid PRIMARY KEY, user_name_key text COLLATE "C" NOT NULL UNIQUE, document jsonb NOT NULL);
CREATE TABLE floor.groups (id uuid PRIMARY KEY, version bigint NOT NULL DEFAULT 1, modified_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE floor.targets (
  id uuid PRIMARY KEY, kind text NOT NULL, desired bigint NOT NULL DEFAULT 1, applied bigint NOT NULL DEFAULT 0,
  pushed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE floor.journal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), target_id uuid NOT NULL,
  action text NOT NULL, version bigint NOT NULL, facts jsonb NOT NULL, personal jsonb
);
CREATE TABLE floor.journal_memberships (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), group_id uuid NOT NULL,
  user_id uuid NOT NULL, change text NOT NULL, version bigint NOT NULL
);
CREATE TABLE floor.memberships (
  group_id uuid REFERENCES floor.groups, user_id uuid REFERENCES floor.users, PRIMARY KEY (group_id, user_id)
);
CREATE INDEX ON floor.memberships (user_id, group_id);
INSERT INTO floor.users SELECT id, user_name_key, document FROM bridge.users ORDER BY id;
INSERT INTO floor.groups SELECT id FROM bridge.groups;
INSERT INTO floor.targets SELECT id, 'user' FROM floor.users;
INSERT INTO floor.targets SELECT id, 'group' FROM floor.groups;
INSERT INTO floor.memberships SELECT group_id, user_id FROM bridge.memberships;
VACUUM (ANALYZE);
CHECKPOINT;
`;

/** Copies the one user so often, by SQL, and everything of it to the floor's tables. @returns the ids of all, by number */
async function multiply(database: pg.Client, size: number): Promise<string[]> {
  // One by one: VACUUM runs alone.
  for (const statement of MULTIPLY.split(';\n')) {
    if (statement.trim()) await database.query(statement.replace('$SIZE', `${size}`));
  }
  const { rows } = await database.query<{ id: string }>(
    `SELECT id FROM bridge.users ORDER BY substring(user_name_key FROM '[0-9]+')::int`,
  );
  return rows.map(({ id }) => id);
}

/** How long a bridge may go on telling its queue of what was pushed to it, milliseconds. */
const AFTER_PUSHES_MS = 2_000;

/** Waits until a flood of pushes is in the queue as well: that work is the bridge's own, and takes nobody else's turn. */
export async function afterPushes(): Promise<void> {
  await sleep(AFTER_PUSHES_MS);
}

/** Key of the users that rounds create; none of the copies begins so. */
export const NEW = 'newcomer';

const CLEAN = [
  'TRUNCATE bridge.journal_memberships',
  `WITH gone AS (DELETE FROM bridge.users WHERE user_name_key LIKE '${NEW}-%' RETURNING id)
   DELETE FROM bridge.targets t USING gone WHERE t.id = gone.id`,
  `DELETE FROM bridge.memberships m USING bridge.groups g
    WHERE g.id = m.group_id AND m.added_at > (SELECT min(added_at) FROM bridge.memberships)`,
  `WITH gone AS (DELETE FROM floor.users WHERE user_name_key LIKE '${NEW}-%' RETURNING id)
   DELETE FROM floor.targets t USING gone WHERE t.id = gone.id`,
  'TRUNCATE floor.journal, floor.journal_memberships',
  `DELETE FROM floor.memberships f WHERE NOT EXISTS (
     SELECT FROM bridge.memberships m WHERE m.group_id = f.group_id AND m.user_id = f.user_id)`,
  'VACUUM (ANALYZE) bridge.users, bridge.targets, bridge.groups, bridge.memberships, bridge.journal, floor.users, floor.targets, floor.groups, floor.memberships',
];

/** Takes away what a round made, so that the next one finds the same database. */
export async function clean({ database, lastEntry }: Side): Promise<void> {
  await database.query('DELETE FROM bridge.journal WHERE id > $1', [lastEntry]);
  for (const statement of CLEAN) await database.query(statement);
}
