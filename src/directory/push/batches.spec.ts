import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  databaseInMemory,
  emptyDirectory,
  insertConnection,
  journalOf,
  targetRow,
} from '../../../test/support/directory-rows.js';
import { codeOf, groupState, settle, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { journalOfTarget, verifyPersonal } from '../../journal/index.js';
import { GroupDirectory } from '../groups/group-directory.js';
import type { UserState } from '../model.js';
import { UserDirectory } from '../users/user-directory.js';

let database: Database;
let directory: TestDirectory;
let statements: string[];

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  const plain = await testDirectory(database);
  statements = [];
  const watched: Database = {
    engine: database.engine,
    query: (statement, params) => {
      statements.push(typeof statement === 'string' ? statement : (statement.name ?? statement.text));
      return database.query(statement, params);
    },
    transaction: (work) => database.transaction(work),
    listen: (channel, onPayload) => database.listen(channel, onPayload),
    ping: () => database.ping(),
    close: () => database.close(),
  };
  directory = {
    ...plain,
    users: new UserDirectory(watched, plain.wakeUps),
    groups: new GroupDirectory(watched, plain.wakeUps),
  };
});

/** What each of several pushes came to: `done`, or the code of its refusal. */
async function outcomes(pushes: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(pushes);
  return Promise.all(
    settled.map(async (one, i) =>
      one.status === 'fulfilled' ? 'done' : codeOf(pushes[i] ?? Promise.resolve()),
    ),
  );
}

const create = (state: UserState) => directory.users.create(directory.context, state);

/** Those who are looked at: all columns of a user and of its target, but for what differs by nature. */
async function rowsOf(id: string): Promise<unknown> {
  const [row] = await database.query(
    `SELECT to_jsonb(u) - '{id,created_at,modified_at}'::text[] AS user,
            to_jsonb(t) - '{id,pushed_at,dirty_since}'::text[] AS target
       FROM bridge.users u JOIN bridge.targets t ON t.id = u.id WHERE u.id = $1`,
    [id],
  );
  return row;
}

