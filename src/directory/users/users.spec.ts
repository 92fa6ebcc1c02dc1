import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  databaseInMemory,
  emptyDirectory,
  journalOf,
  targetRow,
} from '../../../test/support/directory-rows.js';
import { codeOf, groupState, settle, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { StoredUser, UserState } from '../model.js';

let database: Database;
let directory: TestDirectory;

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  directory = await testDirectory(database);
});

const create = (state: UserState) => directory.users.create(directory.context, state);
const change = (id: string, to: (state: UserState) => UserState) =>
  directory.users.change(directory.context, id, to);
const read = (id: string, withReferences = false) =>
  directory.users.get(directory.context.connectionId, id, withReferences);

/** The user as a change of it sees it: everything that is stored. */
async function stored(id: string): Promise<StoredUser> {
  const seen: StoredUser[] = [];
  await directory.users.change(directory.context, id, (current) => {
    seen.push(current);
    return current;
  });
  const [user] = seen;
  if (!user) throw new Error('the user was not read');
  return user;
}

describe('creating a user', () => {
  it('commits the user, a dirty target and a journal entry, and then wakes the target', async () => {
    const { resource, target, changed } = await create(userState('Ann', { externalId: 'x-1' }));
    expect(changed).toBe(true);
    expect(target).toEqual({ kind: 'user', id: resource.id, version: 1 });
    expect(await stored(resource.id)).toEqual(resource);
    expect(await targetRow(database, resource.id)).toMatchObject({ desired: 1, applied: 0, urgent: false });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${resource.id}`, lane: 'normal' }]);
    const [entry, ...others] = await journalOf(database, resource.id);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ action: 'user.created', version: 1, source: 'scim', target_kind: 'user' });
    expect(entry).toMatchObject({ request_id: directory.context.requestId });
    expect(JSON.stringify(entry?.['facts'])).not.toContain('Ann');
    expect(JSON.stringify(entry?.['personal'])).toContain('Ann');
  });

  it('refuses a userName that differs in case or in Unicode form alone, and writes nothing', async () => {
    await create(userState('Jos\u00e9'));
    expect(await codeOf(create(userState('JOSE\u0301')))).toBe('userNameTaken');
    const [counts] = await database.query(
      'SELECT (SELECT count(*) FROM bridge.targets) AS targets, (SELECT count(*) FROM bridge.journal) AS entries',
    );
    expect(counts).toEqual({ targets: 1, entries: 1 });
  });

  it('refuses an externalId that is in use, but not one that differs in case', async () => {
    await create(userState('ann', { externalId: 'x' }));
    expect(await codeOf(create(userState('bob', { externalId: 'x' })))).toBe('externalIdTaken');
    expect((await create(userState('bob', { externalId: 'X' }))).changed).toBe(true);
  });

  it('lets another connection use the same names', async () => {
    await create(userState('ann', { externalId: 'x' }));
    const other = await testDirectory(database);
    const { resource } = await other.users.create(other.context, userState('ann', { externalId: 'x' }));
    expect(await codeOf(read(resource.id))).toBe('notFound');
  });

  it('lets one of twenty concurrent creations of a userName win', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => create(userState('ann'))));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'userNameTaken' });
    }
  });

  it.each([
    ['userName', userState('n'.repeat(513))],
    ['externalId', userState('ann', { externalId: 'x'.repeat(513) })],
    ['email', userState('ann', { email: `${'m'.repeat(511)}@x` })],
    ['userName', userState('a\0b')],
    ['externalId', userState('ann', { externalId: '\ud800' })],
  ])('refuses the %s that no index can hold', async (attribute, state) => {
    await expect(create(state)).rejects.toMatchObject({ code: 'invalidValue', subjects: [attribute] });
  });

  it('keeps a document whole, with keys that other programs stumble over', async () => {
    const document = JSON.parse(
      '{"userName":"ann","__proto__":{"a":[1,null,"É"]},"constructor":"x"}',
    ) as UserState['document'];
    const { resource } = await create(userState('ann', { document }));
    const shown = await read(resource.id);
    expect(JSON.stringify(Object.entries(JSON.parse(shown.document) as object).toSorted())).toBe(
      JSON.stringify(Object.entries(document).toSorted()),
    );
  });
});

describe('changing a user', () => {
  it('raises version and desired, journals the names of what changed, and wakes', async () => {
    const { resource } = await create(userState('ann'));
    await settle(database, resource.id);
    directory.wakeUps.take();
    const pushed = await change(resource.id, (state) => ({
      ...state,
      email: 'new@example.com',
      fullName: 'Ann B',
    }));
    expect(pushed).toMatchObject({ changed: true, target: { version: 2 } });
    expect(pushed.resource).toMatchObject({ version: 2, email: 'new@example.com' });
    expect(await stored(resource.id)).toEqual(pushed.resource);
    expect(await targetRow(database, resource.id)).toMatchObject({ desired: 2, applied: 1, urgent: false });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${resource.id}`, lane: 'normal' }]);
    const [, entry] = await journalOf(database, resource.id);
    expect(entry).toMatchObject({
      action: 'user.changed',
      version: 2,
      facts: { attributes: ['email', 'fullName'] },
    });
    expect(JSON.stringify(entry?.['facts'])).not.toContain('@');
  });

  it('is urgent when the user is deactivated, and not when activated again', async () => {
    const { resource } = await create(userState('ann'));
    await settle(database, resource.id);
    directory.wakeUps.take();
    await change(resource.id, (state) => ({ ...state, active: false }));
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${resource.id}`, lane: 'urgent' }]);
    expect(await targetRow(database, resource.id)).toMatchObject({ urgent: true, desired: 2 });
    await settle(database, resource.id);
    await change(resource.id, (state) => ({ ...state, active: true }));
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${resource.id}`, lane: 'normal' }]);
    expect(await targetRow(database, resource.id)).toMatchObject({ urgent: false, desired: 3 });
    const actions = (await journalOf(database, resource.id)).map((entry) => entry['action']);
    expect(actions).toEqual(['user.created', 'user.deactivated', 'user.activated']);
  });

  it('stays urgent when something else is pushed before the loss was carried out', async () => {
    const { resource } = await create(userState('ann'));
    await change(resource.id, (state) => ({ ...state, active: false }));
    await change(resource.id, (state) => ({ ...state, fullName: 'Other' }));
    expect(await targetRow(database, resource.id)).toMatchObject({ urgent: true, desired: 3 });
  });

  it('raises the version alone for what Coder cannot see', async () => {
    const { resource } = await create(userState('ann'));
    directory.wakeUps.take();
    const pushed = await change(resource.id, (state) => ({
      ...state,
      document: { ...state.document, title: 'Dr' },
    }));
    expect(pushed).toMatchObject({ changed: true, target: { version: 1 }, resource: { version: 2 } });
    expect(await targetRow(database, resource.id)).toMatchObject({ desired: 1 });
    expect(directory.wakeUps.take()).toEqual([]);
    const [, entry] = await journalOf(database, resource.id);
    expect(entry).toMatchObject({ action: 'user.changed', version: 1, facts: { attributes: ['title'] } });
  });

  it('does nothing when nothing changes, whatever the order of keys', async () => {
    const { resource } = await create(userState('ann', { document: { a: { x: 1, y: [1, 2] }, b: 'c' } }));
    directory.wakeUps.take();
    const pushed = await change(resource.id, (state) => ({
      ...state,
      document: { b: 'c', a: { y: [1, 2], x: 1 } },
    }));
    expect(pushed).toMatchObject({ changed: false, target: { version: 1 }, resource: { version: 1 } });
    expect(await targetRow(database, resource.id)).toMatchObject({ desired: 1 });
    expect(await journalOf(database, resource.id)).toHaveLength(1);
    expect(directory.wakeUps.take()).toEqual([]);
    const reordered = await change(resource.id, (state) => ({
      ...state,
      document: { ...state.document, a: { x: 1, y: [2, 1] } },
    }));
    expect(reordered.changed).toBe(true);
  });

  it('tries a failed target again when the same is pushed again, without an entry', async () => {
    const { resource } = await create(userState('ann'));
    await database.query(
      `UPDATE bridge.targets SET failed_version = desired, failure = '{}', tries = 3 WHERE id = $1`,
      [resource.id],
    );
    directory.wakeUps.take();
    const pushed = await change(resource.id, (state) => state);
    expect(pushed).toMatchObject({ changed: false, target: { version: 2 }, resource: { version: 1 } });
    expect(await targetRow(database, resource.id)).toMatchObject({
      desired: 2,
      failed_version: null,
      failure: null,
      tries: 0,
    });
    expect(await journalOf(database, resource.id)).toHaveLength(1);
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${resource.id}`, lane: 'normal' }]);
  });

  it('tries a failed target again when only the document changes', async () => {
    const { resource } = await create(userState('ann'));
    await database.query('UPDATE bridge.targets SET failed_version = desired WHERE id = $1', [resource.id]);
    const pushed = await change(resource.id, (state) => ({ ...state, document: { title: 'x' } }));
    expect(pushed.target.version).toBe(2);
  });

  it('brings a target forward that was put off', async () => {
    const { resource } = await create(userState('ann'));
    await database.query(
      `UPDATE bridge.targets SET not_before = now() + interval '1 minute', tries = 4 WHERE id = $1`,
      [resource.id],
    );
    directory.wakeUps.take();
    await change(resource.id, (state) => ({ ...state, fullName: 'B' }));
    expect(directory.wakeUps.take()).toEqual([
      { target: `user:${resource.id}`, lane: 'normal', bringForward: true },
    ]);
    expect(await targetRow(database, resource.id)).toMatchObject({ not_before: null, tries: 0 });
  });

  it('keeps the time since when a target is dirty, and begins anew when it was clean or failed', async () => {
    const { resource } = await create(userState('ann'));
    const past = new Date('2020-01-01T00:00:00Z');
    const setPast = () =>
      database.query('UPDATE bridge.targets SET dirty_since = $2, pushed_at = $2 WHERE id = $1', [
        resource.id,
        past,
      ]);
    let name = 0;
    const push = () => change(resource.id, (state) => ({ ...state, fullName: `name ${++name}` }));
    await setPast();
    await push();
    let row = await targetRow(database, resource.id);
    expect(row['dirty_since']).toEqual(past);
    expect(row['pushed_at']).not.toEqual(past);
    await settle(database, resource.id);
    await setPast();
    await push();
    row = await targetRow(database, resource.id);
    expect(row['dirty_since']).not.toEqual(past);
    await setPast();
    await database.query('UPDATE bridge.targets SET failed_version = desired WHERE id = $1', [resource.id]);
    await push();
    row = await targetRow(database, resource.id);
    expect(row['dirty_since']).not.toEqual(past);
  });

  it('refuses names in use, ids of others and what the change refuses, and leaves all as it was', async () => {
    await create(userState('ann', { externalId: 'a' }));
    const { resource } = await create(userState('bob', { externalId: 'b' }));
    expect(await codeOf(change(resource.id, (state) => ({ ...state, userName: 'ANN' })))).toBe(
      'userNameTaken',
    );
    expect(await codeOf(change(resource.id, (state) => ({ ...state, externalId: 'a' })))).toBe(
      'externalIdTaken',
    );
    expect(await codeOf(change(newId(), (state) => state))).toBe('notFound');
    expect(await codeOf(change('no-uuid', (state) => state))).toBe('notFound');
    const other = await testDirectory(database);
    expect(await codeOf(other.users.change(other.context, resource.id, (state) => state))).toBe('notFound');
    const refusal = change(resource.id, () => {
      throw new Error('refused');
    });
    await expect(refusal).rejects.toThrow('refused');
    expect(await stored(resource.id)).toEqual(resource);
    expect(await targetRow(database, resource.id)).toMatchObject({ desired: 1 });
  });

  it('loses none of many changes at once', async () => {
    const { resource } = await create(userState('ann', { document: { n: 0 } }));
    const increments = Array.from({ length: 30 }, () =>
      change(resource.id, (state) => ({ ...state, document: { n: Number(state.document['n']) + 1 } })),
    );
    await Promise.all(increments);
    expect(await stored(resource.id)).toMatchObject({ document: { n: 30 }, version: 31 });
  });
});

describe('reading users', () => {
  it('shows the groups of a user when asked', async () => {
    const { resource } = await create(userState('ann'));
    const { groups, context } = directory;
    const one = await groups.create(context, groupState('one'), [resource.id]);
    const two = await groups.create(context, groupState('two'), [resource.id]);
    const gone = await groups.create(context, groupState('gone'), [resource.id]);
    await groups.remove(context, gone.resource.id);
    const references = [
      { id: one.resource.id, displayName: 'one' },
      { id: two.resource.id, displayName: 'two' },
    ];
    expect((await read(resource.id, true)).groups).toEqual(references);
    expect((await read(resource.id)).groups).toBeUndefined();
    const page = await directory.users.list(context.connectionId, {
      offset: 0,
      limit: 9,
      withReferences: true,
    });
    expect(page.items[0]?.groups).toEqual(references);
  });

  it('does not find what has no id', async () => {
    expect(await codeOf(read(newId()))).toBe('notFound');
    expect(await codeOf(read("x' OR true --"))).toBe('notFound');
  });
});
