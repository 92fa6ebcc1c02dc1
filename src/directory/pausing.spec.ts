import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Database } from '../database/index.js';
import { dirtyCounts, retryFailed, sweepDirty } from '../queue/index.js';
import type { WakeUp } from '../queue/index.js';
import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertUser,
  targetRow,
} from '../../test/support/directory-rows.js';
import { Pausing, UnknownConnection } from './pausing.js';
import { SqlTargetPages } from './target-pages.js';
import { SqlSettlements } from './targets/settlements.js';
import { SqlTargetStore } from './targets/sql-target-store.js';

const ago = (ms: number): Date => new Date(Date.now() - ms);
const OLD = { pushed_at: ago(60_000), dirty_since: ago(60_000) };

let database: Database;
let okta: string;
let entra: string;
let woken: WakeUp[];

beforeAll(async () => {
  database = await databaseInMemory();
});

beforeEach(async () => {
  await emptyDirectory(database);
  await database.query('DELETE FROM bridge.journal');
  await database.query('DELETE FROM bridge.connections');
  okta = await insertConnection(database, 'okta');
  entra = await insertConnection(database, 'entra');
  woken = [];
});

const pausing = (): Pausing =>
  new Pausing(database, { wake: (wakeUps) => void woken.push(...wakeUps) }, 'test');

describe('a paused connection', () => {
  it('says since when and how much waits, and is journaled once however often it is told', async () => {
    await insertUser(database, okta);
    const state = await pausing().pause('okta');
    expect(state).toEqual({ connection: 'okta', pausedAt: expect.any(Date), changed: true, waiting: 1 });
    expect(await pausing().pause('okta')).toEqual({ ...state, changed: false });
    expect(await pausing().paused()).toEqual([{ connection: 'okta', pausedAt: state.pausedAt, waiting: 1 }]);
    expect(await pausing().resume('okta')).toEqual({
      connection: 'okta',
      pausedAt: null,
      changed: true,
      waiting: 1,
    });
    expect(await pausing().resume('okta')).toMatchObject({ changed: false, waiting: 0 });
    expect(await pausing().paused()).toEqual([]);
    expect(
      await database.query('SELECT action, source, connection_id FROM bridge.journal ORDER BY id'),
    ).toEqual([
      { action: 'connection.paused', source: 'test', connection_id: okta },
      { action: 'connection.resumed', source: 'test', connection_id: okta },
    ]);
  });

  it('has to exist: an unknown name is told which there are', async () => {
    const told = 'The connection okto does not exist. The bridge has: entra, okta.';
    await expect(pausing().pause('okto')).rejects.toThrow(new UnknownConnection('okto', ['entra', 'okta']));
    await expect(pausing().resume('okto')).rejects.toThrow(told);
  });

  it('is passed over by the sweep, the retries and the full sync, and is counted apart', async () => {
    const mine = await insertUser(database, okta, { target: OLD });
    const clean = await insertUser(database, okta, { target: { applied: 1 } });
    const failed = await insertUser(database, okta, { target: { failed_version: 1 } });
    const theirs = await insertUser(database, entra, { target: { ...OLD, urgent: true } });
    await pausing().pause('okta');
    expect(await dirtyCounts(database)).toMatchObject({ dirty: 1, urgent: 1, failed: 1, paused: 1 });
    expect(await sweepDirty(database)).toEqual([{ target: `user:${theirs}`, lane: 'urgent' }]);
    expect(await sweepDirty(database, 500, { atStart: true })).toHaveLength(1);
    expect(await retryFailed(database)).toBe(0);
    const pages = new SqlTargetPages(database);
    expect(await pages.cleanIds('user', null, 10)).toEqual([]);
    await pausing().resume('okta');
    expect(await pages.cleanIds('user', null, 10)).toEqual([clean]);
    expect(await retryFailed(database)).toBe(1);
    expect(await targetRow(database, failed)).toMatchObject({ desired: 2 });
    expect(await dirtyCounts(database)).toMatchObject({ dirty: 3, paused: 0 });
    expect(woken).toEqual([{ target: `user:${mine}`, lane: 'normal' }]);
  });

  it('ages nothing: the oldest that waits is looked for among the others', async () => {
    await insertUser(database, okta, { target: OLD });
    await pausing().pause('okta');
    expect(await dirtyCounts(database)).toMatchObject({ dirty: 0, paused: 1, oldestDirtyMs: 0 });
  });

  it('is told to runs: a reading says so, and a group between two steps is another version', async () => {
    const id = await insertUser(database, okta);
    const store = new SqlTargetStore(database, { wake: () => undefined });
    expect(await store.desired(id)).toBe(1);
    await pausing().pause('okta');
    expect(await store.desired(id)).toBe(0);
    expect(await store.readUser(id)).toMatchObject({ paused: true, connection: 'okta' });
  });

  it('keeps no push waiting for its arrival', async () => {
    const id = await insertUser(database, okta);
    await pausing().pause('okta');
    const settlements = new SqlSettlements(database, { waiters: 10, pollEveryMs: 5 });
    const asked = Date.now();
    expect(await settlements.wait({ kind: 'user', id, version: 1 }, 30_000)).toEqual({ outcome: 'pending' });
    expect(Date.now() - asked).toBeLessThan(20_000);
    await settlements.shutdown();
  });

  it('that is paused while a push waits lets it go too', async () => {
    const id = await insertUser(database, okta);
    const settlements = new SqlSettlements(database, { waiters: 10, pollEveryMs: 5 });
    const waiting = settlements.wait({ kind: 'user', id, version: 1 }, 30_000);
    await pausing().pause('okta');
    expect(await waiting).toEqual({ outcome: 'pending' });
    await settlements.shutdown();
  });
});

describe('a resumed connection', () => {
  it('takes up everything at once: losses first, and what was put off is brought forward', async () => {
    const later = { ...OLD, not_before: ago(-600_000), tries: 3, swept_at: ago(10) };
    const gain = await insertUser(database, okta, { target: later });
    const loss = await insertUser(database, okta, { target: { urgent: true } });
    await insertUser(database, okta, { target: { applied: 1 } });
    await insertUser(database, entra);
    await pausing().pause('okta');
    expect(await pausing().resume('okta')).toMatchObject({ waiting: 2 });
    expect(woken).toEqual([
      { target: `user:${loss}`, lane: 'urgent' },
      { target: `user:${gain}`, lane: 'normal', bringForward: true },
    ]);
    expect(await targetRow(database, gain)).toMatchObject({ not_before: null, tries: 3 });
    // Its job is on its way: the sweep need not lay another upon it.
    expect(await sweepDirty(database)).toEqual([]);
  });

  it('without a queue at hand leaves its targets to the next sweep', async () => {
    const id = await insertUser(database, okta, { target: { ...OLD, swept_at: ago(10) } });
    const alone = new Pausing(database, null, 'command-line');
    await alone.pause('okta');
    await alone.resume('okta');
    expect(await sweepDirty(database)).toEqual([{ target: `user:${id}`, lane: 'normal' }]);
  });
});
