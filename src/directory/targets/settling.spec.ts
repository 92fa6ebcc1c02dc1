import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertTarget,
  journalOf,
  targetRow,
} from '../../../test/support/directory-rows.js';
import { eventually } from '../../../test/support/eventually.js';
import type { TargetColumns } from '../../../test/support/directory-rows.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { sweepDirty } from '../../queue/index.js';
import type { Failure } from '../model.js';
import { SETTLED_CHANNEL } from './settling.js';
import { SqlTargetStore } from './sql-target-store.js';

const TOKEN = newId();
const STALE = newId();
const FAILURE: Failure = {
  kind: 'uniqueness',
  step: 'createUser',
  detail: 'The email is taken.',
  status: 409,
};

describe('the end of a run', () => {
  let database: Database;
  let connection: string;
  let store: SqlTargetStore;
  let told: string[];

  beforeAll(async () => {
    database = await databaseInMemory();
    store = new SqlTargetStore(database, { wake: () => undefined });
    await database.listen(SETTLED_CHANNEL, (id) => told.push(id));
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    told = [];
    await emptyDirectory(database);
    connection = await insertConnection(database);
  });

  const ago = (ms: number): Date => new Date(Date.now() - ms);
  const leased = (columns: TargetColumns = {}): Promise<string> =>
    insertTarget(database, connection, 'user', {
      lease_token: TOKEN,
      lease_until: ago(-60_000),
      pushed_at: ago(10_000),
      dirty_since: ago(10_000),
      ...columns,
    });
  const released = (id: string): Promise<object[]> =>
    database.query('UPDATE bridge.targets SET lease_token = NULL, lease_until = NULL WHERE id = $1', [id]);
  // Notifications come in the order of their commits: when this one is there, those before it are.
  const toldUntilNow = async (): Promise<string[]> => {
    await database.query(`SELECT pg_notify('${SETTLED_CHANNEL}', 'end')`);
    await eventually(() => expect(told.at(-1)).toBe('end'));
    return told.slice(0, -1);
  };

  describe('in success', () => {
    it('makes the target clean and forgets its troubles', async () => {
      const id = await leased({
        desired: 4,
        applied: 2,
        tries: 3,
        not_before: ago(5_000),
        urgent: true,
        failed_version: 3,
        failure: JSON.stringify(FAILURE),
        held_version: 3,
        held: '{}',
      });
      const settled = await store.settle(id, TOKEN, 4, false);
      expect(settled && settled.dirtyForMs).toBeGreaterThan(9_000);
      expect(settled && settled.dirtyForMs).toBeLessThan(60_000);
      expect(await targetRow(database, id)).toMatchObject({
        desired: 4,
        applied: 4,
        tries: 0,
        not_before: null,
        urgent: false,
        failed_version: null,
        failure: null,
        held_version: null,
        held: null,
      });
    });

    it('leaves a target dirty, and urgent, that was pushed meanwhile, counting from that push', async () => {
      const pushed = ago(1_000);
      const id = await leased({ desired: 5, applied: 2, urgent: true, pushed_at: pushed });
      await store.settle(id, TOKEN, 4, false);
      expect(await targetRow(database, id)).toMatchObject({
        desired: 5,
        applied: 4,
        urgent: true,
        dirty_since: pushed,
      });
      await released(id);
      await database.query(`UPDATE bridge.targets SET pushed_at = pushed_at - interval '1 minute'`);
      expect(await sweepDirty(database)).toHaveLength(1);
    });

    it('removes the mark of the logout that was carried out, and no other', async () => {
      const [until, later] = [ago(60_000), ago(30_000)];
      const id = await leased({ desired: 4, keys_until: until });
      const mark = async (): Promise<unknown> => (await targetRow(database, id))['keys_until'];
      await store.settle(id, TOKEN, 4, false);
      expect(await mark()).toEqual(until);
      await store.settle(id, TOKEN, 4, false, undefined, later);
      expect(await mark()).toEqual(until);
      await store.settle(id, TOKEN, 3, false, undefined, until);
      expect(await mark()).toEqual(until);
      await store.settle(id, STALE, 4, false, undefined, until);
      expect(await mark()).toEqual(until);
      await store.settle(id, TOKEN, 4, false, undefined, until);
      expect(await mark()).toBeNull();
    });

    it('never moves the applied version back', async () => {
      const id = await leased({ desired: 5, applied: 5 });
      await store.settle(id, TOKEN, 4, false);
      expect(await targetRow(database, id)).toMatchObject({ applied: 5 });
    });

    it('doubles the longest wait for quiet while the target is busy, up to a minute, and starts anew once it was idle', async () => {
      const id = await leased({ wait_ms: 20_000 });
      const waits: unknown[] = [];
      const settle = async (busy: boolean): Promise<void> => {
        await store.settle(id, TOKEN, 1, busy);
        waits.push((await targetRow(database, id))['wait_ms']);
      };
      await settle(true);
      await settle(true);
      // quiet for once, but a moment after the last run: still busy
      await settle(false);
      await database.query(
        `UPDATE bridge.targets SET settled_at = now() - interval '6 seconds' WHERE id = $1`,
        [id],
      );
      await settle(false);
      expect(waits).toEqual([40_000, 60_000, 60_000, 1_000]);
    });

    it('is told to those who wait, and to nobody else', async () => {
      const alone = await leased();
      const late = await leased({ awaited_until: ago(1_000) });
      const awaited = await leased({ awaited_until: ago(-60_000) });
      for (const id of [alone, late, awaited]) await store.settle(id, TOKEN, 1, false);
      expect(await toldUntilNow()).toEqual([awaited]);
    });
  });

  describe('in failure', () => {
    it('is remembered with its reason, and keeps the sweep away until the next change', async () => {
      const id = await leased({ desired: 4, tries: 7, not_before: ago(1_000) });
      expect(await store.fail(id, TOKEN, 4, FAILURE)).toBe(true);
      expect(await targetRow(database, id)).toMatchObject({
        applied: 0,
        failed_version: 4,
        failure: FAILURE,
        tries: 0,
        not_before: null,
      });
      await released(id);
      expect(await sweepDirty(database)).toEqual([]);
      await database.query('UPDATE bridge.targets SET desired = desired + 1');
      expect(await sweepDirty(database)).toHaveLength(1);
    });

    it('is journaled, the sentence for people among the erasable values', async () => {
      const id = await leased();
      await store.fail(id, TOKEN, 1, FAILURE);
      expect(await journalOf(database, id)).toMatchObject([
        {
          action: 'target.failed',
          facts: { kind: 'uniqueness', step: 'createUser', status: 409, version: 1 },
          personal: { values: { detail: 'The email is taken.' } },
        },
      ]);
    });

    it('is told to those who wait, and to nobody else', async () => {
      const alone = await leased();
      const awaited = await leased({ awaited_until: ago(-60_000) });
      for (const id of [alone, awaited]) await store.fail(id, TOKEN, 1, FAILURE);
      expect(await toldUntilNow()).toEqual([awaited]);
    });
  });

  it('that puts the target off counts the try only when it is to be spent', async () => {
    const id = await leased({ tries: 1 });
    await store.putOff(id, TOKEN, 30_000, false);
    expect(await targetRow(database, id)).toMatchObject({ tries: 1 });
    await store.putOff(id, TOKEN, 30_000, true);
    const row = await targetRow(database, id);
    expect(row).toMatchObject({ tries: 2 });
    expect((row['not_before'] as Date).getTime() - Date.now()).toBeGreaterThan(20_000);
    await released(id);
    expect(await sweepDirty(database)).toEqual([]);
  });

  it('that holds losses back keeps the plan, and the sweep away until the next change or a release', async () => {
    const id = await leased({ desired: 4 });
    const plan = { hash: 'abc', steps: [{ do: 'suspendUser', reason: 'Ann is inactive' }] };
    expect(await store.hold(id, TOKEN, 4, plan)).toBe(true);
    expect(await targetRow(database, id)).toMatchObject({ held_version: 4, held: plan, applied: 0 });
    expect(await journalOf(database, id)).toMatchObject([
      { action: 'target.held', facts: { version: 4, hash: 'abc' }, personal: null },
    ]);
    await released(id);
    expect(await sweepDirty(database)).toEqual([]);
    await database.query('UPDATE bridge.targets SET held_version = NULL');
    expect(await sweepDirty(database)).toHaveLength(1);
  });

  it('cannot be recorded by whoever has lost the lease', async () => {
    const id = await leased({ awaited_until: ago(-60_000) });
    const before = await targetRow(database, id);
    const effect = { action: 'coder.user.suspended', facts: {} };
    expect([
      await store.settle(id, STALE, 1, true),
      await store.fail(id, STALE, 1, FAILURE),
      await store.putOff(id, STALE, 1_000, true),
      await store.hold(id, STALE, 1, {}),
      await store.record(id, STALE, effect),
      await store.note(id, STALE, effect),
    ]).toEqual([false, false, false, false, false, false]);
    expect(await targetRow(database, id)).toEqual(before);
    expect(await journalOf(database, id)).toEqual([]);
    expect(await toldUntilNow()).toEqual([]);
  });

  it('may come after the lease ran out, as long as nobody else has it', async () => {
    const id = await leased({ lease_until: ago(1_000) });
    expect(await store.settle(id, TOKEN, 1, false)).not.toBe(false);
  });

  it('journals each effect on Coder', async () => {
    const id = await leased({ desired: 9 });
    const effect = { action: 'coder.user.suspended', facts: { reason: 'inactive' } };
    expect(await store.record(id, TOKEN, effect)).toBe(true);
    expect(await store.record(id, TOKEN, effect)).toBe(true);
    expect(await journalOf(database, id)).toMatchObject([
      { ...effect, version: 9 },
      { ...effect, version: 9 },
    ]);
  });

  it('journals a note once for each value', async () => {
    const id = await leased();
    const drift = (email: string) => ({ action: 'note.emailDrift', facts: {}, personal: { email } });
    expect(await store.note(id, TOKEN, drift('a@example.com'))).toBe(true);
    expect(await store.note(id, TOKEN, drift('a@example.com'))).toBe(true);
    expect(await store.note(id, TOKEN, { action: 'note.protected', facts: { detail: 'an owner' } })).toBe(
      true,
    );
    expect(await store.note(id, TOKEN, drift('a@example.com'))).toBe(true);
    expect(await store.note(id, TOKEN, drift('b@example.com'))).toBe(true);
    expect((await journalOf(database, id)).map((row) => [row['action'], row['personal']])).toMatchObject([
      ['note.emailDrift', { values: { email: 'a@example.com' } }],
      ['note.protected', null],
      ['note.emailDrift', { values: { email: 'b@example.com' } }],
    ]);
  });
});
