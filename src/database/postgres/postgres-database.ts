import pg from 'pg';
import type { Database, Queryable, Statement } from '../database.js';
import { isConnectionError, translate } from '../driver-errors.js';
import type { DatabaseLog } from '../engine.js';
import { retrying } from '../retry.js';
import { TransactionScope } from '../transaction-scope.js';
import { KEEPALIVE_MS, surviveLosses } from './connections.js';
import { Listener } from './listener.js';
import { parsers } from './parsers.js';

const POOL_SIZE = 10;
const CONNECT_MS = 5_000;
/** A statement that takes longer is given up by the server; a server that does not even say so, a little later. */
const STATEMENT_MS = 30_000;
const ANSWER_MS = 35_000;

/** {@link Database} over PostgreSQL by node-postgres. */
export class PostgresDatabase implements Database {
  readonly engine = 'postgres';
  private readonly pool: pg.Pool;
  private readonly listener: Listener;
  private readonly scope = new TransactionScope();

  constructor(url: string, log: DatabaseLog) {
    this.pool = new pg.Pool({
      connectionString: url,
      application_name: 'idp-bridge',
      max: POOL_SIZE,
      types: parsers,
      connectionTimeoutMillis: CONNECT_MS,
      onConnect: limitStatements,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_MS,
    });
    // An idle connection that drops is replaced at the next use; without a listener the event would end the process.
    this.pool.on('error', (error) =>
      log.warn({ reason: error.message }, 'an idle database connection was lost'),
    );
    surviveLosses(this.pool);
    this.listener = new Listener(url, log);
  }

  async query<Row extends object>(
    statement: string | Statement,
    params: readonly unknown[] = [],
  ): Promise<Row[]> {
    this.scope.assertOutside('the database was asked');
    return run<Row>(this.pool, statement, params);
  }

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    this.scope.assertOutside('a transaction was begun');
    return retrying(() => this.once(work));
  }

  async listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>> {
    this.scope.assertOutside('LISTEN was asked for');
    return this.listener.listen(channel, onPayload);
  }

  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }

  async close(): Promise<void> {
    await this.listener.close();
    if (!this.pool.ending) await this.pool.end();
  }

  private async once<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    const tx: Queryable = { query: (statement, params = []) => run(client, statement, params) };
    let broken = false;
    try {
      await client.query('BEGIN');
      const result = await this.scope.inside(() => work(tx));
      const end = await client.query('COMMIT');
      // The server answers ROLLBACK when a statement failed and `work` went on as if nothing had happened.
      if (end.command !== 'COMMIT')
        throw new Error('the transaction was rolled back: one of its statements had failed');
      return result;
    } catch (error) {
      broken = isConnectionError(error) || !(await rollback(client));
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Not by the startup parameter, which PgBouncer refuses. The pool waits for the promise, whatever the type says. */
function limitStatements(client: pg.ClientBase): unknown {
  return client.query(`SET statement_timeout TO ${STATEMENT_MS}`);
}

async function rollback(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

async function run<Row extends object>(
  client: pg.Pool | pg.PoolClient,
  statement: string | Statement,
  params: readonly unknown[],
): Promise<Row[]> {
  const config =
    typeof statement === 'string' ? { text: statement } : { name: statement.name, text: statement.text };
  try {
    const result = await client.query<Row>({ ...config, values: [...params] });
    return result.rows;
  } catch (error) {
    throw translate(error);
  }
}
