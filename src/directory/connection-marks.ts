import type { Database } from '../database/index.js';

/** A connection, and by which settings its targets were last reconciled. */
export interface ConnectionMark {
  readonly id: string;
  readonly name: string;
  /** As {@link ConnectionMarks.remember} was told it; null: never. */
  readonly digest: string | null;
  /** Whether anything was ever pushed. */
  readonly used: boolean;
}

/** What settings each connection's targets were last reconciled by. */
export interface ConnectionMarks {
  all(): Promise<readonly ConnectionMark[]>;
  remember(connectionId: string, digest: string): Promise<void>;
  /** Ids of all targets of a connection. */
  targetsOf(connectionId: string): Promise<string[]>;
}

/** Injection token of the {@link ConnectionMarks}. */
export const CONNECTION_MARKS = Symbol('CONNECTION_MARKS');

/** {@link ConnectionMarks} over SQL. */
export class SqlConnectionMarks implements ConnectionMarks {
  constructor(private readonly database: Database) {}

  all(): Promise<readonly ConnectionMark[]> {
    return this.database.query<ConnectionMark>(`
SELECT c.id, c.name, c.access_digest AS digest,
       EXISTS (SELECT FROM bridge.targets t WHERE t.connection_id = c.id) AS used
  FROM bridge.connections c`);
  }

  async remember(connectionId: string, digest: string): Promise<void> {
    await this.database.query('UPDATE bridge.connections SET access_digest = $2 WHERE id = $1::uuid', [
      connectionId,
      digest,
    ]);
  }

  async targetsOf(connectionId: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      'SELECT id FROM bridge.targets WHERE connection_id = $1::uuid ORDER BY id',
      [connectionId],
    );
    return rows.map(({ id }) => id);
  }
}
