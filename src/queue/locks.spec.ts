import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { databaseInMemory, emptyDirectory } from '../../test/support/directory-rows.js';
import type { Database } from '../database/index.js';
import { Locks } from './locks.js';

describe('named locks', () => {
  let database: Database;

  beforeAll(async () => {
    database = await databaseInMemory();
  });
  afterAll(() => database.close());
  beforeEach(() => emptyDirectory(database));

  const expire = (): Promise<object[]> =>
    database.query(`UPDATE bridge.locks SET until = now() - interval '1 second'`);

  it('go to one of those that ask at once', async () => {
    const asked = await Promise.all(
      Array.from({ length: 8 }, () => new Locks(database).tryAcquire('sweep', 60_000)),
    );
    expect(asked.filter((lock) => lock !== null)).toHaveLength(1);
  });

  it('do not hinder each other under different names', async () => {
    const locks = new Locks(database);
    expect(await locks.tryAcquire('sweep', 60_000)).not.toBeNull();
    expect(await locks.tryAcquire('full-sync', 60_000)).not.toBeNull();
  });

  it('are free once released', async () => {
    const locks = new Locks(database);
    const lock = await locks.tryAcquire('sweep', 60_000);
    await lock?.release();
    expect(await locks.tryAcquire('sweep', 60_000)).not.toBeNull();
  });

  it('pass from a dead holder to the next when the time is over, and only then', async () => {
    const locks = new Locks(database);
    const dead = await locks.tryAcquire('sweep', 60_000);
    expect(await locks.tryAcquire('sweep', 60_000)).toBeNull();
    await expire();
    const next = await locks.tryAcquire('sweep', 60_000);
    expect(next).not.toBeNull();
    expect(await dead?.renew(60_000)).toBe(false);
    await dead?.release();
    expect(await locks.tryAcquire('sweep', 60_000)).toBeNull();
  });

  it('are prolonged by their holder', async () => {
    const locks = new Locks(database);
    const lock = await locks.tryAcquire('full-sync', 60_000);
    await expire();
    expect(await lock?.renew(60_000)).toBe(true);
    expect(await locks.tryAcquire('full-sync', 60_000)).toBeNull();
  });
});
