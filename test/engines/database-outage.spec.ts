import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseUnavailable } from '../../src/database/index.js';
import type { Engine } from '../../src/database/index.js';
import { postgresEngine } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';

describe.runIf(postgresAvailable())('PostgreSQL that ends connections', () => {
  let server: TestPostgres;
  let engine: Engine;
  beforeAll(async () => {
    server = await startPostgres();
    engine = await postgresEngine(server.url);
  });
  afterAll(async () => {
    await engine?.close();
    await server?.stop();
  });

  /** Ends a connection as an administrator does. What the server says to the client is on its way when this resolves. */
  async function terminate(pid: number): Promise<void> {
    const administrator = new pg.Client({ connectionString: server.url });
    await administrator.connect();
    try {
      await administrator.query('SELECT pg_terminate_backend($1)', [pid]);
      await eventually(async () => {
        const { rows } = await administrator.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid]);
        expect(rows).toEqual([]);
      });
    } finally {
      await administrator.end();
    }
  }

  it('between two statements of a transaction fails that transaction, not the process', async () => {
    const work = engine.database.transaction(async (tx) => {
      await tx.query(`INSERT INTO bridge.settings VALUES ('half', '1')`);
      const [row] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await terminate(row?.pid ?? 0);
      await tx.query(`INSERT INTO bridge.settings VALUES ('other-half', '1')`);
    });
    await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await engine.database.query('SELECT key FROM bridge.settings')).toEqual([]);
  });

  it('while the queue holds a client fails its next statement, not the process', async () => {
    const pool = (await engine.queuePool(1)) as unknown as pg.Pool;
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await terminate(rows[0]?.pid ?? 0);
    await expect(client.query('SELECT 1')).rejects.toThrow();
    client.release(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});