describe('creations that arrive together', () => {
  it('are one statement, and each is stored, journaled and woken as if it had come alone', async () => {
    const ann = userState('Ann', {
      externalId: 'x-1',
      document: { userName: 'Ann', title: 'É "quoted" \\ back', emails: [{ value: 'Ann@Example.com' }] },
    });
    const alone = await create(ann);
    const before = await rowsOf(alone.resource.id);
    const [entryBefore] = await journalOf(database, alone.resource.id);
    await emptyDirectory(database);
    await insertConnectionAgain();
    statements.length = 0;
    directory.wakeUps.take();

    const pushes = await Promise.all([create(ann), create(userState('bob', { active: false, email: null }))]);
    expect(statements).toEqual(['directory.create-users']);
    const [{ resource, target, changed }] = pushes;
    expect({ changed, target }).toEqual({
      changed: true,
      target: { kind: 'user', id: resource.id, version: 1 },
    });
    expect(resource).toEqual({
      ...alone.resource,
      id: resource.id,
      createdAt: resource.createdAt,
      modifiedAt: resource.modifiedAt,
    });
    expect(resource.createdAt).toBeInstanceOf(Date);
    expect(await rowsOf(resource.id)).toEqual(before);
    const [entry] = await journalOf(database, resource.id);
    const differing = { id: 0, at: 0, target_id: 0, personal: 0, personal_digest: 0 };
    expect({ ...entry, ...differing }).toEqual({ ...entryBefore, ...differing });
    expect(directory.wakeUps.take()).toEqual(
      pushes.map((push) => ({ target: `user:${push.resource.id}`, lane: 'normal' })),
    );
  });

  it('have personal values whose digest proves them', async () => {
    const [ann] = await Promise.all(['ann', 'bob'].map((name) => create(userState(name))));
    const [row] = await journalOfTarget(database, ann?.resource.id ?? '', 1);
    if (!row?.personal || !row.personalDigest) throw new Error('no personal values');
    expect(row.personal.values).toMatchObject({ userName: 'ann' });
    expect(verifyPersonal(row.personal, row.personalDigest)).toBe(true);
  });

  it('are refused one by one: what is taken refuses the one that states it', async () => {
    await create(userState('taken', { externalId: 'x' }));
    const states = [
      userState('ann'),
      userState('TAKEN'),
      userState('bob', { externalId: 'x' }),
      userState('eve', { externalId: 'y' }),
    ];
    expect(await outcomes(states.map((state) => create(state)))).toEqual([
      'done',
      'userNameTaken',
      'externalIdTaken',
      'done',
    ]);
    const [count] = await database.query(
      'SELECT (SELECT count(*) FROM bridge.targets) AS targets, (SELECT count(*) FROM bridge.journal) AS entries',
    );
    expect(count).toEqual({ targets: 3, entries: 3 });
  });

  it('take over what a deleted one of that name left, and leave the others as they are', async () => {
    const gone = await create(userState('ann'));
    await database.query(
      `UPDATE bridge.targets SET coder_id = $2, origin = 'created', linked_at = now() WHERE id = $1`,
      [gone.resource.id, newId()],
    );
    await directory.users.remove(directory.context, gone.resource.id);
    const [ann, bob] = await Promise.all(['ann', 'bob'].map((name) => create(userState(name))));
    expect((await targetRow(database, ann?.resource.id ?? ''))?.['coder_id']).not.toBeNull();
    expect((await targetRow(database, bob?.resource.id ?? ''))?.['coder_id']).toBeNull();
    expect((await targetRow(database, gone.resource.id))?.['coder_id']).toBeNull();
  });

  it('take over nothing of a deleted one of whom nothing is left in Coder', async () => {
    const gone = await create(userState('ann'));
    await directory.users.remove(directory.context, gone.resource.id);
    await settle(database, gone.resource.id);
    const pushed = await Promise.all(['ann', 'bob'].map((name) => create(userState(name))));
    for (const { resource, target } of pushed) {
      expect([resource.version, target.version]).toEqual([1, 1]);
      expect(await targetRow(database, resource.id)).toMatchObject({
        desired: 1,
        applied: 0,
        coder_id: null,
      });
    }
  });
});

async function insertConnectionAgain(): Promise<void> {
  const { connectionId } = directory.context;
  await insertConnection(database, 'again');
  await database.query('UPDATE bridge.connections SET id = $1', [connectionId]);
}

