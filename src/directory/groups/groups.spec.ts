import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  databaseInMemory,
  emptyDirectory,
  insertFact,
  journalOf,
  targetRow,
} from '../../../test/support/directory-rows.js';
import { codeOf, groupState, settle, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { GroupChange, GroupState, StoredGroup } from '../model.js';

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

const create = (state: GroupState, members: readonly string[] = []) =>
  directory.groups.create(directory.context, state, members);
const change = (id: string, to: GroupChange) => directory.groups.change(directory.context, id, to);
const read = (id: string) => directory.groups.get(directory.context.connectionId, id, true);

/** The group as a change of it sees it: everything that is stored but the members. */
async function stored(id: string): Promise<StoredGroup> {
  const seen: StoredGroup[] = [];
  const state = (current: StoredGroup): StoredGroup => {
    seen.push(current);
    return current;
  };
  await directory.groups.change(directory.context, id, { state });
  const [group] = seen;
  if (!group) throw new Error('the group was not read');
  return group;
}

/** Ids of new users, in the order of their names. */
async function people(...names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names)
    ids.push((await directory.users.create(directory.context, userState(name))).resource.id);
  directory.wakeUps.take();
  return ids;
}

describe('creating a group', () => {
  it('commits the group, a dirty target and a journal entry, and then wakes the target at once', async () => {
    const { resource, target, changed } = await create(groupState('Platform', { externalId: 'g-1' }));
    expect(changed).toBe(true);
    expect(target).toMatchObject({ kind: 'group', version: 1 });
    expect(target.id).not.toBe(resource.id);
    expect(await stored(resource.id)).toEqual(resource);
    expect(await read(resource.id)).toMatchObject({ version: 1, members: [] });
    expect(await targetRow(database, target.id)).toMatchObject({ desired: 1, applied: 0, urgent: false });
    expect(directory.wakeUps.take()).toEqual([{ target: `group:${target.id}`, lane: 'normal' }]);
    const entries = await journalOf(database, target.id);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      action: 'group.created',
      version: 1,
      facts: { group: resource.id, displayName: 'Platform', added: 0 },
    });
  });

  it('takes members once each, journals each, and waits for more', async () => {
    const [ann = '', bob = ''] = await people('ann', 'bob');
    const { resource, target } = await create(groupState('g'), [bob, ann, bob.toUpperCase()]);
    expect(resource.version).toBe(1);
    expect((await read(resource.id)).members).toEqual([
      { id: ann, userName: 'ann' },
      { id: bob, userName: 'bob' },
    ]);
    expect(directory.wakeUps.take()).toEqual([
      { target: `group:${target.id}`, lane: 'normal', delayMs: 250 },
    ]);
    const rows = await database.query(
      'SELECT change, user_id, version FROM bridge.journal_memberships ORDER BY user_id',
    );
    expect(rows).toEqual([ann, bob].map((id) => ({ change: 'added', user_id: id, version: 1 })));
  });

  it('refuses names in use and members that are no users, and writes nothing', async () => {
    const [ann = '', bob = ''] = await people('ann', 'bob');
    await directory.users.remove(directory.context, bob);
    const other = await testDirectory(database);
    const { resource: stranger } = await other.users.create(other.context, userState('zoe'));
    await create(groupState('Team', { externalId: 'x' }));
    expect(await codeOf(create(groupState('TEAM')))).toBe('displayNameTaken');
    expect(await codeOf(create(groupState('other', { externalId: 'x' })))).toBe('externalIdTaken');
    const unknown = [bob, stranger.id, newId()].toSorted();
    await expect(create(groupState('new'), [ann, ...unknown])).rejects.toMatchObject({
      code: 'unknownMember',
    });
    const error: unknown = await create(groupState('new'), [ann, ...unknown]).catch(
      (reason: unknown) => reason,
    );
    expect([...(error as { subjects: string[] }).subjects].toSorted()).toEqual(unknown);
    await expect(create(groupState('new'), ['me'])).rejects.toMatchObject({
      code: 'unknownMember',
      subjects: ['me'],
    });
    expect(await codeOf(create(groupState('g'.repeat(513))))).toBe('invalidValue');
    const [counts] = await database.query('SELECT count(*) AS groups FROM bridge.groups');
    expect(counts).toEqual({ groups: 1 });
    expect((await create(groupState('new'), [ann])).changed).toBe(true);
  });
});

