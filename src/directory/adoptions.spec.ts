import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  insertGroup,
  insertUser,
  journalOf,
  targetRow,
} from '../../test/support/directory-rows.js';
import { newId } from '../common/index.js';
import type { Database } from '../database/index.js';
import type { WakeUp } from '../queue/index.js';
import { SqlAdoptions } from './adoptions.js';

let database: Database;
let adoptions: SqlAdoptions;
let okta: string;
let entra: string;
let woken: WakeUp[];

beforeAll(async () => {
  database = await databaseInMemory();
  adoptions = new SqlAdoptions(database, { wake: (wakeUps) => void woken.push(...wakeUps) });
});

beforeEach(async () => {
  await emptyDirectory(database);
  await database.query('DELETE FROM bridge.connections');
  okta = await insertConnection(database, 'okta');
  entra = await insertConnection(database, 'entra');
  woken = [];
});

/** A user whose adoption of an account of its name is held. */
async function awaiting(userName: string, connection = okta, held: object = {}): Promise<string> {
  const adopts = { accountId: newId(), username: userName.toLowerCase() };
  return insertUser(database, connection, {
    userName,
    email: `${userName}@corp.example`,
    target: { held_version: 1, held: { hash: `hash of ${userName}`, adopts, ...held } },
  });
}

const LINK = { coder_name: 'a-name', origin: 'created', linked_at: new Date() };

describe('who could be adopted', () => {
  it('are active users without an account, in pages, of one connection or of all', async () => {
    const first = await insertUser(database, okta, { userName: 'first' });
    await insertUser(database, okta, { active: false });
    await insertUser(database, okta, { deleted: true });
    await insertUser(database, okta, { target: { coder_id: newId(), ...LINK } });
    const second = await insertUser(database, entra, { userName: 'second', email: null });
    const page = { after: null, limit: 10 };
    const told = {
      id: first,
      connection: 'okta',
      userName: 'first',
      email: 'first@example.com',
      username: null,
    };
    expect(await adoptions.users({ ...page, limit: 1 })).toEqual([told]);
    expect(await adoptions.users({ ...page, after: first })).toMatchObject([{ id: second, email: null }]);
    expect(await adoptions.users({ ...page, connection: 'entra' })).toMatchObject([{ id: second }]);
    expect(await adoptions.users(page)).toHaveLength(2);
  });

  it('are groups that are fed and without one in Coder', async () => {
    const { targetId } = await insertGroup(database, okta, { displayName: 'Tools' });
    await insertGroup(database, okta, { deleted: true });
    await insertGroup(database, okta, { target: { coder_id: newId(), ...LINK } });
    expect(await adoptions.groups({ after: null, limit: 10 })).toEqual([
      { id: targetId, connection: 'okta', displayName: 'Tools' },
    ]);
    expect(await adoptions.groups({ after: null, limit: 10, connection: 'entra' })).toEqual([]);
  });

  it('are not those whose account is linked to somebody, who is named', async () => {
    const coderId = newId();
    await insertUser(database, entra, { userName: 'holder', target: { coder_id: coderId, ...LINK } });
    expect(await adoptions.owners('user', [coderId, newId()])).toEqual([
      { coderId, connection: 'entra', name: 'holder' },
    ]);
    expect(await adoptions.owners('group', [coderId])).toEqual([]);
    expect(await adoptions.owners('user', [])).toEqual([]);
  });
});

describe('an approval', () => {
  it.each([(id: string) => id, () => 'ADA', () => ' ada@corp.EXAMPLE '])(
    'lets the held adoption pass, wakes it and is journaled (%#)',
    async (named) => {
      const id = await awaiting('Ada');
      const other = await awaiting('Grace');
      const result = await adoptions.approve({ users: [named(id)] });
      expect(result).toMatchObject({
        approved: [{ id, userName: 'Ada', connection: 'okta', username: 'ada' }],
        unknown: [],
        ambiguous: [],
      });
      expect(await targetRow(database, id)).toMatchObject({
        held_version: null,
        held: { approved: 'hash of Ada', adopts: { username: 'ada' } },
      });
      expect(await targetRow(database, other)).toMatchObject({ held_version: 1 });
      expect(woken).toEqual([{ target: `user:${id}`, lane: 'normal' }]);
      expect(await journalOf(database, id)).toMatchObject([
        {
          action: 'adoption.approved',
          source: 'admin',
          facts: { coderId: result.approved[0]?.accountId },
          personal: null,
        },
      ]);
    },
  );

  it('of all keeps to its connection', async () => {
    const mine = await awaiting('Ada');
    await awaiting('Grace', entra);
    const result = await adoptions.approve({ users: 'all', connection: 'okta' });
    expect(result.approved.map(({ id }) => id)).toEqual([mine]);
    expect((await adoptions.approve({ users: 'all' })).approved).toHaveLength(1);
    expect((await adoptions.approve({ users: 'all' })).approved).toEqual([]);
  });

  it('says of whom nothing waits, and who is several', async () => {
    const mine = await awaiting('Ada');
    await awaiting('ada', entra);
    await insertUser(database, okta, { userName: 'linus' });
    await awaiting('dry', okta, { dryRun: true });
    const losses = { held_version: 1, held: { hash: 'a', takes: {} } };
    await insertUser(database, okta, { userName: 'leaver', target: losses });
    const users = ['ada', 'linus', 'dry', 'leaver', 'nobody'];
    expect(await adoptions.approve({ users })).toEqual({
      approved: [],
      unknown: ['linus', 'dry', 'leaver', 'nobody'],
      ambiguous: ['ada'],
    });
    expect((await adoptions.approve({ users: ['ada'], connection: 'okta' })).approved).toMatchObject([
      { id: mine },
    ]);
  });
});
