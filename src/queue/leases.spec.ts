import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertTarget,
  targetRow,
} from '../../test/support/directory-rows.js';
import { eventually } from '../../test/support/eventually.js';
import { newId, systemClock, targetKey } from '../common/index.js';
import type { TargetKey } from '../common/index.js';
import type { Database } from '../database/index.js';
import { Leases, TargetGone } from './leases.js';

const LONG = { ttlMs: 60_000, renewEveryMs: 15_000 };
const SHORT = { ttlMs: 60_000, renewEveryMs: 10 };

describe('leases of targets', () => {
  let database: Database;
  let target: TargetKey;
  let id: string;

  beforeAll(async () => {
    database = await databaseInMemory();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyDirectory(database);
    id = await insertTarget(database, await insertConnection(database), 'user');
    target = targetKey('user', id);
  });

  const leases = (times = LONG): Leases => new Leases(database, systemClock, times);
  const expire = (): Promise<object[]> =>
    database.query(`UPDATE bridge.targets SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);

  it('have one holder at a time', async () => {
    const contenders = await Promise.all(Array.from({ length: 8 }, () => leases().acquire(target)));
    expect(contenders.filter((lease) => lease !== null)).toHaveLength(1);
  });

  it('are free for the next holder once released', async () => {
    const first = await leases().acquire(target);
    await first?.release();
    const second = await leases().acquire(target);
    expect(second?.token).toBeTruthy();
    expect(second?.token).not.toBe(first?.token);
  });

  it('go to the next holder when they expire by the clock of the database', async () => {
    const first = await leases().acquire(target);
    await expire();
    const second = await leases().acquire(target);
    expect((await targetRow(database, id))['lease_token']).toBe(second?.token);
    expect(await first?.ensure(60_001)).toBe(false);
  });

  it('are given back once the database answers again, where it was away at the release or lost the answer', async () => {
    let away: 'no' | 'before' | 'after' = 'no';
    const fickle: Database = Object.assign(Object.create(database) as Database, {
      query: async (...asked: Parameters<Database['query']>) => {
        if (away === 'before') throw new Error('away');
        const rows = await database.query(...asked);
        if (away === 'after') throw new Error('away');
        return rows;
      },
    });
    const first = await new Leases(fickle, systemClock, LONG).acquire(target);
    away = 'before';
    await first?.release();
    expect((await targetRow(database, id))['lease_token']).toBe(first?.token);
    away = 'no';
    await eventually(async () => expect((await targetRow(database, id))['lease_token']).toBeNull());

    away = 'after';
    await expect(new Leases(fickle, systemClock, LONG).acquire(target)).rejects.toThrow('away');
    expect((await targetRow(database, id))['lease_token']).not.toBeNull();
    away = 'no';
    await eventually(async () => expect((await targetRow(database, id))['lease_token']).toBeNull());
  });

  it('are not taken from the new holder by the release of the old one', async () => {
    const first = await leases().acquire(target);
    await expire();
    const second = await leases().acquire(target);
    await first?.release();
    expect((await targetRow(database, id))['lease_token']).toBe(second?.token);
  });

  it('tell a target that is leased from one that does not exist', async () => {
    await expect(leases().acquire(targetKey('user', newId()))).rejects.toThrow(TargetGone);
    await expect(leases().acquire(targetKey('group', id))).rejects.toThrow(TargetGone);
  });

  it('are renewed while held', async () => {
    const lease = await leases(SHORT).acquire(target);
    const until = (await targetRow(database, id))['lease_until'] as Date;
    await eventually(async () => {
      expect(((await targetRow(database, id))['lease_until'] as Date).getTime()).toBeGreaterThan(
        until.getTime(),
      );
    });
    expect(lease?.signal.aborted).toBe(false);
    await lease?.release();
  });

  it('abort the work when another holder has the lease at the renewal', async () => {
    const lease = await leases(SHORT).acquire(target);
    await database.query('UPDATE bridge.targets SET lease_token = $2 WHERE id = $1', [id, newId()]);
    await eventually(() => expect(lease?.signal.aborted).toBe(true));
    expect(lease?.remainingMs).toBe(0);
    expect(await lease?.ensure()).toBe(false);
  });

  it('abort the work when the database does not answer the renewal', async () => {
    const failing: Database = Object.create(database);
    const lease = await new Leases(failing, systemClock, SHORT).acquire(target);
    failing.query = () => Promise.reject(new Error('the database is away'));
    await eventually(() => expect(lease?.signal.aborted).toBe(true));
    expect(String(lease?.signal.reason)).toContain('could not be renewed');
  });

  it('abort the work when a renewal hangs until the lease is over', async () => {
    const hanging: Database = Object.create(database);
    const lease = await new Leases(hanging, systemClock, { ttlMs: 60, renewEveryMs: 10 }).acquire(target);
    hanging.query = () => new Promise(() => undefined);
    await eventually(() => expect(lease?.signal.aborted).toBe(true));
    expect(String(lease?.signal.reason)).toContain('expired');
  });

  it('count what remains from before the request was sent', async () => {
    let now = 1_000;
    const clock = { now: () => 0, monotonic: () => now };
    const slow: Database = Object.create(database);
    slow.query = async (...args) => {
      now += 7_000;
      return database.query(...args);
    };
    const lease = await new Leases(slow, clock, LONG).acquire(target);
    expect(lease?.remainingMs).toBe(53_000);
    now += 40_000;
    expect(lease?.remainingMs).toBe(13_000);
    await lease?.release();
  });

  it('are renewed before a call for which too little time remains', async () => {
    let now = 0;
    const lease = await new Leases(database, { now: () => 0, monotonic: () => now }, LONG).acquire(target);
    now = 40_000;
    expect(await lease?.ensure()).toBe(true);
    expect(lease?.remainingMs).toBe(20_000);
    now = 40_001;
    expect(await lease?.ensure()).toBe(true);
    expect(lease?.remainingMs).toBe(60_000);
    await lease?.release();
  });

  it('are given back all at once on shutdown', async () => {
    const mine = leases();
    await mine.acquire(target);
    await mine.releaseAll();
    expect((await targetRow(database, id))['lease_token']).toBeNull();
  });
});