describe('changing members', () => {
  let id: string;
  let target: string;
  let ids: string[];

  beforeEach(async () => {
    ids = await people('a', 'b', 'c', 'd');
    const group = await create(groupState('g'), ids.slice(0, 2));
    id = group.resource.id;
    target = group.target.id;
    await settle(database, target);
    directory.wakeUps.take();
  });

  const member = (index: number): string => ids[index] ?? '';
  const membersNow = async (): Promise<string[]> => ((await read(id)).members ?? []).map((one) => one.id);

  it('adds and wakes after a quiet while', async () => {
    const pushed = await change(id, { members: [{ op: 'add', ids: [member(2)] }] });
    expect(pushed).toMatchObject({
      changed: true,
      resource: { version: 2 },
      target: { id: target, version: 2 },
    });
    expect(pushed.resource).not.toHaveProperty('members');
    expect(await membersNow()).toEqual(ids.slice(0, 3));
    expect(await read(id)).toMatchObject({ version: 2, modifiedAt: pushed.resource.modifiedAt });
    expect(await targetRow(database, target)).toMatchObject({ desired: 2, urgent: false });
    expect(directory.wakeUps.take()).toEqual([{ target: `group:${target}`, lane: 'normal', delayMs: 250 }]);
    const [, entry] = await journalOf(database, target);
    expect(entry).toMatchObject({
      action: 'group.members',
      version: 2,
      facts: { group: id, added: 1, removed: 0 },
    });
  });

  it('removes urgently and at once', async () => {
    const pushed = await change(id, { members: [{ op: 'remove', ids: [member(0)] }] });
    expect(pushed).toMatchObject({ changed: true, target: { version: 2 } });
    expect(await membersNow()).toEqual([member(1)]);
    expect(await targetRow(database, target)).toMatchObject({ desired: 2, urgent: true });
    expect(directory.wakeUps.take()).toEqual([{ target: `group:${target}`, lane: 'urgent' }]);
    const rows = await database.query(
      `SELECT user_id, version, source, request_id FROM bridge.journal_memberships WHERE change = 'removed'`,
    );
    expect(rows).toEqual([
      { user_id: member(0), version: 2, source: 'scim', request_id: directory.context.requestId },
    ]);
  });

  it.each([
    ['adds a present member', [{ op: 'add', index: 0 }]],
    ['removes an absent member', [{ op: 'remove', index: 3 }]],
    [
      'adds and removes the same',
      [
        { op: 'add', index: 3 },
        { op: 'remove', index: 3 },
      ],
    ],
    [
      'removes and adds the same',
      [
        { op: 'remove', index: 0 },
        { op: 'add', index: 0 },
      ],
    ],
  ] as const)('changes and journals nothing when a push %s', async (_, operations) => {
    const before = await read(id);
    const members = operations.map(({ op, index }) => ({ op, ids: [member(index)] }));
    const pushed = await change(id, { members });
    expect(pushed).toMatchObject({ changed: false, target: { version: 1 } });
    expect(await read(id)).toEqual(before);
    expect(await journalOf(database, target)).toHaveLength(1);
    expect(directory.wakeUps.take()).toEqual([]);
  });

  it('replaces by the difference alone', async () => {
    const pushed = await change(id, { members: [{ op: 'replace', ids: [member(1), member(2)] }] });
    expect(pushed.target.version).toBe(2);
    expect(await membersNow()).toEqual([member(1), member(2)]);
    const rows = await database.query(
      'SELECT change, user_id FROM bridge.journal_memberships WHERE version = 2 ORDER BY change',
    );
    expect(rows).toEqual([
      { change: 'added', user_id: member(2) },
      { change: 'removed', user_id: member(0) },
    ]);
    expect(directory.wakeUps.take()).toEqual([{ target: `group:${target}`, lane: 'urgent' }]);
    expect((await change(id, { members: [{ op: 'replace', ids: [member(2), member(1)] }] })).changed).toBe(
      false,
    );
  });

  it('clears, and clears and adds', async () => {
    await change(id, { members: [{ op: 'clear' }, { op: 'add', ids: [member(1)] }] });
    expect(await membersNow()).toEqual([member(1)]);
    await change(id, { members: [{ op: 'clear' }] });
    expect(await membersNow()).toEqual([]);
  });

  it('refuses unknown users in add and replace by name, with all of the push, and ignores them in remove', async () => {
    const unknown = newId();
    for (const op of ['add', 'replace'] as const) {
      const push = change(id, {
        members: [
          { op: 'remove', ids: [member(0)] },
          { op, ids: [member(2), unknown] },
        ],
      });
      await expect(push).rejects.toMatchObject({ code: 'unknownMember', subjects: [unknown] });
      const single = change(id, { members: [{ op, ids: [unknown] }] });
      await expect(single).rejects.toMatchObject({ code: 'unknownMember', subjects: [unknown] });
    }
    expect(await membersNow()).toEqual(ids.slice(0, 2));
    expect(await targetRow(database, target)).toMatchObject({ desired: 1 });
    const pushed = await change(id, { members: [{ op: 'remove', ids: [unknown, 'no-uuid'] }] });
    expect(pushed.changed).toBe(false);
  });

  it('does not find a group of another connection, a deleted one, and what is no id', async () => {
    const operation = { members: [{ op: 'add', ids: [member(2)] }] } as const;
    const other = await testDirectory(database);
    expect(await codeOf(other.groups.change(other.context, id, operation))).toBe('notFound');
    expect(await codeOf(change(newId(), operation))).toBe('notFound');
    expect(await codeOf(change('x', operation))).toBe('notFound');
    await directory.groups.remove(directory.context, id);
    expect(await codeOf(change(id, operation))).toBe('notFound');
    expect(await codeOf(change(id, { state: (state) => state }))).toBe('notFound');
  });

  it('tries a failed target again when the same is pushed again, without an entry', async () => {
    await database.query('UPDATE bridge.targets SET failed_version = desired, tries = 8 WHERE id = $1', [
      target,
    ]);
    const pushed = await change(id, { members: [{ op: 'add', ids: [member(0)] }] });
    expect(pushed).toMatchObject({ changed: false, target: { version: 2 }, resource: { version: 1 } });
    expect(await targetRow(database, target)).toMatchObject({ desired: 2, failed_version: null, tries: 0 });
    expect(await journalOf(database, target)).toHaveLength(1);
    expect(directory.wakeUps.take()).toEqual([{ target: `group:${target}`, lane: 'normal' }]);
  });

  it('brings a target forward that was put off', async () => {
    await database.query(`UPDATE bridge.targets SET not_before = now() + interval '1 minute' WHERE id = $1`, [
      target,
    ]);
    await change(id, { members: [{ op: 'add', ids: [member(2)] }] });
    expect(directory.wakeUps.take()).toMatchObject([{ bringForward: true }]);
    expect(await targetRow(database, target)).toMatchObject({ not_before: null });
  });
});

