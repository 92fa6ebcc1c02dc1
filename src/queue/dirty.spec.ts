import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertTarget,
  journalOf,
  targetRow,
} from '../../test/support/directory-rows.js';
import type { TargetColumns } from '../../test/support/directory-rows.js';
import { newId } from '../common/index.js';
import type { Database } from '../database/index.js';
import { dirtyCounts, raise, retryFailed, sweepDirty } from './dirty.js';

describe('dirty targets', () => {
  let database: Database;
  let connection: string;

  beforeAll(async () => {
    database = await databaseInMemory();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyDirectory(database);
    connection = await insertConnection(database);
  });

  const ago = (ms: number): Date => new Date(Date.now() - ms);
  const dirty = (columns: TargetColumns = {}): Promise<string> =>
    insertTarget(database, connection, 'user', {
      pushed_at: ago(10_000),
      dirty_since: ago(10_000),
      ...columns,
    });
  const swept = async (): Promise<string[]> =>
    (await sweepDirty(database)).map(({ target }) => target.slice(5));

  describe('in the sweep', () => {
    it('are found by their versions alone', async () => {
      const id = await dirty({ desired: 3, applied: 2 });
      await dirty({ desired: 3, applied: 3 });
      expect(await sweepDirty(database)).toEqual([{ target: `user:${id}`, lane: 'normal' }]);
    });

    it('come urgent ones first, then the longest dirty', async () => {
      const young = await dirty({ dirty_since: ago(5_000) });
      const old = await dirty({ dirty_since: ago(50_000) });
      const urgent = await dirty({ urgent: true, dirty_since: ago(4_000) });
      expect((await sweepDirty(database)).map(({ target, lane }) => [target, lane])).toEqual([
        [`user:${urgent}`, 'urgent'],
        [`user:${old}`, 'normal'],
        [`user:${young}`, 'normal'],
      ]);
    });

    it('are passed over while failed or held at the very version', async () => {
      await dirty({ desired: 2, failed_version: 2 });
      await dirty({ desired: 2, held_version: 2 });
      const failedBefore = await dirty({ desired: 3, failed_version: 2 });
      const heldBefore = await dirty({ desired: 3, held_version: 2 });
      expect((await swept()).toSorted()).toEqual([failedBefore, heldBefore].toSorted());
    });

    it('are passed over while put off, and not afterwards', async () => {
      await dirty({ not_before: ago(-60_000) });
      const due = await dirty({ not_before: ago(1) });
      expect(await swept()).toEqual([due]);
    });

    it('are passed over while leased, and not once the lease expired', async () => {
      await dirty({ lease_token: newId(), lease_until: ago(-60_000) });
      const orphan = await dirty({ lease_token: newId(), lease_until: ago(1_000) });
      expect(await swept()).toEqual([orphan]);
    });

    it('are passed over while their push is still on its way to the queue', async () => {
      const id = await dirty({ pushed_at: ago(-10_000) });
      expect(await swept()).toEqual([]);
      expect(await sweepDirty(database, 500, { atStart: true })).toEqual([
        { target: `user:${id}`, lane: 'normal' },
      ]);
    });

    it('are not found twice within 30 seconds, urgent ones within 3', async () => {
      await dirty({ swept_at: ago(10_000) });
      await dirty({ swept_at: ago(-10_000), urgent: true });
      const normal = await dirty({ swept_at: ago(31_000) });
      const urgent = await dirty({ swept_at: ago(4_000), urgent: true });
      expect(await swept()).toEqual([urgent, normal]);
      expect(await swept()).toEqual([]);
    });

    it('are found at most so many a turn', async () => {
      for (let n = 0; n < 5; n++) await dirty();
      expect(await sweepDirty(database, 3)).toHaveLength(3);
      expect(await sweepDirty(database, 3)).toHaveLength(2);
    });
  });

  it('are counted with their kind of trouble and the age of the oldest', async () => {
    await dirty();
    await dirty({ urgent: true, dirty_since: ago(60_000) });
    await dirty({ desired: 4, failed_version: 4, dirty_since: ago(500_000) });
    await dirty({ desired: 4, held_version: 4 });
    await dirty({ desired: 4, applied: 4 });
    const { oldestDirtyMs, ...counts } = await dirtyCounts(database);
    expect(counts).toEqual({ dirty: 2, urgent: 1, failed: 1, held: 1, paused: 0 });
    expect(oldestDirtyMs).toBeGreaterThan(59_000);
    expect(oldestDirtyMs).toBeLessThan(120_000);
  });

  it('are counted as none where there are none', async () => {
    expect(await dirtyCounts(database)).toEqual({
      dirty: 0,
      urgent: 0,
      failed: 0,
      held: 0,
      paused: 0,
      oldestDirtyMs: 0,
    });
  });

  it('that failed are tried again on request, and no others', async () => {
    const failed = await dirty({ desired: 4, failed_version: 4, swept_at: ago(100) });
    const settled = await dirty({ desired: 4, applied: 4, failed_version: null });
    expect(await retryFailed(database)).toBe(1);
    expect(await targetRow(database, failed)).toMatchObject({ desired: 5, swept_at: null });
    expect(await targetRow(database, settled)).toMatchObject({ desired: 4 });
    expect(await retryFailed(database)).toBe(0);
  });

  it('can be made of clean ones, with a reason in the journal', async () => {
    const clean = await dirty({ desired: 4, applied: 4, dirty_since: ago(900_000) });
    const wakeUps = await raise(database, [clean, newId()], 'full-sync', 'suspended by hand');
    expect(wakeUps).toEqual([{ target: `user:${clean}`, lane: 'normal' }]);
    const row = await targetRow(database, clean);
    expect(row).toMatchObject({ desired: 5, applied: 4, urgent: false });
    expect((row['dirty_since'] as Date).getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(await journalOf(database, clean)).toMatchObject([
      { source: 'full-sync', action: 'target.raised', version: 5, facts: { reason: 'suspended by hand' } },
    ]);
  });

  it('keep counting from their first push when raised again, and may become urgent', async () => {
    const since = ago(900_000);
    const id = await dirty({ desired: 4, applied: 3, dirty_since: since });
    const wakeUps = await raise(database, [id], 'full-sync', 'still active', 'urgent');
    expect(wakeUps).toEqual([{ target: `user:${id}`, lane: 'urgent' }]);
    expect(await targetRow(database, id)).toMatchObject({ desired: 5, dirty_since: since, urgent: true });
  });
});
