import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DatabaseUnavailable, openEngine, runMigrations } from '../../src/database/index.js';
import type { Engine } from '../../src/database/index.js';
import { postgresEngine, quiet } from '../support/database.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';

describe.runIf(postgresAvailable())('a PostgreSQL that comes and goes', () => {
  let server: TestPostgres;
  let engine: Engine;
  beforeAll(async () => {
    server = await startPostgres();
    engine = await postgresEngine(server.url);
  });
  afterAll(async () => {
    await engine.close();
    await server.stop();
  });

  it('is reported as unavailable while it is away, and used again when it is back', async () => {
    const { database } = engine;
    await database.ping();
    await server.kill9();
    await expect(database.ping()).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(database.transaction((tx) => tx.query('SELECT 1'))).rejects.toBeInstanceOf(
      DatabaseUnavailable,
    );
    await expect(engine.queuePool(1)).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(runMigrations(engine)).rejects.toBeInstanceOf(DatabaseUnavailable);
    await server.restart();
    await vi.waitFor(() => database.ping(), { timeout: 10_000 });
  });

  it('is listened to again after its restart', async () => {
    const { database } = engine;
    const heard: string[] = [];
    const stop = await database.listen('spec_restart', (payload) => heard.push(payload));
    await server.restart();
    await vi.waitFor(
      async () => {
        await database.query(`SELECT pg_notify('spec_restart', 'back')`);
        expect(heard).toContain('back');
      },
      { timeout: 20_000, interval: 100 },
    );
    await stop();
  });

  it('has its queue worked off again after a crash, what was added before it too', async () => {
    const pool = await engine.queuePool(1);
    const done = new Set<string>();
    const queue = new Queue('spec-crash', { connection: pool }, createPostgresBackend);
    const worker = new Worker(
      'spec-crash',
      async (job) => {
        done.add(job.name);
      },
      { connection: pool, autorun: false },
      createPostgresBackend,
    );
    queue.on('error', () => undefined);
    worker.on('error', () => undefined);
    await queue.add('before', 1);
    void worker.run();
    await vi.waitFor(() => expect(done).toContain('before'), { timeout: 20_000 });
    await server.kill9();
    await server.restart();
    await vi.waitFor(() => queue.add('after', 1), { timeout: 20_000, interval: 200 });
    await vi.waitFor(() => expect(done).toContain('after'), { timeout: 30_000 });
    await worker.close();
    await queue.close();
  });

  it('ends a statement that runs for longer than half a minute', async () => {
    const rows = await engine.database.query('SHOW statement_timeout');
    expect(rows).toEqual([{ statement_timeout: '30s' }]);
  });

  it('runs transactions again that met in a deadlock', async () => {
    const { database } = engine;
    await database.query(`INSERT INTO bridge.settings VALUES ('left', '0'), ('right', '0')`);
    let runs = 0;
    let arrived = 0;
    let meet!: () => void;
    const met = new Promise<void>((resolve) => (meet = resolve));
    const add = (one: string, other: string): Promise<void> =>
      database.transaction(async (tx) => {
        runs++;
        const raise = `UPDATE bridge.settings SET value = to_jsonb((value #>> '{}')::int + 1) WHERE key = $1`;
        await tx.query(raise, [one]);
        if (++arrived === 2) meet();
        await met;
        await tx.query(raise, [other]);
      });
    await Promise.all([add('left', 'right'), add('right', 'left')]);
    // Of two one is given up; on a busy machine they may meet again.
    expect(runs).toBeGreaterThanOrEqual(3);
    const rows = await database.query(
      `SELECT key, value FROM bridge.settings WHERE key IN ('left', 'right') ORDER BY key`,
    );
    expect(rows).toEqual([
      { key: 'left', value: 2 },
      { key: 'right', value: 2 },
    ]);
  });

  it('is unavailable to a user that is unknown, and says why', async () => {
    const url = server.url.replace('postgres@', 'nobody@');
    const other = await openEngine({ engine: 'postgres', url }, { log: quiet });
    const refused: unknown = await other.database.ping().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DatabaseUnavailable);
    expect(refused).toMatchObject({ cause: { message: expect.stringContaining('nobody') } });
    await other.close();
  });
});
