import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId, systemClock, targetKey } from '../../src/common/index.js';
import type { Database, Engine } from '../../src/database/index.js';
import { SqlSettlements, SqlTargetStore } from '../../src/directory/index.js';
import {
  Heartbeats,
  Leases,
  Locks,
  dirtyCounts,
  raise,
  retryFailed,
  sweepDirty,
} from '../../src/queue/index.js';
import type { Lease } from '../../src/queue/index.js';
import { postgresEngine } from '../support/database.js';
import {
  emptyDirectory,
  insertConnection,
  insertGroup,
  insertTarget,
  insertUser,
  targetRow,
} from '../support/directory-rows.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';

/** Work of many connections at once, which the embedded engine with its single connection never sees. */
describe.runIf(postgresAvailable())('on PostgreSQL', () => {
  let postgres: TestPostgres;
  let engine: Engine;
  let database: Database;
  let connection: string;

  beforeAll(async () => {
    postgres = await startPostgres();
    engine = await postgresEngine(postgres.url);
    database = engine.database;
  });
  afterAll(async () => {
    await engine?.close();
    await postgres?.stop();
  });
  beforeEach(async () => {
    await emptyDirectory(database);
    connection = await insertConnection(database);
  });

  const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  const long = new Date(Date.now() - 600_000);
  const dirty = (columns: Record<string, unknown> = {}): Promise<string> =>
    insertTarget(database, connection, 'user', { pushed_at: long, dirty_since: long, ...columns });

  it('a target has one holder among many contenders, one after the other', async () => {
    const target = targetKey('user', await dirty());
    let holders = 0;
    let turns = 0;
    let most = 0;
    await times(8, async () => {
      const leases = new Leases(database, systemClock);
      for (let won = 0; won < 5;) {
        const lease = await leases.acquire(target);
        if (!lease) continue;
        holders += 1;
        most = Math.max(most, holders);
        await database.query('SELECT 1');
        holders -= 1;
        won += 1;
        turns += 1;
        await lease.release();
      }
    });
    expect([turns, most]).toEqual([40, 1]);
  });

  it('an expired lease goes to one of those who want it, and the old holder records nothing', async () => {
    const id = await dirty();
    const old = await new Leases(database, systemClock).acquire(targetKey('user', id));
    await database.query(`UPDATE bridge.targets SET lease_until = now() - interval '1 second'`);
    const wanted = await times(10, () => new Leases(database, systemClock).acquire(targetKey('user', id)));
    const [holder, ...others] = wanted.filter((lease): lease is Lease => lease !== null);
    expect(others).toEqual([]);
    const store = new SqlTargetStore(database, { wake: () => undefined });
    expect(await store.settle(id, old?.token ?? '', 1, false)).toBe(false);
    expect(await targetRow(database, id)).toMatchObject({ applied: 0, lease_token: holder?.token });
    expect(await store.settle(id, holder?.token ?? '', 1, false)).toMatchObject({});
    expect(await targetRow(database, id)).toMatchObject({ applied: 1 });
    await Promise.all([old?.release(), holder?.release()]);
  });

  it('sweeps at the same time share the targets and find each once', async () => {
    await times(60, () => dirty());
    const swept = (await times(6, () => sweepDirty(database, 20))).flat().map(({ target }) => target);
    const rest = (await sweepDirty(database)).map(({ target }) => target);
    expect(new Set([...swept, ...rest]).size).toBe(60);
    expect(swept.length + rest.length).toBe(60);
  });

  it('the sweep passes over a row that a push has locked, and does not wait for it', async () => {
    const locked = await dirty();
    const free = await dirty();
    const other = await postgresEngine(postgres.url);
    try {
      const swept = await database.transaction(async (tx) => {
        await tx.query('UPDATE bridge.targets SET desired = desired + 1 WHERE id = $1', [locked]);
        return sweepDirty(other.database);
      });
      expect(swept).toEqual([{ target: `user:${free}`, lane: 'normal' }]);
    } finally {
      await other.close();
    }
  });

  it('counting, raising and retrying answer plain numbers', async () => {
    const clean = await dirty({ applied: 1 });
    await dirty({ failed_version: 1 });
    await dirty();
    expect(await raise(database, [clean], 'full-sync', 'suspended by hand')).toHaveLength(1);
    const { oldestDirtyMs, ...counts } = await dirtyCounts(database);
    expect(counts).toEqual({ dirty: 2, urgent: 0, failed: 1, held: 0, paused: 0 });
    expect(oldestDirtyMs).toBeGreaterThan(590_000);
    expect(await retryFailed(database)).toBe(1);
  });

  it('users who come into an organization at once raise the groups they share without a deadlock', async () => {
    const organization = newId();
    const token = newId();
    const lease = { lease_token: token, lease_until: new Date(Date.now() + 600_000) };
    const users = await times(40, () => insertUser(database, connection, { target: lease }));
    const groups = await times(4, (index) =>
      // Each group has its members in another order.
      insertGroup(database, connection, { members: users.toSorted(() => (index % 2 ? 1 : -1)) }),
    );
    let woken = 0;
    const store = new SqlTargetStore(database, { wake: (wakeUps) => void (woken += wakeUps.length) });
    const change = { kind: 'organization' as const, gained: [organization], lost: [] };
    const owned = await times(40, (index) => store.own(users[index] ?? '', token, change));
    expect(owned.every(Boolean)).toBe(true);
    expect(woken).toBe(160);
    for (const { targetId } of groups) {
      const group = await store.readGroup(targetId, organization);
      expect(group).toMatchObject({ desired: 41, pendingMembers: { total: 40, coming: 40 } });
    }
  });

  it('a group reads thousands of members in one statement', async () => {
    const organization = newId();
    const { id, targetId } = await insertGroup(database, connection);
    await database.query(
      `WITH made AS (
         INSERT INTO bridge.targets (id, kind, connection_id, coder_id, coder_name, origin)
         SELECT gen_random_uuid(), 'user', $1, gen_random_uuid(), 'u' || n, 'created' FROM generate_series(1, 3000) n
         RETURNING id),
       users AS (
         INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, full_name, active, document)
         SELECT id, $1, id::text, id::text, '', true, '{}' FROM made RETURNING id),
       facts AS (INSERT INTO bridge.owned_facts (target_id, kind, value) SELECT id, 'organization', $2 FROM made)
       INSERT INTO bridge.memberships (group_id, user_id) SELECT $3, id FROM users`,
      [connection, organization, id],
    );
    const group = await new SqlTargetStore(database, { wake: () => undefined }).readGroup(
      targetId,
      organization,
    );
    expect(group?.members).toHaveLength(3000);
    expect(group?.pendingMembers).toEqual({ total: 0, coming: 0 });
  });

  it('a wait ends by notification from another process', async () => {
    const token = newId();
    const id = await dirty({ lease_token: token, lease_until: new Date(Date.now() + 60_000) });
    const other = await postgresEngine(postgres.url);
    const settlements = new SqlSettlements(other.database, { waiters: 1, pollEveryMs: 3_600_000 });
    try {
      const waiting = settlements.wait({ kind: 'user', id, version: 1 }, 30_000);
      await eventually(async () => expect((await targetRow(database, id))['awaited_until']).not.toBeNull());
      const store = new SqlTargetStore(database, { wake: () => undefined });
      await store.settle(id, token, 1, false);
      expect(await waiting).toEqual({ outcome: 'applied' });
    } finally {
      await settlements.shutdown();
      await other.close();
    }
  });

  it('a named lock goes to one of many, and heartbeats are counted', async () => {
    const locks = await times(10, () => new Locks(database).tryAcquire('sweep', 60_000));
    expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
    const workers = await times(3, async () => {
      const worker = new Heartbeats(database);
      await worker.start();
      return worker;
    });
    expect(await workers[0]?.count()).toBe(3);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(await workers[0]?.count()).toBe(0);
  });
});
