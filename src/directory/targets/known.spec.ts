import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertGroup,
  insertUser,
} from '../../../test/support/directory-rows.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { raise } from '../../queue/index.js';
import { SqlTargetStore } from './sql-target-store.js';

const TOKEN = newId();
const SEEN = { account: { username: 'ann' } };

describe('what was last seen in Coder', () => {
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

  /** A user whose run has settled with {@link SEEN}. */
  async function settled(): Promise<string> {
    const id = await insertUser(database, connection, { target: { lease_token: TOKEN } });
    await store.settle(id, TOKEN, 1, false, SEEN);
    return id;
  }
  const known = async (id: string): Promise<unknown> => (await store.readUser(id))?.known;
  const age = (id: string, minutes: number): Promise<unknown> =>
    database.query(`UPDATE bridge.targets SET known_at = now() - $2 * interval '1 minute' WHERE id = $1`, [
      id,
      minutes,
    ]);

  it('is kept by the settling, until the next one says something else', async () => {
    const id = await settled();
    expect(await known(id)).toEqual(SEEN);
    await store.settle(id, TOKEN, 1, false);
    expect(await known(id)).toEqual(SEEN);
    await store.settle(id, TOKEN, 1, false, { other: true });
    expect(await known(id)).toEqual({ other: true });
  });

  it('is good for an hour and five minutes', async () => {
    const id = await settled();
    await age(id, 64);
    expect(await known(id)).toEqual(SEEN);
    await age(id, 66);
    expect(await known(id)).toBeNull();
  });

  it('is forgotten by who holds the lease, and by nobody else', async () => {
    const id = await settled();
    expect(await store.forgetKnown(id, newId())).toBe(false);
    expect(await known(id)).toEqual(SEEN);
    expect(await store.forgetKnown(id, TOKEN)).toBe(true);
    expect(await known(id)).toBeNull();
  });

  it('is good for another hour when a list shows it, and gone when it shows something else', async () => {
    const [same, other, dirty] = [await settled(), await settled(), await settled()];
    for (const id of [same, other, dirty]) await age(id, 60);
    await database.query('UPDATE bridge.targets SET desired = 2 WHERE id = $1', [dirty]);
    await store.confirmKnown([same], [other, dirty]);
    await database.query(`UPDATE bridge.targets SET known_at = known_at - interval '10 minutes'`);
    expect(await known(same)).toEqual(SEEN);
    expect(await known(other)).toBeNull();
    const [row] = await database.query('SELECT known FROM bridge.targets WHERE id = $1', [dirty]);
    expect(row).toEqual({ known: SEEN });
  });

  it('is gone where the full sync found a difference, and stays where settings changed', async () => {
    const [differs, stays] = [await settled(), await settled()];
    await raise(database, [differs], 'full-sync', 'differs');
    await raise(database, [stays], 'settings', 'other rules');
    expect(await known(differs)).toBeNull();
    expect(await known(stays)).toEqual(SEEN);
  });

  it('of a group is gone when a member comes into the organization again', async () => {
    const id = await settled();
    const { targetId } = await insertGroup(database, connection, { members: [id] });
    await database.query('UPDATE bridge.targets SET known = $2, known_at = now() WHERE id = $1', [
      targetId,
      JSON.stringify(SEEN),
    ]);
    await store.own(id, TOKEN, { kind: 'organization', gained: [newId()], lost: [] });
    const [row] = await database.query('SELECT known FROM bridge.targets WHERE id = $1', [targetId]);
    expect(row).toEqual({ known: null });
  });

  it('many arrive from the eleventh on who has no account', async () => {
    for (let n = 0; n < 10; n += 1) await insertUser(database, connection);
    expect(await store.manyArrive()).toBe(false);
    await insertUser(database, connection, { target: { applied: 1 } });
    expect(await store.manyArrive()).toBe(false);
    await insertUser(database, connection);
    expect(await store.manyArrive()).toBe(true);
  });

  it('tells how many users arrived in the last three seconds', async () => {
    const { targetId } = await insertGroup(database, connection);
    for (let n = 0; n < 3; n += 1) await insertUser(database, connection);
    await insertUser(database, await insertConnection(database));
    expect(await store.placeOf(targetId)).toMatchObject({ arriving: 3, waitMs: 1_000, urgent: false });
  });
});
