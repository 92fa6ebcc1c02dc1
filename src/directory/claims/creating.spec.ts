import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { claimsOf } from '../../../test/support/claims.js';
import { connectionConfig, USUAL_POLICY } from '../../../test/support/connection-config.js';
import { databaseInMemory, emptyDirectory, journalOf } from '../../../test/support/directory-rows.js';
import { codeOf, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import type { StatedClaims } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { Pushed, StoredUser, UserState } from '../model.js';
import { UserDirectory } from '../users/user-directory.js';
import { ConfiguredClaimedUsers } from './claimed-users.js';
import { SqlClaimsDirectory } from './claims-directory.js';

type More = Parameters<typeof claimsOf>[3];

let database: Database;
let directory: TestDirectory;
let users: UserDirectory;
let claims: SqlClaimsDirectory;

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  directory = await testDirectory(database);
  ({ users, claims } = await withPolicy(true));
});

/** The directory of the same connection in a process whose policy says so. */
async function withPolicy(createFromClaims: boolean) {
  const [row] = await database.query<{ name: string }>('SELECT name FROM bridge.connections');
  const policy = { ...USUAL_POLICY, createFromClaims };
  const connections = [connectionConfig(row?.name ?? '', { policy })];
  const claimed = new ConfiguredClaimedUsers(database, { connections });
  return {
    users: new UserDirectory(database, directory.wakeUps, claimed),
    claims: new SqlClaimsDirectory(database, directory.wakeUps, claimed),
  };
}

const state = (subject: string, more?: More): Promise<StatedClaims> =>
  claims.state(
    claimsOf(
      directory.context.connectionId,
      subject,
      { groups: ['eng'] },
      {
        ...more,
        person: { externalIds: [`id-of-${subject}`], userName: subject, name: 'A Person', ...more?.person },
      },
    ),
  );
const post = (userName: string, more?: Partial<UserState>): Promise<Pushed<StoredUser>> =>
  users.create(directory.context, userState(userName, more));
const living = (): Promise<Record<string, unknown>[]> =>
  database.query('SELECT * FROM bridge.users WHERE deleted_at IS NULL ORDER BY id');
const noted = async (): Promise<unknown[]> =>
  (
    await database.query<{ facts: { detail: string } }>(
      `SELECT facts FROM bridge.journal WHERE action = 'claims.user.refused' ORDER BY id`,
    )
  ).map(({ facts }) => facts.detail);

