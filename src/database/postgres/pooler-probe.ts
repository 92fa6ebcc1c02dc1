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
const OTHERS = 3;
const ROUNDS = 3;

/**
 * Finds out whether what a session sets is still there in its next transaction. One client makes a mark in its
 * session; while others hold transactions open, and with them the connection that a pooler would give the first one
 * next, it must find its mark again and the others must not.
 *
 * @throws PoolerRefused
 */
export async function assertSessionsLast(pool: pg.Pool): Promise<void> {
  const clients: pg.PoolClient[] = [];
  try {
    for (let i = 0; i <= OTHERS; i++) clients.push(await pool.connect());
    const [first, ...others] = clients;
    if (!first) return;
    for (let round = 0; round < ROUNDS; round++) {
      const mark = `${process.pid}-${Math.random()}`;
      await first.query(`SELECT set_config($1, $2, false)`, [SETTING, mark]);
      for (const other of others) await other.query('BEGIN');
      const seen = await Promise.all([first, ...others].map((client) => markOf(client)));
      for (const other of others) await other.query('ROLLBACK');
      if (seen[0] !== mark || seen.slice(1).includes(mark)) throw new PoolerRefused();
    }
  } finally {
    // Through a pooler the mark may stay on a connection that is no longer ours; it harms nobody.
    for (const client of clients) client.release();
  }
}

async function markOf(client: pg.PoolClient): Promise<unknown> {
  const { rows } = await client.query<{ mark: string | null }>(`SELECT current_setting($1, true) AS mark`, [
    SETTING,
  ]);
  return rows[0]?.mark;
}
