import type pg from 'pg';

/** The queue cannot work through a pooler that gives each transaction another connection. */
export class PoolerRefused extends Error {
  constructor() {
    super(
      'DATABASE_URL leads through a connection pooler in transaction mode (PgBouncer pool_mode=transaction); the queue ' +
        'needs LISTEN, which is lost there: use a direct address or session mode, or give the queue a REDIS_URL',
    );
    this.name = 'PoolerRefused';
  }
}

const SETTING = 'idp_bridge.probe';
const ROUNDS = 4;
const ANSWER_MS = 5_000;

/**
 * Finds out whether what a session sets is still there in its next transaction. One client makes a mark in its
 * session; while another holds a transaction open, and with it the connection that a pooler would give the first one
 * next, the first must find its mark again and the other must not.
 *
 * @throws PoolerRefused
 */
export async function assertSessionsLast(pool: pg.Pool): Promise<void> {
  const first = await pool.connect();
  const other = await pool.connect().catch((error: unknown) => {
    first.release();
    throw error;
  });
  try {
    for (let round = 0; round < ROUNDS; round++) await probe(first, other);
    first.release();
    other.release();
  } catch (error) {
    // The other may be in its transaction, and either may still wait for an answer.
    first.release(true);
    other.release(true);
    throw error;
  }
}

async function probe(first: pg.PoolClient, other: pg.PoolClient): Promise<void> {
  const mark = `${process.pid}-${Math.random()}`;
  await ask(first, `SELECT set_config($1, $2, false) AS mark`, [SETTING, mark]);
  await ask(other, 'BEGIN');
  const kept = await ask(first, `SELECT current_setting($1, true) AS mark`, [SETTING]);
  const leaked = await ask(other, `SELECT current_setting($1, true) AS mark`, [SETTING]);
  await ask(other, 'ROLLBACK');
  if (kept !== mark || leaked === mark) throw new PoolerRefused();
}

async function ask(
  client: pg.PoolClient,
  text: string,
  values?: string[],
): Promise<string | null | undefined> {
  // A pooler with one connection for all would never answer the first client while the other has its transaction.
  const query: pg.QueryConfig & { query_timeout: number } = { text, values, query_timeout: ANSWER_MS };
  const { rows } = await client.query<{ mark: string | null }>(query);
  return rows[0]?.mark;
}
