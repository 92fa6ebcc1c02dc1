import { newId } from '../common/index.js';
import type { ConnectionConfig } from '../config/index.js';
import type { Database, Queryable } from '../database/index.js';

/** One IdP joined to one Coder deployment. */
export interface Connection {
  readonly id: string;
  /** Stands in the connection's URL. */
  readonly name: string;
}

/** A connection that the configuration names. */
export interface ServedConnection extends Connection {
  readonly config: ConnectionConfig;
}

/** A connection that the configuration names no more. Nobody reaches it, and all of it is kept. */
export interface RetiredConnection extends Connection {
  readonly users: number;
  readonly groups: number;
}

/** The connections of a bridge that runs. */
export class Connections {
  private readonly byName: ReadonlyMap<string, ServedConnection>;

  constructor(readonly served: readonly ServedConnection[]) {
    this.byName = new Map(served.map((connection) => [connection.name, connection]));
  }

  /** The connection of that name; without a name the first one, which is served at /scim/v2 too. */
  find(name?: string): ServedConnection | undefined {
    return name === undefined ? this.served[0] : this.byName.get(name);
  }
}

/**
 * Brings the configured connections into the database: missing ones are made, renamed ones get their name, and those
 * that are configured no more are marked. Nothing is ever deleted.
 */
export async function openConnections(
  database: Database,
  configured: readonly ConnectionConfig[],
): Promise<{ readonly connections: Connections; readonly retired: readonly RetiredConnection[] }> {
  const served: ServedConnection[] = [];
  await database.transaction(async (tx) => {
    served.length = 0;
    for (const config of configured) {
      if (config.formerly !== undefined) await rename(tx, config.formerly, config.name);
      served.push({ ...(await ensureConnection(tx, config.name)), config });
    }
    await retireOthers(tx, served);
  });
  return { connections: new Connections(served), retired: await retiredConnections(database) };
}

/** Answers the connection of that name, and makes it where it is missing; several replicas may at once. */
export async function ensureConnection(database: Queryable, name: string): Promise<Connection> {
  const [made] = await database.query<Connection>(
    `INSERT INTO bridge.connections (id, name) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET retired_at = NULL RETURNING id, name`,
    [newId(), name],
  );
  if (!made) throw new Error(`connection ${name} vanished while it was made`);
  return made;
}

/** The connection of that name, if there is one. */
export async function findConnection(
  database: Queryable,
  name: string,
): Promise<(Connection & { readonly retired: boolean }) | undefined> {
  const [row] = await database.query<Connection & { retired: boolean }>(
    'SELECT id, name, retired_at IS NOT NULL AS retired FROM bridge.connections WHERE name = $1',
    [name],
  );
  return row;
}

/** Names of all connections that are configured. */
export async function connectionNames(database: Queryable): Promise<string[]> {
  const rows = await database.query<Connection>(
    'SELECT id, name FROM bridge.connections WHERE retired_at IS NULL ORDER BY created_at, name',
  );
  return rows.map(({ name }) => name);
}

/** Once the new name is there, the old one is another connection's. */
async function rename(tx: Queryable, from: string, to: string): Promise<void> {
  await tx.query(
    `UPDATE bridge.connections SET name = $2 WHERE name = $1
     AND NOT EXISTS (SELECT FROM bridge.connections WHERE name = $2)`,
    [from, to],
  );
}

async function retireOthers(tx: Queryable, served: readonly Connection[]): Promise<void> {
  await tx.query(
    `UPDATE bridge.connections SET retired_at = now()
     WHERE retired_at IS NULL AND id::text NOT IN (SELECT jsonb_array_elements_text($1::jsonb))`,
    [JSON.stringify(served.map(({ id }) => id))],
  );
}

function retiredConnections(database: Database): Promise<RetiredConnection[]> {
  return database.query<RetiredConnection>(
    `SELECT c.id, c.name,
       (SELECT count(*)::integer FROM bridge.users u WHERE u.connection_id = c.id AND u.deleted_at IS NULL) AS users,
       (SELECT count(*)::integer FROM bridge.groups g WHERE g.connection_id = c.id AND g.deleted_at IS NULL) AS groups
     FROM bridge.connections c WHERE c.retired_at IS NOT NULL ORDER BY c.name`,
  );
}
