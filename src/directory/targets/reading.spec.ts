import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertFact,
  insertGroup,
  insertUser,
} from '../../../test/support/directory-rows.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { SqlTargetStore } from './sql-target-store.js';

const ORGANIZATION = newId();

describe('what is desired', () => {
  let database: Database;
  let connection: string;
  let store: SqlTargetStore;

  beforeAll(async () => {
    database = await databaseInMemory();
    store = new SqlTargetStore(database, { wake: () => undefined });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyDirectory(database);
    connection = await insertConnection(database);
  });

  const linked = (coderId = newId(), coderName = `name-${coderId}`) => ({
    coder_id: coderId,
    coder_name: coderName,
    origin: 'created',
  });
  const member = (coderId: string): Promise<string> =>
    insertUser(database, connection, {
      target: { ...linked(coderId), applied: 1 },
      organizations: [ORGANIZATION],
    });

  describe('of a user', () => {
    it('comes with the version that it is of', async () => {
      const coderId = newId();
      const organization = newId();
      const id = await insertUser(database, connection, {
        userName: 'Ann',
        email: 'Ann@Example.com',
        target: {
          ...linked(coderId, 'ann'),
          desired: 7,
          applied: 5,
          tries: 2,
          failed_version: 4,
          held_version: 6,
          held: JSON.stringify({ approved: 'abc' }),
          urgent: true,
          intent: JSON.stringify({ key: 'ann@example.com', name: 'ann', sentAt: '2026-01-01T00:00:00Z' }),
        },
        organizations: [organization],
      });
      expect(await store.readUser(id)).toMatchObject({
        kind: 'user',
        id,
        connectionId: connection,
        desired: 7,
        applied: 5,
        tries: 2,
        failedVersion: 4,
        heldVersion: 6,
        approvedPlan: { approved: 'abc' },
        urgent: true,
        waitMs: 1000,
        deleted: false,
        link: { coderId, coderName: 'ann', origin: 'created' },
        intent: { key: 'ann@example.com', name: 'ann', sentAt: '2026-01-01T00:00:00Z' },
        userName: 'Ann',
        email: 'Ann@Example.com',
        active: true,
        emailClaimedBy: null,
        ownedOrganizations: [organization],
      });
      expect(await store.desired(id)).toBe(7);
    });

    it('tells its times by the clock of the database', async () => {
      const now = Date.now();
      const id = await insertUser(database, connection, {
        target: { pushed_at: new Date(now - 2_000), dirty_since: new Date(now - 5_000) },
      });
      const user = await store.readUser(id);
      expect(user && user.now - user.pushedAt).toBeGreaterThan(1_500);
      expect(user && user.pushedAt - user.dirtySince).toBe(3_000);
    });

    it('says that a tombstone is deleted', async () => {
      const id = await insertUser(database, connection, { deleted: true, target: linked() });
      expect(await store.readUser(id)).toMatchObject({ deleted: true });
    });

    it('is nothing where there is no such user', async () => {
      expect(await store.readUser(newId())).toBeNull();
      expect(await store.desired(newId())).toBe(0);
    });

    it('names the user who had the email first, whatever the connection and the case', async () => {
      const other = await insertConnection(database);
      const first = await insertUser(database, other, { email: 'SAME@example.com' });
      const second = await insertUser(database, connection, { email: 'same@Example.com' });
      expect(await store.readUser(first)).toMatchObject({ emailClaimedBy: null });
      expect(await store.readUser(second)).toMatchObject({ emailClaimedBy: first });
    });

    it('does not count an earlier user who is deleted, or inactive without an account', async () => {
      await insertUser(database, connection, { email: 'a@example.com', deleted: true });
      await insertUser(database, connection, { email: 'a@example.com', active: false });
      const id = await insertUser(database, connection, { email: 'a@example.com' });
      expect(await store.readUser(id)).toMatchObject({ emailClaimedBy: null });
    });

    it('counts an earlier user who is inactive and has the account', async () => {
      const first = await insertUser(database, connection, {
        email: 'a@example.com',
        active: false,
        target: linked(),
      });
      const id = await insertUser(database, connection, { email: 'a@example.com' });
      expect(await store.readUser(id)).toMatchObject({ emailClaimedBy: first });
    });

    it('sees no clash between users without an email', async () => {
      await insertUser(database, connection, { email: null });
      const id = await insertUser(database, connection, { email: null });
      expect(await store.readUser(id)).toMatchObject({ email: null, emailClaimedBy: null });
    });
  });

  describe('of a group', () => {
    const read = async (targetId: string) => {
      const group = await store.readGroup(targetId, ORGANIZATION);
      if (!group) throw new Error('no such group');
      return group;
    };

    it('has the members that have an account and are in the organization', async () => {
      const [ann, bob] = [newId(), newId()];
      const users = [await member(ann), await member(bob)];
      const { targetId } = await insertGroup(database, connection, {
        displayName: 'Engineering',
        members: users,
      });
      expect(await read(targetId)).toMatchObject({
        kind: 'group',
        displayName: 'Engineering',
        deleted: false,
        members: [
          { userId: users[0], coderId: ann },
          { userId: users[1], coderId: bob },
        ],
        pendingMembers: { total: 0, coming: 0 },
        takenNames: [],
      });
    });

    it('keeps inactive members, and leaves out deleted ones', async () => {
      const ann = newId();
      const inactive = await insertUser(database, connection, {
        active: false,
        target: linked(ann),
        organizations: [ORGANIZATION],
      });
      const gone = await insertUser(database, connection, {
        deleted: true,
        target: linked(),
        organizations: [ORGANIZATION],
      });
      const { targetId } = await insertGroup(database, connection, { members: [inactive, gone] });
      expect((await read(targetId)).members).toEqual([{ userId: inactive, coderId: ann }]);
    });

    it('waits for members that are on their way, and only counts the others', async () => {
      const coming = await insertUser(database, connection);
      const joining = await insertUser(database, connection, { target: linked(), organizations: [newId()] });
      const failed = await insertUser(database, connection, { target: { failed_version: 1 } });
      const held = await insertUser(database, connection, { target: { held_version: 1 } });
      const inactive = await insertUser(database, connection, { active: false });
      const members = [coming, joining, failed, held, inactive];
      const { targetId } = await insertGroup(database, connection, { members });
      expect(await read(targetId)).toMatchObject({ members: [], pendingMembers: { total: 5, coming: 2 } });
    });

    it('is the union over the groups that feed it, under the name of the oldest', async () => {
      const users = [await member(newId()), await member(newId()), await member(newId())];
      const [ann = '', bob = '', eve = ''] = users;
      const { targetId } = await insertGroup(database, connection, {
        displayName: 'First',
        members: [ann, bob],
      });
      await insertGroup(database, connection, { displayName: 'Second', members: [bob], targetId });
      await insertGroup(database, connection, {
        displayName: 'Gone',
        members: [eve],
        targetId,
        deleted: true,
      });
      const group = await read(targetId);
      expect(group.displayName).toBe('First');
      expect(group.members.map(({ userId }) => userId)).toEqual([ann, bob]);
    });

    it('goes on under the next name when the oldest feed is deleted', async () => {
      const { targetId } = await insertGroup(database, connection, { displayName: 'First', deleted: true });
      await insertGroup(database, connection, { displayName: 'Second', targetId });
      expect(await read(targetId)).toMatchObject({ displayName: 'Second', deleted: false });
    });

    it('is deleted when no living group feeds it', async () => {
      const { targetId } = await insertGroup(database, connection, {
        displayName: 'Gone',
        deleted: true,
        members: [await member(newId())],
      });
      expect(await read(targetId)).toMatchObject({ deleted: true, displayName: 'Gone', members: [] });
    });

    it('tells which memberships the bridge owns', async () => {
      const { targetId } = await insertGroup(database, connection);
      const coderId = newId();
      await insertFact(database, targetId, 'member', coderId);
      expect((await read(targetId)).ownedMembers).toEqual([coderId]);
    });

    it('tells the names that other living groups have or are about to have', async () => {
      const intent = JSON.stringify({ key: 'qa', name: 'QA', sentAt: '2026-01-01T00:00:00Z' });
      const { targetId } = await insertGroup(database, connection, { target: linked(newId(), 'mine') });
      await insertGroup(database, connection, { target: linked(newId(), 'Eng') });
      await insertGroup(database, connection, { target: { intent } });
      await insertGroup(database, connection, { deleted: true, target: linked(newId(), 'gone') });
      await insertGroup(database, connection);
      expect((await read(targetId)).takenNames.toSorted()).toEqual(['eng', 'qa']);
    });

    it('is nothing where there is no such group', async () => {
      expect(await store.readGroup(newId(), ORGANIZATION)).toBeNull();
      expect(await store.readGroup(await insertUser(database, connection), ORGANIZATION)).toBeNull();
    });
  });
});
