import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertGroup,
  insertMembership,
  insertUser,
  journalOf,
  targetRow,
} from '../../../test/support/directory-rows.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { WakeUp } from '../../queue/index.js';
import { LinkTaken } from '../target-store.js';
import type { Link } from '../target-store.js';
import { SqlTargetStore } from './sql-target-store.js';

const TOKEN = newId();
const STALE = newId();
const HELD = { lease_token: TOKEN, lease_until: new Date(Date.now() + 60_000) };
const EFFECT = { action: 'coder.user.created', facts: { status: 'dormant' }, personal: { username: 'ann' } };

describe('links and what is owned', () => {
  let database: Database;
  let connection: string;
  let woken: WakeUp[];
  let store: SqlTargetStore;

  beforeAll(async () => {
    database = await databaseInMemory();
    store = new SqlTargetStore(database, { wake: (wakeUps) => void woken.push(...wakeUps) });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    woken = [];
    await emptyDirectory(database);
    connection = await insertConnection(database);
  });

  const linkTo = (coderId: string): Link => ({ coderId, coderName: 'ann', origin: 'created' });
  const columns = ({ coderId, coderName, origin }: Link) => ({
    coder_id: coderId,
    coder_name: coderName,
    origin,
  });
  const facts = (id: string): Promise<object[]> =>
    database.query('SELECT kind, value FROM bridge.owned_facts WHERE target_id = $1 ORDER BY value', [id]);

  it('are recorded with the journal entry, and end the intent', async () => {
    const id = await insertUser(database, connection, {
      target: { ...HELD, desired: 3, intent: '{"name":"ann"}' },
    });
    const coderId = newId();
    expect(await store.link(id, TOKEN, linkTo(coderId), EFFECT)).toBe(true);
    const row = await targetRow(database, id);
    expect(row).toMatchObject({ coder_id: coderId, coder_name: 'ann', origin: 'created', intent: null });
    expect(row['linked_at']).toBeInstanceOf(Date);
    expect(await journalOf(database, id)).toMatchObject([
      {
        connection_id: connection,
        target_kind: 'user',
        source: 'reconcile',
        action: 'coder.user.created',
        version: 3,
        facts: { status: 'dormant' },
        personal: { values: { username: 'ann' } },
      },
    ]);
  });

  it('are never made to what another target is linked to', async () => {
    const coderId = newId();
    await insertUser(database, connection, { target: columns(linkTo(coderId)) });
    const other = await insertConnection(database);
    const id = await insertUser(database, other, { target: HELD });
    await expect(store.link(id, TOKEN, linkTo(coderId), EFFECT)).rejects.toThrow(LinkTaken);
    expect(await targetRow(database, id)).toMatchObject({ coder_id: null });
    expect(await journalOf(database, id)).toEqual([]);
  });

  it('are never taken from a tombstone either', async () => {
    const coderId = newId();
    await insertUser(database, connection, {
      deleted: true,
      target: { ...columns(linkTo(coderId)), applied: 1 },
    });
    const id = await insertUser(database, connection, { target: HELD });
    await expect(store.link(id, TOKEN, linkTo(coderId), EFFECT)).rejects.toThrow(LinkTaken);
  });

  it('go with everything owned when the account is gone, and that is journaled', async () => {
    const target = { ...HELD, ...columns(linkTo(newId())) };
    const id = await insertUser(database, connection, { target, organizations: [newId()] });
    expect(await store.unlink(id, TOKEN, { action: 'coder.user.gone', facts: {} })).toBe(true);
    expect(await targetRow(database, id)).toMatchObject({ coder_id: null, coder_name: null, origin: null });
    expect(await facts(id)).toEqual([]);
    expect(await journalOf(database, id)).toMatchObject([{ action: 'coder.user.gone' }]);
  });

  it('are announced by an intent, which a definite answer removes', async () => {
    const id = await insertUser(database, connection, { target: HELD });
    const intent = { key: 'ann@example.com', name: 'ann', sentAt: '2026-01-01T00:00:00Z' };
    expect(await store.intend(id, TOKEN, intent)).toBe(true);
    expect((await store.readUser(id))?.intent).toEqual(intent);
    expect(await store.intend(id, TOKEN, null)).toBe(true);
    expect((await store.readUser(id))?.intent).toBeNull();
  });

  it('are refused to whoever has lost the lease', async () => {
    const id = await insertUser(database, connection, { target: HELD });
    const { targetId } = await insertGroup(database, connection, { members: [id], target: { applied: 1 } });
    const organization = newId();
    expect(await store.link(id, STALE, linkTo(newId()), EFFECT)).toBe(false);
    expect(await store.unlink(id, STALE, EFFECT)).toBe(false);
    expect(await store.intend(id, STALE, { key: 'k', name: 'n', sentAt: '' })).toBe(false);
    expect(await store.own(id, STALE, { kind: 'organization', gained: [organization], lost: [] })).toBe(
      false,
    );
    expect(await targetRow(database, id)).toMatchObject({ coder_id: null, intent: null });
    expect(await targetRow(database, targetId)).toMatchObject({ desired: 1 });
    expect([await facts(id), await journalOf(database, id), woken]).toEqual([[], [], []]);
  });

  it('gain and lose members of a group', async () => {
    const [kept = '', lost = '', gained = ''] = [newId(), newId(), newId()].toSorted();
    const { targetId } = await insertGroup(database, connection, { target: HELD });
    expect(await store.own(targetId, TOKEN, { kind: 'member', gained: [kept, lost], lost: [] })).toBe(true);
    expect(await store.own(targetId, TOKEN, { kind: 'member', gained: [kept, gained], lost: [lost] })).toBe(
      true,
    );
    expect(await facts(targetId)).toEqual([kept, gained].map((value) => ({ kind: 'member', value })));
    expect(woken).toEqual([]);
  });

  describe('when a user comes into an organization', () => {
    const joined = { kind: 'organization' as const, gained: [newId()], lost: [] };

    it("make the user's groups dirty and wake them a little later", async () => {
      const id = await insertUser(database, connection, { target: HELD });
      const old = new Date(Date.now() - 900_000);
      const settled = { desired: 4, applied: 4, dirty_since: old, pushed_at: old };
      const first = await insertGroup(database, connection, { members: [id], target: settled });
      const second = await insertGroup(database, connection, {
        members: [id],
        target: { ...settled, applied: 3 },
      });
      const other = await insertGroup(database, connection, { target: settled });
      const gone = await insertGroup(database, connection, { members: [id], deleted: true, target: settled });

      expect(await store.own(id, TOKEN, joined)).toBe(true);

      const clean = await targetRow(database, first.targetId);
      expect(clean).toMatchObject({ desired: 5, applied: 4, urgent: false });
      expect((clean['dirty_since'] as Date).getTime()).toBeGreaterThan(Date.now() - 60_000);
      expect((clean['pushed_at'] as Date).getTime()).toBeGreaterThan(Date.now() - 60_000);
      expect(await targetRow(database, second.targetId)).toMatchObject({ desired: 5, dirty_since: old });
      expect(await targetRow(database, other.targetId)).toMatchObject({ desired: 4 });
      expect(await targetRow(database, gone.targetId)).toMatchObject({ desired: 4 });
      const expected = [first, second].map(({ targetId }) => ({
        target: `group:${targetId}`,
        lane: 'normal',
        delayMs: 250,
      }));
      expect(woken.toSorted((a, b) => (a.target < b.target ? -1 : 1))).toEqual(expected);
    });

    it('leave the groups alone when the organization was owned before', async () => {
      const id = await insertUser(database, connection, { target: HELD, organizations: joined.gained });
      const { targetId } = await insertGroup(database, connection, { members: [id], target: { applied: 1 } });
      await store.own(id, TOKEN, joined);
      expect(await facts(id)).toHaveLength(1);
      expect((await targetRow(database, targetId))['desired']).toBe(1);
      expect(woken).toEqual([]);
    });

    it('find a membership that was committed at that very moment', async () => {
      const id = await insertUser(database, connection, { target: HELD });
      const { id: groupId, targetId } = await insertGroup(database, connection, { target: { applied: 1 } });
      const racing: Database = Object.create(database);
      racing.query = async (statement, params) => {
        const rows = await database.query<never>(statement, params);
        if (typeof statement === 'object' && statement.name === 'target-own') {
          await insertMembership(database, groupId, id);
        }
        return rows;
      };
      await new SqlTargetStore(racing, { wake: (wakeUps) => void woken.push(...wakeUps) }).own(
        id,
        TOKEN,
        joined,
      );
      expect(await targetRow(database, targetId)).toMatchObject({ desired: 2 });
      expect(woken).toEqual([{ target: `group:${targetId}`, lane: 'normal' }]);
    });
  });
});
