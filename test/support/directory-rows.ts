import type { TargetKind } from '../../src/common/index.js';
import { fold, newId } from '../../src/common/index.js';
import type { Database, Queryable } from '../../src/database/index.js';
import { memoryEngine } from './database.js';

/** The embedded engine in memory with the schema, gone with the process. */
export async function databaseInMemory(): Promise<Database> {
  return (await memoryEngine()).database;
}

/** Empties the directory, so that one database serves all tests of a file. */
export async function emptyDirectory(database: Queryable): Promise<void> {
  await database.query(
    `TRUNCATE bridge.connections, bridge.targets, bridge.owned_facts, bridge.users, bridge.groups, bridge.memberships,
       bridge.journal, bridge.journal_memberships, bridge.locks, bridge.workers CASCADE`,
  );
}

/** Columns of bridge.targets that a test sets; SQL's defaults for the others. */
export type TargetColumns = Readonly<Record<string, unknown>>;

export async function insertConnection(database: Queryable, name = newId()): Promise<string> {
  const id = newId();
  await database.query('INSERT INTO bridge.connections (id, name) VALUES ($1, $2)', [id, name]);
  return id;
}

export async function insertTarget(
  database: Queryable,
  connectionId: string,
  kind: TargetKind,
  columns: TargetColumns = {},
): Promise<string> {
  const row: Record<string, unknown> = { id: newId(), kind, connection_id: connectionId, ...columns };
  await insert(database, 'targets', row);
  return String(row['id']);
}

export interface UserRow {
  readonly userName?: string;
  readonly email?: string | null;
  readonly active?: boolean;
  readonly deleted?: boolean;
  readonly target?: TargetColumns;
  /** Organizations whose membership is owned. */
  readonly organizations?: readonly string[];
}

/** A user with its target, as a push would leave it. */
export async function insertUser(
  database: Database,
  connectionId: string,
  user: UserRow = {},
): Promise<string> {
  const id = newId();
  const userName = user.userName ?? `user-${id}`;
  const email = user.email === undefined ? `${userName}@example.com` : user.email;
  await database.transaction(async (tx) => {
    await insertTarget(tx, connectionId, 'user', { id, ...user.target });
    await insert(tx, 'users', {
      id,
      connection_id: connectionId,
      user_name: userName,
      user_name_key: fold(userName),
      email,
      email_key: email === null ? null : fold(email),
      full_name: 'A Name',
      active: user.active ?? true,
      document: {},
      deleted_at: user.deleted ? new Date() : null,
    });
  });
  for (const organization of user.organizations ?? [])
    await insertFact(database, id, 'organization', organization);
  return id;
}

export interface GroupRow {
  readonly displayName?: string;
  readonly deleted?: boolean;
  /** Ids of users. */
  readonly members?: readonly string[];
  /** An existing target that this group feeds; none: a new one. */
  readonly targetId?: string;
  readonly target?: TargetColumns;
}

/** A group, with a target of its own unless it feeds another. Answers the ids of both. */
export async function insertGroup(
  database: Database,
  connectionId: string,
  group: GroupRow = {},
): Promise<{ id: string; targetId: string }> {
  const id = newId();
  const displayName = group.displayName ?? `group ${id}`;
  const targetId = group.targetId ?? (await insertTarget(database, connectionId, 'group', group.target));
  await insert(database, 'groups', {
    id,
    connection_id: connectionId,
    target_id: targetId,
    display_name: displayName,
    display_name_key: fold(displayName),
    document: {},
    deleted_at: group.deleted ? new Date() : null,
  });
  for (const user of group.members ?? []) await insertMembership(database, id, user);
  return { id, targetId };
}

export async function insertMembership(database: Queryable, groupId: string, userId: string): Promise<void> {
  await insert(database, 'memberships', { group_id: groupId, user_id: userId });
}

export async function insertFact(
  database: Queryable,
  targetId: string,
  kind: 'organization' | 'member',
  value: string,
): Promise<void> {
  await insert(database, 'owned_facts', { target_id: targetId, kind, value });
}

/** The target's row, with its columns' names. */
export async function targetRow(database: Queryable, id: string): Promise<Record<string, unknown>> {
  const [row] = await database.query<Record<string, unknown>>('SELECT * FROM bridge.targets WHERE id = $1', [
    id,
  ]);
  if (!row) throw new Error(`no target ${id}`);
  return row;
}

/** The journal's entries about a target, oldest first. */
export function journalOf(database: Queryable, targetId: string): Promise<Record<string, unknown>[]> {
  return database.query('SELECT * FROM bridge.journal WHERE target_id = $1 ORDER BY id', [targetId]);
}

async function insert(
  database: Queryable,
  table: string,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  await database.query(
    `INSERT INTO bridge.${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`,
    Object.values(row),
  );
}
