import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DatabaseTooNew,
  openEngine,
  openInMemory,
  runMigrations,
  voidLeases,
} from '../../src/database/index.js';
import { migrations } from '../../src/database/migrations/index.js';
import { newId } from '../../src/common/index.js';
import { quiet } from '../support/database.js';
import { ENGINES, useEngine } from '../support/engines.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';

const second = {
  name: '0002-second',
  sql: 'CREATE TABLE bridge.second (a int); CREATE TABLE bridge.third (a int);',
};
const NAMES = 'SELECT name FROM bridge.migrations ORDER BY name';
const known = migrations.map(({ name }) => ({ name }));

describe.each(ENGINES)('migrations on %s', (name) => {
  const held = useEngine(name);

  it('are applied once and may be run again', async () => {
    await runMigrations(held.engine);
    expect(await held.engine.database.query(NAMES)).toEqual(known);
  });

  it('that fail leave nothing behind', async () => {
    const broken = { name: '0002-second', sql: 'CREATE TABLE bridge.half (a int); SELECT broken;' };
    await expect(runMigrations(held.engine, { migrations: [...migrations, broken] })).rejects.toThrow(
      /broken/,
    );
    expect(await held.engine.database.query(NAMES)).toEqual(known);
    const [table] = await held.engine.database.query<{ oid: unknown }>(
      `SELECT to_regclass('bridge.half') AS oid`,
    );
    expect(table?.oid).toBeNull();
  });

  it('that are new are applied to a database that has the old ones; the old program then refuses it', async () => {
    await runMigrations(held.engine, { migrations: [...migrations, second] });
    await held.engine.database.query('SELECT a FROM bridge.third');
    await expect(runMigrations(held.engine)).rejects.toEqual(new DatabaseTooNew(['0002-second']));
    await expect(runMigrations(held.engine)).rejects.toThrow(/newer version of idp-bridge/);
  });

  it('leave the connection usable after a refusal', async () => {
    await expect(held.engine.database.query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });
});

describe('leases of the embedded engine', () => {
  it('are void after its start, those of singletons and the heartbeats too', async () => {
    const engine = await openInMemory();
    await runMigrations(engine, { queue: false });
    const { database } = engine;
    const [connection, target] = [newId(), newId()];
    await database.query(`INSERT INTO bridge.connections (id, name) VALUES ($1, 'c')`, [connection]);
    await database.query(
      `INSERT INTO bridge.targets (id, kind, connection_id, lease_token, lease_until, swept_at)
       VALUES ($1, 'user', $2, $1, now() + interval '60 s', now())`,
      [target, connection],
    );
    await database.query(`INSERT INTO bridge.locks VALUES ('full-sync', $1, now() + interval '60 s')`, [
      target,
    ]);
    await database.query('INSERT INTO bridge.workers (id) VALUES ($1)', [target]);
    await voidLeases(database);
    const rows = await database.query(
      `SELECT lease_token, lease_until, swept_at, (SELECT count(*) FROM bridge.locks) AS locks,
        (SELECT count(*) FROM bridge.workers) AS workers FROM bridge.targets`,
    );
    expect(rows).toEqual([{ lease_token: null, lease_until: null, swept_at: null, locks: 0, workers: 0 }]);
    await engine.close();
  });
});

describe.runIf(postgresAvailable())('migrations of replicas', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('that start at the same time on an empty database do the work once', async () => {
    const open = (): ReturnType<typeof openEngine> =>
      openEngine({ engine: 'postgres', url: server.url }, { log: quiet });
    const engines = await Promise.all([open(), open(), open()]);
    await Promise.all(engines.map((engine) => runMigrations(engine)));
    for (const engine of engines) {
      expect(await engine.database.query(NAMES)).toEqual(known);
      await engine.close();
    }
  });
});