describe('changing a group itself', () => {
  it('raises desired for a new name, and wakes at once', async () => {
    const { resource, target } = await create(groupState('old'));
    directory.wakeUps.take();
    const pushed = await change(resource.id, { state: (state) => ({ ...state, displayName: 'new' }) });
    expect(pushed).toMatchObject({
      changed: true,
      resource: { displayName: 'new', version: 2 },
      target: { version: 2 },
    });
    expect(await stored(resource.id)).toMatchObject({ displayName: 'new' });
    expect(directory.wakeUps.take()).toEqual([{ target: `group:${target.id}`, lane: 'normal' }]);
    const [, entry] = await journalOf(database, target.id);
    expect(entry).toMatchObject({ action: 'group.renamed', version: 2, facts: { displayName: 'new' } });
  });

  it('raises the version alone for what Coder cannot see, and nothing for nothing', async () => {
    const { resource, target } = await create(groupState('g'));
    directory.wakeUps.take();
    const to = (state: GroupState) => ({ ...state, externalId: 'x', document: { displayName: 'g', a: 1 } });
    const pushed = await change(resource.id, { state: to });
    expect(pushed).toMatchObject({
      changed: true,
      target: { version: 1 },
      resource: { version: 2, externalId: 'x' },
    });
    expect((await change(resource.id, { state: to })).changed).toBe(false);
    expect(await targetRow(database, target.id)).toMatchObject({ desired: 1 });
    expect(directory.wakeUps.take()).toEqual([]);
    const entries = await journalOf(database, target.id);
    expect(entries.map((entry) => entry['action'])).toEqual(['group.created', 'group.changed']);
  });

  it('changes name and members together, or neither', async () => {
    const [ann = ''] = await people('ann');
    const { resource } = await create(groupState('g'));
    const state = (current: GroupState): GroupState => ({ ...current, displayName: 'new' });
    const refused = change(resource.id, { state, members: [{ op: 'add', ids: [newId()] }] });
    expect(await codeOf(refused)).toBe('unknownMember');
    expect(await stored(resource.id)).toMatchObject({ displayName: 'g', version: 1 });
    expect((await read(resource.id)).members).toEqual([]);
    await change(resource.id, { state, members: [{ op: 'replace', ids: [ann] }] });
    expect(await stored(resource.id)).toMatchObject({ displayName: 'new', version: 2 });
    expect(await read(resource.id)).toMatchObject({ members: [{ id: ann }] });
  });

  it('refuses a name in use', async () => {
    await create(groupState('one'));
    const { resource } = await create(groupState('two'));
    const refused = change(resource.id, { state: (state) => ({ ...state, displayName: 'ONE' }) });
    expect(await codeOf(refused)).toBe('displayNameTaken');
  });
});

