import type { Database, Queryable, Statement } from '../database.js';
import { translate } from '../driver-errors.js';
import { assertChannel, retrying } from '../retry.js';
import type { EmbeddedConnection, Session } from './connection.js';

/** {@link Database} over PGlite. */
export class EmbeddedDatabase implements Database {
  readonly engine = 'pglite';

  constructor(private readonly connection: EmbeddedConnection) {}

  async query<Row extends object>(
    statement: string | Statement,
    params: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.connection.alone((session) => run<Row>(session, statement, params));
  }

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return retrying(() =>
      this.connection.transaction((session) => {
        const tx: Queryable = { query: (statement, params = []) => run(session, statement, params) };
        return work(tx);
      }),
    );
  }

  async listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>> {
    assertChannel(channel);
    return this.connection.listen(channel, onPayload);
  }

  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}

async function run<Row extends object>(
  session: Session,
  statement: string | Statement,
  params: readonly unknown[],
): Promise<Row[]> {
  const text = typeof statement === 'string' ? statement : statement.text;
  try {
    const result = await session.query<Row>(text, params);
    return result.rows;
  } catch (error) {
    throw translate(error);
  }
}
