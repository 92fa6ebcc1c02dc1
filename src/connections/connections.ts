import { newId } from '../common/index.js';
import type { Database } from '../database/index.js';

/** One IdP joined to one Coder deployment. */
export interface Connection {
  readonly id: string;
  /** Stands in the connection's URL. */
  readonly name: string;
}

/** Answers the connection of that name, and makes it where it is missing; several replicas may at once. */
export async function ensureConnection(database: Database, name: string): Promise<Connection> {
  const [made] = await database.query<Connection>(
    'INSERT INTO bridge.connections (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING id, name',
    [newId(), name],
  );
  const connection = made ?? (await findConnection(database, name));
  if (!connection) throw new Error(`connection ${name} vanished while it was made`);
  return connection;
}

/** The connection of that name, if there is one. */
export async function findConnection(database: Database, name: string): Promise<Connection | undefined> {
  const [row] = await database.query<Connection>('SELECT id, name FROM bridge.connections WHERE name = $1', [
    name,
  ]);
  return row;
}
