import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { databaseInMemory, emptyDirectory } from '../../test/support/directory-rows.js';
import { eventually } from '../../test/support/eventually.js';
import { newId } from '../common/index.js';
import type { Database } from '../database/index.js';
import { Heartbeats } from './heartbeats.js';

describe('heartbeats of workers', () => {
  let database: Database;

  beforeAll(async () => {
    database = await databaseInMemory();
  });
  afterAll(() => database.close());
  beforeEach(() => emptyDirectory(database));

  const seen = (ago: string): Promise<object[]> =>
    database.query(`INSERT INTO bridge.workers (id, seen_at) VALUES ($1, now() - $2::interval)`, [
      newId(),
      ago,
    ]);

  it('are counted once for each worker', async () => {
    const workers = [new Heartbeats(database), new Heartbeats(database)];
    for (const worker of workers) await worker.start();
    expect(await workers[0]?.count()).toBe(2);
    for (const worker of workers) await worker.stop();
  });

  it('no longer count a worker that stopped', async () => {
    const worker = new Heartbeats(database);
    await worker.start();
    await worker.stop();
    expect(await worker.count()).toBe(0);
  });

  it('no longer count a worker that was not seen for 30 seconds', async () => {
    await seen('10 seconds');
    await seen('31 seconds');
    expect(await new Heartbeats(database).count()).toBe(1);
  });

  it('sweep away the rows of workers that died long ago', async () => {
    await seen('6 minutes');
    const worker = new Heartbeats(database);
    await worker.start();
    expect(await database.query('SELECT id FROM bridge.workers')).toHaveLength(1);
    await worker.stop();
  });

  it('go on beating, and bring the row back when it was swept away', async () => {
    const worker = new Heartbeats(database, undefined, 10);
    await worker.start();
    await database.query('DELETE FROM bridge.workers');
    await eventually(async () => expect(await worker.count()).toBe(1));
    await worker.stop();
    expect(await worker.count()).toBe(0);
  });

  it('report a failed beat and go on', async () => {
    const failing: Database = Object.create(database);
    failing.query = () => Promise.reject(new Error('away'));
    const errors: unknown[] = [];
    const worker = new Heartbeats(failing, (error) => errors.push(error), 10);
    await worker.start();
    await eventually(() => expect(errors.length).toBeGreaterThan(1));
    failing.query = (...args) => database.query(...args);
    await eventually(async () => expect(await worker.count()).toBe(1));
    await worker.stop();
  });
});
