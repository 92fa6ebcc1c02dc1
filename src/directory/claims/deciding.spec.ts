import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  databaseInMemory,
  emptyDirectory,
  insertGroup,
  insertUser,
  journalOf,
  targetRow,
} from '../../../test/support/directory-rows.js';
import { settle, testDirectory } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { SqlTargetStore } from '../targets/index.js';
import type { ClaimedMembership } from './model.js';

const TOKEN = newId();
const PLACE = newId();
const LEASED = { lease_token: TOKEN, lease_until: new Date(Date.now() + 60_000) };

let database: Database;
let directory: TestDirectory;
let store: SqlTargetStore;

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  directory = await testDirectory(database);
  store = new SqlTargetStore(database, directory.wakeUps);
});

const person = (): Promise<string> =>
  insertUser(database, directory.context.connectionId, { target: LEASED, organizations: [PLACE] });
const inGroup = (coderId: string | null, name: string): ClaimedMembership => ({
  coderId,
  organizationId: PLACE,
  name,
  because: `claim of ${name}`,
});
const put = (user: string, ...groups: ClaimedMembership[]): Promise<boolean> =>
  store.decideClaims(user, TOKEN, [], groups, false);
const targetsOf = async (user: string): Promise<string[]> =>
  (
    await database.query<{ id: string }>(
      'SELECT target_id AS id FROM bridge.claimed_members WHERE user_id = $1 ORDER BY target_id',
      [user],
    )
  ).map(({ id }) => id);

describe('groups that claims put a user into', () => {
  it('get a target of their own where none is linked to them, once for all users', async () => {
    const [ann, bob] = [await person(), await person()];
    const eng = inGroup(newId(), 'eng');
    expect(await put(ann, eng)).toBe(true);
    await put(bob, eng);
    const [target = '', ...others] = await targetsOf(ann);
    expect(others).toEqual([]);
    expect(await targetsOf(bob)).toEqual([target]);
    expect(await targetRow(database, target)).toMatchObject({
      kind: 'group',
      coder_id: eng.coderId,
      origin: 'adopted',
      desired: 2,
      applied: 0,
    });
    expect(directory.wakeUps.take()).toMatchObject([
      { target: `group:${target}`, lane: 'normal' },
      { target: `group:${target}`, lane: 'normal' },
    ]);
    expect((await journalOf(database, target)).map(({ action }) => action)).toEqual([
      'group.claimed',
      'member.claimed',
      'member.claimed',
    ]);
    expect(await store.readGroup(target, PLACE)).toMatchObject({
      claimed: true,
      deleted: false,
      settings: { organization: PLACE },
      pendingMembers: { total: 2 },
    });
  });

  it('are those of a target that is linked already, beside the members that SCIM states', async () => {
    const { connectionId } = directory.context;
    const [ann, bob] = [await person(), await person()];
    const coderId = newId();
    const target = { coder_id: coderId, coder_name: 'ops', origin: 'created' };
    const { targetId } = await insertGroup(database, connectionId, { members: [bob], target });
    await put(ann, inGroup(coderId, 'ops'));
    expect(await targetsOf(ann)).toEqual([targetId]);
    expect(await store.readGroup(targetId, PLACE)).toMatchObject({
      claimed: false,
      pendingMembers: { total: 2 },
    });
  });

  it('are raised when they gain or lose the user, losses urgently, and not when nothing changes', async () => {
    const ann = await person();
    const [eng, ops] = [inGroup(newId(), 'eng'), inGroup(null, 'ops')];
    await put(ann, eng, ops);
    for (const id of await targetsOf(ann)) await settle(database, id);
    directory.wakeUps.take();
    await put(ann, ops, eng);
    expect(directory.wakeUps.take()).toEqual([]);
    await put(ann, eng);
    const [lost, ...others] = directory.wakeUps.take();
    expect([lost?.lane, others]).toEqual(['urgent', []]);
    expect(await targetsOf(ann)).toHaveLength(1);
  });

  it('are left as they are by a run that has lost its lease', async () => {
    const ann = await person();
    expect(await store.decideClaims(ann, newId(), [], [inGroup(newId(), 'eng')], false)).toBe(false);
    expect(await targetsOf(ann)).toEqual([]);
  });

  it('raise their people when they are gone from Coder, who are then in none of them', async () => {
    const ann = await person();
    await put(ann, inGroup(newId(), 'eng'));
    const [target = ''] = await targetsOf(ann);
    await settle(database, ann);
    await database.query('UPDATE bridge.targets SET lease_token = $2 WHERE id = $1', [target, TOKEN]);
    directory.wakeUps.take();
    expect(await store.unlink(target, TOKEN, { action: 'coder.group.forgotten', facts: {} })).toBe(true);
    expect(await targetsOf(ann)).toEqual([]);
    expect(await targetRow(database, ann)).toMatchObject({ desired: 2, applied: 1 });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${ann}`, lane: 'normal' }]);
  });

  it('raise whoever waits for one of their name, when it is linked', async () => {
    const { connectionId } = directory.context;
    const ann = await person();
    await database.query(
      `INSERT INTO bridge.subjects (id, connection_id, issuer, subject, user_id, issued_at, source)
       VALUES ($1, $2, 'i', 's', $3, now(), 'token')`,
      [newId(), connectionId, ann],
    );
    const { subjects } = (await store.readUser(ann)) ?? { subjects: [] };
    const decided = subjects.map(({ id }) => ({ subjectId: id, decided: { a: 1 }, missingGroups: ['late'] }));
    await store.decideClaims(ann, TOKEN, decided, [], false);
    await settle(database, ann);
    expect(await store.readUser(ann)).toMatchObject({
      subjects: [{ decided: { a: 1 }, groupsChangedMs: null }],
    });
    const { targetId } = await insertGroup(database, connectionId, { target: LEASED });
    directory.wakeUps.take();
    const link = { coderId: newId(), coderName: 'late', origin: 'created' } as const;
    await store.link(targetId, TOKEN, link, { action: 'coder.group.created', facts: {} });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${ann}`, lane: 'normal' }]);
    expect(await store.readUser(ann)).toMatchObject({
      desired: 2,
      subjects: [{ groupsChangedMs: expect.any(Number) }],
    });
  });

  it('go over to the target of a SCIM group that is linked to the same group, with their members', async () => {
    const { connectionId } = directory.context;
    const ann = await person();
    const eng = inGroup(newId(), 'eng');
    await put(ann, eng);
    const [before = ''] = await targetsOf(ann);
    const { targetId } = await insertGroup(database, connectionId, { target: LEASED });
    const link = { coderId: eng.coderId ?? '', coderName: 'eng', origin: 'adopted' } as const;
    expect(await store.link(targetId, TOKEN, link, { action: 'coder.group.adopted', facts: {} })).toBe(true);
    expect(await targetsOf(ann)).toEqual([targetId]);
    expect(await targetRow(database, before)).toMatchObject({ coder_id: null, applied: 1, desired: 1 });
  });
});