describe('claims of somebody whom nobody has stated', () => {
  it('make a user, whom they are tied to at once, and say so in the journal', async () => {
    const stated = await state('ann');
    expect(stated).toMatchObject({ outcome: 'recorded', tiedBy: 'externalId', userId: expect.any(String) });
    const [user, ...others] = await living();
    expect(others).toEqual([]);
    expect(user).toMatchObject({
      id: stated.userId,
      user_name: 'ann',
      external_id: 'id-of-ann',
      email: 'ann@example.com',
      full_name: 'A Person',
      active: true,
      document: { userName: 'ann', emails: [{ value: 'ann@example.com' }], active: true },
    });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${stated.userId}`, lane: 'normal' }]);
    const [entry, ...more] = await journalOf(database, stated.userId ?? '');
    expect(entry).toMatchObject({ source: 'oidc', action: 'user.created', facts: { active: true } });
    expect(JSON.stringify(entry?.['facts'])).not.toContain('ann');
    expect(more.map(({ action }) => action)).toEqual(['claims.stated', 'claims.tied']);
    expect(await state('ann')).toMatchObject({ outcome: 'unchanged', userId: stated.userId });
  });

  it('make none where the policy does not say so, until it does and they are stated again', async () => {
    ({ claims } = await withPolicy(false));
    expect(await state('ann')).toMatchObject({ userId: null });
    expect(await claims.tieKept()).toBe(0);
    ({ claims } = await withPolicy(true));
    expect(await claims.tieKept()).toBe(0);
    expect(await living()).toEqual([]);
    expect(await state('ann')).toMatchObject({ outcome: 'recorded', tiedBy: 'externalId' });
  });

  it.each([{ emailVerified: false }, { email: null }, { email: 'no address' }])(
    'make none of %j, and say so once',
    async (person) => {
      expect(await state('ann', { person })).toMatchObject({ userId: null });
      expect(await state('ann', { person })).toMatchObject({ userId: null });
      expect(await living()).toEqual([]);
      expect(await noted()).toEqual(['the claims have no verified address']);
    },
  );

  it('make one user, however many come at once', async () => {
    const stated = await Promise.all(Array.from({ length: 20 }, () => state('ann')));
    const [user, ...others] = await living();
    expect(others).toEqual([]);
    const tied = stated.filter(({ outcome }) => outcome !== 'older');
    expect(new Set(tied.map(({ userId }) => userId))).toEqual(new Set([user?.['id']]));
  });

  it('make one user of two subjects with one address', async () => {
    const person = { email: 'Ann@example.com' };
    const stated = await Promise.all([state('ann-1', { person }), state('ann-2', { person })]);
    expect(stated.map(({ tiedBy }) => tiedBy).toSorted()).toEqual(['email', 'externalId']);
    expect(await living()).toHaveLength(1);
  });

  it('go by the address where the userName is, or was, somebody else’s', async () => {
    await post('ann', { email: 'another@example.com' });
    await users.remove(directory.context, (await post('bob', { email: 'gone@example.com' })).resource.id);
    await state('ann');
    await state('bob');
    await state('cleo', { person: { userName: null } });
    expect((await living()).map((user) => user['user_name'])).toEqual([
      'ann',
      'ann@example.com',
      'bob@example.com',
      'cleo@example.com',
    ]);
  });

  it('bring nobody back whom SCIM deleted or deactivated, by whatever subject', async () => {
    const { userId } = await state('ann');
    await users.remove(directory.context, userId ?? '');
    expect(await state('ann')).toMatchObject({ userId });
    expect(await state('new', { person: { email: 'ann@example.com' } })).toMatchObject({ userId: null });
    expect(await state('other', { person: { externalIds: ['id-of-ann'] } })).toMatchObject({ userId: null });
    expect(await living()).toEqual([]);
    expect(new Set(await noted())).toEqual(
      new Set(['the person was deleted, and only SCIM brings people back']),
    );
    const bob = await state('bob');
    await users.change(directory.context, bob.userId ?? '', (current) => ({ ...current, active: false }));
    expect(await state('bob', { person: { name: 'Another Name' } })).toMatchObject({ userId: bob.userId });
    expect(await living()).toMatchObject([{ active: false }]);
  });
});

describe('a creation over SCIM of somebody whom claims made', () => {
  it.each([
    ['externalId', { externalId: 'id-of-ann', email: 'new@example.com' }],
    ['email', { externalId: 'of-scim', email: 'ANN@example.com' }],
  ] as const)('takes the user over by %s, with its id and its claims', async (by, more) => {
    const { userId } = await state('ann');
    const { resource, takenOver } = await post('ann.smith', { ...more, fullName: 'Ann Smith' });
    expect({ resource, takenOver }).toMatchObject({
      resource: { id: userId, userName: 'ann.smith', fullName: 'Ann Smith', ...more },
      takenOver: true,
    });
    expect(await living()).toHaveLength(1);
    const entries = await journalOf(database, userId ?? '');
    expect(entries.at(-1)).toMatchObject({ source: 'scim', action: 'user.takenOver', facts: { by } });
    expect(await state('ann')).toMatchObject({ userId });
    // From now on it is SCIM's.
    expect(await codeOf(post('ann.smith', { ...more }))).toBe('userNameTaken');
  });

  it('takes over by an id that is not the best of the claims', async () => {
    const { userId } = await state('ann', { person: { externalIds: ['oid', 'sub'] } });
    const { resource } = await post('a', { externalId: 'sub', email: 'a@example.com' });
    expect(resource).toMatchObject({ id: userId, externalId: 'sub' });
  });

  it('deactivates, urgently, where it says so', async () => {
    const { userId } = await state('ann');
    directory.wakeUps.take();
    await post('ann', { active: false });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${userId}`, lane: 'urgent' }]);
    expect(await state('ann', { person: { name: 'Ann' } })).toMatchObject({ userId });
    expect(await living()).toMatchObject([{ active: false }]);
  });

  it('takes nobody over by the userName, which gives way', async () => {
    const { userId } = await state('boss', { person: { email: 'mallory@example.com' } });
    const { resource, takenOver } = await post('Boss', { externalId: 'b', email: 'boss@example.com' });
    expect(takenOver).toBeUndefined();
    expect(resource.id).not.toBe(userId);
    expect(await users.get(directory.context.connectionId, userId ?? '', false)).toMatchObject({
      document: expect.stringContaining('"userName": "mallory@example.com"'),
    });
    // And again, by the name that it has now.
    await post('mallory@example.com', { email: 'm2@example.com' });
    expect((await living()).map((user) => user['user_name']).toSorted()).toEqual(
      [userId, 'Boss', 'mallory@example.com'].toSorted(),
    );
  });

  it('comes to one user when both happen at once', async () => {
    for (let at = 0; at < 10; at += 1) {
      const email = `p-${at}@example.com`;
      await Promise.all([
        state(`p-${at}`, { person: { email } }),
        post(`scim-${at}`, { externalId: at % 2 === 0 ? null : `id-of-p-${at}`, email }),
      ]);
    }
    expect((await living()).map((user) => user['user_name']).toSorted()).toEqual(
      Array.from({ length: 10 }, (_none, at) => `scim-${at}`),
    );
  });

  it('takes over though the policy says otherwise by now', async () => {
    const { userId } = await state('ann');
    ({ users } = await withPolicy(false));
    expect((await post('ann')).resource.id).toBe(userId);
  });

  it('creates everybody else, and takes up what a deleted user left', async () => {
    const first = await post('ann');
    await database.query('UPDATE bridge.targets SET coder_id = gen_random_uuid() WHERE id = $1', [
      first.resource.id,
    ]);
    await users.remove(directory.context, first.resource.id);
    const { resource } = await post('ann');
    const [entry] = await journalOf(database, resource.id);
    expect(entry).toMatchObject({ action: 'user.created', facts: { succeeds: first.resource.id } });
    expect(await codeOf(post('ann'))).toBe('userNameTaken');
  });
});
