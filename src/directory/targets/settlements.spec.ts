import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertFact,
  insertGroup,
  insertMembership,
  insertTarget,
  insertUser,
  journalOf,
  targetRow,
} from '../../../test/support/directory-rows.js';
import { eventually } from '../../../test/support/eventually.js';
import type { TargetColumns } from '../../../test/support/directory-rows.js';
import { newId } from '../../common/index.js';
import type { TargetKind } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { Failure } from '../model.js';
import { SqlSettlements } from './settlements.js';
import { SqlTargetStore } from './sql-target-store.js';

const TOKEN = newId();
const FAILURE: Failure = {
  kind: 'invalidValue',
  step: 'createUser',
  detail: 'Coder refuses the name.',
  status: 400,
};
const LONG = 30_000;
/** Polling that never comes, so that only the notification can end a wait. */
const NO_POLLING = { waiters: 10, pollEveryMs: 3_600_000 };
const NO_NOTIFICATIONS = { waiters: 10, pollEveryMs: 5 };

describe('settlements', () => {
  let database: Database;
  let connection: string;
  let store: SqlTargetStore;
  const open: SqlSettlements[] = [];

  beforeAll(async () => {
    database = await databaseInMemory();
    store = new SqlTargetStore(database, { wake: () => undefined });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await Promise.all(open.splice(0).map((settlements) => settlements.shutdown()));
    await emptyDirectory(database);
    connection = await insertConnection(database);
  });

  const settlements = (limits?: typeof NO_POLLING, over: Database = database): SqlSettlements => {
    const made = new SqlSettlements(over, limits);
    open.push(made);
    return made;
  };
  const leased = (columns: TargetColumns = {}): Promise<string> =>
    insertTarget(database, connection, 'user', {
      lease_token: TOKEN,
      lease_until: new Date(Date.now() + 60_000),
      ...columns,
    });
  const target = (id: string, version = 1, kind: TargetKind = 'user') => ({ kind, id, version });
  const announced = (id: string): Promise<void> =>
    eventually(async () => expect((await targetRow(database, id))['awaited_until']).not.toBeNull());

  describe('of a push that waits', () => {
    it('come at once when the version is applied already', async () => {
      const id = await leased({ desired: 3, applied: 2 });
      expect(await settlements().wait(target(id, 2), LONG)).toEqual({ outcome: 'applied' });
    });

    it('come by notification', async () => {
      const id = await leased();
      const waiting = settlements(NO_POLLING).wait(target(id), LONG);
      await announced(id);
      await store.settle(id, TOKEN, 1, false);
      expect(await waiting).toEqual({ outcome: 'applied' });
    });

    it('tell the failure of the version', async () => {
      const id = await leased();
      const waiting = settlements(NO_POLLING).wait(target(id), LONG);
      await announced(id);
      await store.fail(id, TOKEN, 1, FAILURE);
      expect(await waiting).toEqual({ outcome: 'failed', failure: FAILURE });
    });

    it('come by looking when the notification is lost', async () => {
      const deaf: Database = Object.create(database);
      deaf.listen = () => Promise.reject(new Error('no connection'));
      const id = await leased();
      const waiting = settlements(NO_NOTIFICATIONS, deaf).wait(target(id), LONG);
      await announced(id);
      await store.settle(id, TOKEN, 1, false);
      expect(await waiting).toEqual({ outcome: 'applied' });
    });

    it('do not count an older version for a newer one', async () => {
      const id = await leased({ desired: 2 });
      const both = settlements(NO_NOTIFICATIONS);
      const older = both.wait(target(id, 1), LONG);
      let newerEnded = false;
      const newer = both.wait(target(id, 2), LONG).finally(() => (newerEnded = true));
      await announced(id);
      await store.settle(id, TOKEN, 1, false);
      expect(await older).toEqual({ outcome: 'applied' });
      expect(newerEnded).toBe(false);
      await store.settle(id, TOKEN, 2, false);
      expect(await newer).toEqual({ outcome: 'applied' });
    });

    it('are pending when the time is over', async () => {
      expect(await settlements().wait(target(await leased()), 20)).toEqual({ outcome: 'pending' });
      expect(await settlements().wait(target(await leased({ applied: 1 })), 0)).toEqual({
        outcome: 'pending',
      });
    });

    it('are pending at once for what is held back, and for what is not there', async () => {
      const held = await leased({ held_version: 1 });
      expect(await settlements().wait(target(held), LONG)).toEqual({ outcome: 'pending' });
      expect(await settlements().wait(target(newId()), LONG)).toEqual({ outcome: 'pending' });
    });

    it('are pending at once on shutdown, and ever after', async () => {
      const id = await leased();
      const waits = settlements();
      const waiting = waits.wait(target(id), LONG);
      await announced(id);
      await waits.shutdown();
      expect(await waiting).toEqual({ outcome: 'pending' });
      expect(await waits.wait(target(id), LONG)).toEqual({ outcome: 'pending' });
    });

    it('are pending at once when too many wait, and again awaited when some are done', async () => {
      const [first, second] = [await leased(), await leased()];
      const waits = settlements({ waiters: 1, pollEveryMs: 5 });
      const waiting = waits.wait(target(first), LONG);
      expect(await waits.wait(target(second), LONG)).toEqual({ outcome: 'pending' });
      await store.settle(first, TOKEN, 1, false);
      await waiting;
      await store.settle(second, TOKEN, 1, false);
      expect(await waits.wait(target(second), LONG)).toEqual({ outcome: 'applied' });
    });

    it('are pending when the database is away: the push itself is safe', async () => {
      const away: Database = Object.create(database);
      away.query = () => Promise.reject(new Error('no connection'));
      expect(await settlements(undefined, away).wait(target(newId()), LONG)).toEqual({ outcome: 'pending' });
    });

    it('share one LISTEN', async () => {
      let listens = 0;
      const counting: Database = Object.create(database);
      counting.listen = (channel, onPayload) => {
        listens += 1;
        return database.listen(channel, onPayload);
      };
      const waits = settlements(undefined, counting);
      const ids = [await leased({ applied: 1 }), await leased({ applied: 1 })];
      await Promise.all(ids.map((id) => waits.wait(target(id), LONG)));
      expect(listens).toBe(1);
    });
  });

  describe('that undo a creation', () => {
    const rows = async (): Promise<number[]> => {
      const [row] = await database.query<{ counts: number[] }>(
        `SELECT ARRAY[(SELECT count(*) FROM bridge.targets), (SELECT count(*) FROM bridge.users),
           (SELECT count(*) FROM bridge.groups), (SELECT count(*) FROM bridge.memberships)]::int[] AS counts`,
      );
      return row?.counts ?? [];
    };
    const undo = (id: string, version = 1, kind: TargetKind = 'user'): Promise<boolean> =>
      settlements().undoCreation(target(id, version, kind));

    it('leave nothing of the user but the journal', async () => {
      const id = await insertUser(database, connection, { target: { failed_version: 1 } });
      expect(await undo(id)).toBe(true);
      expect(await rows()).toEqual([0, 0, 0, 0]);
      expect(await journalOf(database, id)).toMatchObject([{ action: 'user.creation.undone', version: 1 }]);
      expect(await undo(id)).toBe(false);
    });

    it('leave nothing of the group, and its members alone', async () => {
      const user = await insertUser(database, connection);
      const { id, targetId } = await insertGroup(database, connection, { members: [user] });
      expect(await undo(targetId, 1, 'group')).toBe(true);
      expect(await rows()).toEqual([1, 1, 0, 0]);
      expect(await journalOf(database, targetId)).toMatchObject([{ action: 'group.creation.undone' }]);
      expect(
        await database.query('SELECT group_id, user_id, change FROM bridge.journal_memberships'),
      ).toEqual([{ group_id: id, user_id: user, change: 'removed' }]);
    });

    it('take the user out of groups', async () => {
      const user = await insertUser(database, connection);
      const { id } = await insertGroup(database, connection);
      await insertMembership(database, id, user);
      expect(await undo(user)).toBe(true);
      expect(await rows()).toEqual([1, 0, 1, 0]);
    });

    it.each<[string, TargetColumns]>([
      ['was pushed since', { desired: 2 }],
      ['has an account', { coder_id: newId(), coder_name: 'ann', origin: 'created' }],
      ['may have an account, whose creation was not answered', { intent: '{"name":"ann"}' }],
      ['was applied', { applied: 1 }],
    ])('do nothing to a user that %s', async (_, columns) => {
      const id = await insertUser(database, connection, { target: columns });
      expect(await undo(id)).toBe(false);
      expect(await rows()).toEqual([1, 1, 0, 0]);
      expect(await journalOf(database, id)).toEqual([]);
    });

    it('do nothing to a target that another group feeds as well', async () => {
      const { targetId } = await insertGroup(database, connection);
      await insertGroup(database, connection, { targetId });
      await insertFact(database, targetId, 'member', newId());
      expect(await undo(targetId, 1, 'group')).toBe(false);
      expect(await rows()).toEqual([1, 0, 2, 0]);
    });

    it('make the run that was about to create it lose its lease', async () => {
      const id = await insertUser(database, connection, {
        target: { lease_token: TOKEN, lease_until: new Date(Date.now() + 60_000) },
      });
      expect(await undo(id)).toBe(true);
      expect(await store.intend(id, TOKEN, { key: 'k', name: 'n', sentAt: '' })).toBe(false);
    });
  });
});