describe('deleting a group, and creating it again', () => {
  it('leaves a tombstone without members whose target is urgent', async () => {
    const [ann = ''] = await people('ann');
    const { resource, target } = await create(groupState('g'), [ann]);
    await settle(database, target.id);
    directory.wakeUps.take();
    const pushed = await directory.groups.remove(directory.context, resource.id);
    expect(pushed).toEqual({
      resource: null,
      target: { kind: 'group', id: target.id, version: 2 },
      changed: true,
    });
    expect(await codeOf(read(resource.id))).toBe('notFound');
    expect(await targetRow(database, target.id)).toMatchObject({ urgent: true, desired: 2, applied: 1 });
    expect(directory.wakeUps.take()).toEqual([{ target: `group:${target.id}`, lane: 'urgent' }]);
    const rows = await database.query(
      `SELECT user_id FROM bridge.journal_memberships WHERE change = 'removed'`,
    );
    expect(rows).toEqual([{ user_id: ann }]);
    const [, entry] = await journalOf(database, target.id);
    expect(entry).toMatchObject({ action: 'group.deleted', facts: { group: resource.id, removed: 1 } });
    expect(await codeOf(directory.groups.remove(directory.context, resource.id))).toBe('notFound');
  });

  it.each([
    ['externalId', groupState('renamed', { externalId: 'x' })],
    ['folded displayName', groupState('TEAM', { externalId: 'y' })],
  ])(
    'takes over link and ownership from the group of the same %s, and cancels its work',
    async (_, state) => {
      const [ann = ''] = await people('ann');
      const old = await create(groupState('team', { externalId: 'x' }), [ann]);
      const coderId = newId();
      const owned = newId();
      await database.query(
        `UPDATE bridge.targets SET coder_id = $2, coder_name = 'team', origin = 'created', linked_at = now() WHERE id = $1`,
        [old.target.id, coderId],
      );
      await insertFact(database, old.target.id, 'member', owned);
      await directory.groups.remove(directory.context, old.resource.id);
      directory.wakeUps.take();
      const { target } = await create(state, [ann]);
      // The members that the deleted group still had to lose are now those of the new one.
      expect(await targetRow(database, target.id)).toMatchObject({
        coder_id: coderId,
        coder_name: 'team',
        urgent: true,
      });
      expect(await targetRow(database, old.target.id)).toMatchObject({
        coder_id: null,
        applied: 2,
        urgent: false,
      });
      const facts = await database.query('SELECT target_id, value FROM bridge.owned_facts');
      expect(facts).toEqual([{ target_id: target.id, value: owned }]);
      expect(directory.wakeUps.take()).toEqual([{ target: `group:${target.id}`, lane: 'urgent' }]);
    },
  );

  it('takes nothing over when nothing is left in Coder', async () => {
    const old = await create(groupState('g'));
    await directory.groups.remove(directory.context, old.resource.id);
    await settle(database, old.target.id);
    const { target } = await create(groupState('g'));
    expect(await targetRow(database, target.id)).toMatchObject({ coder_id: null, urgent: false });
  });
});