describe('gains of groups that arrive together', () => {
  let groups: { id: string; target: string }[];
  let people: string[];

  beforeEach(async () => {
    groups = [];
    for (const name of ['a', 'b', 'c']) {
      const { resource, target } = await directory.groups.create(directory.context, groupState(name), []);
      groups.push({ id: resource.id, target: target.id });
      await settle(database, target.id);
    }
    people = [];
    for (const name of ['ann', 'bob', 'eve']) people.push((await create(userState(name))).resource.id);
    statements.length = 0;
    directory.wakeUps.take();
  });

  const gain = (group: string, ...ids: readonly string[]) =>
    directory.groups.change(directory.context, group, { members: [{ op: 'add', ids }] });
  const membersOf = async (id: string): Promise<string[]> =>
    ((await directory.groups.get(directory.context.connectionId, id, true)).members ?? []).map(
      (one) => one.id,
    );
  const at = (list: readonly string[], index: number): string => list[index] ?? '';
  const group = (index: number): { id: string; target: string } => groups[index] ?? { id: '', target: '' };

  it('are one statement, and each is stored, journaled and woken as if it had come alone', async () => {
    const alone = await gain(group(2).id, at(people, 0), at(people, 1));
    const [, entryAlone] = await journalOf(database, group(2).target);
    directory.wakeUps.take();
    statements.length = 0;
    const [first, second] = await Promise.all([
      gain(group(0).id, at(people, 0), at(people, 1)),
      gain(group(1).id.toUpperCase(), at(people, 2).toUpperCase()),
    ]);
    expect(statements).toEqual(['directory.add-members-to-groups']);
    expect(await membersOf(group(0).id)).toEqual([at(people, 0), at(people, 1)].toSorted());
    expect(await membersOf(group(1).id)).toEqual([at(people, 2)]);
    expect(first).toEqual({
      ...alone,
      resource: { ...first?.resource, version: alone.resource.version },
      target: { ...alone.target, id: group(0).target },
    });
    expect(second).toMatchObject({
      changed: true,
      resource: { displayName: 'b', version: 2 },
      target: { version: 2 },
    });
    const [, entry] = await journalOf(database, group(0).target);
    const differing = { id: 0, at: 0, target_id: 0, facts: 0 };
    expect({ ...entry, ...differing }).toEqual({ ...entryAlone, ...differing });
    expect(entry?.['facts']).toEqual({ group: group(0).id, added: 2, removed: 0 });
    const rows = await database.query(
      'SELECT user_id, change, version FROM bridge.journal_memberships WHERE group_id = $1 ORDER BY user_id',
      [group(0).id],
    );
    expect(rows).toEqual(
      [at(people, 0), at(people, 1)].toSorted().map((id) => ({ user_id: id, change: 'added', version: 2 })),
    );
    expect(directory.wakeUps.take()).toEqual(
      [group(0), group(1)].map(({ target }) => ({ target: `group:${target}`, lane: 'normal', delayMs: 250 })),
    );
  });

  it('change nothing where everybody is a member already', async () => {
    await gain(group(0).id, at(people, 0));
    await settle(database, group(0).target);
    directory.wakeUps.take();
    const pushes = await Promise.all([gain(group(0).id, at(people, 0)), gain(group(1).id, at(people, 0))]);
    expect(pushes.map(({ changed, resource }) => [changed, resource.version])).toEqual([
      [false, 2],
      [true, 2],
    ]);
    expect(directory.wakeUps.take()).toHaveLength(1);
    expect(await targetRow(database, group(0).target)).toMatchObject({ desired: 2, applied: 2 });
  });

  it('are refused one by one: an unknown user or group refuses the one that names it', async () => {
    const pushes = [
      gain(group(0).id, at(people, 0)),
      gain(group(1).id, at(people, 0), newId()),
      gain(newId(), at(people, 0)),
    ];
    expect(await outcomes(pushes)).toEqual(['done', 'unknownMember', 'notFound']);
    expect(await membersOf(group(0).id)).toEqual([at(people, 0)]);
    expect(await membersOf(group(1).id)).toEqual([]);
  });

  it('cannot take users of another connection', async () => {
    const other = await testDirectory(database);
    const { resource: stranger } = await other.users.create(other.context, userState('stranger'));
    const pushes = [gain(group(0).id, at(people, 0)), gain(group(1).id, stranger.id)];
    expect(await outcomes(pushes)).toEqual(['done', 'unknownMember']);
    const crossing = other.groups.change(other.context, group(0).id, {
      members: [{ op: 'add', ids: [stranger.id] }],
    });
    expect(await outcomes([gain(group(1).id, at(people, 1)), crossing])).toEqual(['done', 'notFound']);
  });

  it('count each push on one group, and lose none', async () => {
    await Promise.all(people.map((id) => gain(group(0).id, id)));
    expect(await membersOf(group(0).id)).toEqual(people.toSorted());
    expect(await targetRow(database, group(0).target)).toMatchObject({ desired: 4 });
  });

  it('raise a target that two groups feed once for both, or twice', async () => {
    await database.query('UPDATE bridge.groups SET target_id = $2 WHERE id = $1', [
      group(1).id,
      group(0).target,
    ]);
    await Promise.all([gain(group(0).id, at(people, 0)), gain(group(1).id, at(people, 1))]);
    const row = await targetRow(database, group(0).target);
    expect(Number(row?.['desired'])).toBeGreaterThan(1);
    const [counted] = await database.query(
      'SELECT count(*) AS rows, max(version) AS version FROM bridge.journal_memberships',
    );
    expect(counted).toEqual({ rows: 2, version: row?.['desired'] });
  });
});
