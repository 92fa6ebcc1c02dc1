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
import type { UserState } from '../model.js';

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
const remove = (id: string) => directory.users.remove(directory.context, id);
const read = (id: string, withReferences = false) =>
  directory.users.get(directory.context.connectionId, id, withReferences);

const link = (id: string, coderId: string) =>
  database.query(
    `UPDATE bridge.targets SET coder_id = $2, coder_name = 'ann', origin = 'created', linked_at = now() WHERE id = $1`,
    [id, coderId],
  );

describe('deleting a user', () => {
  it('makes it invisible, takes it out of all groups, and wakes all of them urgently', async () => {
    const { resource: ann } = await create(userState('ann'));
    const { resource: bob } = await create(userState('bob'));
    const { groups, context } = directory;
    const one = await groups.create(context, groupState('one'), [ann.id, bob.id]);
    const two = await groups.create(context, groupState('two'), [ann.id]);
    for (const id of [ann.id, one.target.id, two.target.id]) await settle(database, id);
    directory.wakeUps.take();

    const pushed = await remove(ann.id);
    expect(pushed).toEqual({
      resource: null,
      target: { kind: 'user', id: ann.id, version: 2 },
      changed: true,
    });
    expect(await codeOf(read(ann.id))).toBe('notFound');
    expect(await codeOf(remove(ann.id))).toBe('notFound');
    const keys = [`user:${ann.id}`, `group:${one.target.id}`, `group:${two.target.id}`];
    const woken = directory.wakeUps.take();
    expect(woken.map((each) => each.target).toSorted()).toEqual(keys.toSorted());
    expect(woken.every((each) => each.lane === 'urgent' && each.delayMs === undefined)).toBe(true);
    for (const id of [ann.id, one.target.id, two.target.id]) {
      expect(await targetRow(database, id)).toMatchObject({ urgent: true, desired: 2, applied: 1 });
    }
    const group = await groups.get(context.connectionId, one.resource.id, true);
    expect(group).toMatchObject({ version: 2, members: [{ id: bob.id, userName: 'bob' }] });
    const rows = await database.query(
      `SELECT group_id FROM bridge.journal_memberships WHERE user_id = $1 AND change = 'removed' AND version = 2`,
      [ann.id],
    );
    expect(rows).toHaveLength(2);
    const [, entry] = await journalOf(database, ann.id);
    expect(entry).toMatchObject({ action: 'user.deleted', version: 2, facts: { groups: 2 } });
  });

  it('frees the names', async () => {
    const { resource } = await create(userState('ann', { externalId: 'x' }));
    await remove(resource.id);
    const again = await create(userState('ann', { externalId: 'x' }));
    expect(again.resource.id).not.toBe(resource.id);
  });
});

describe('creating a user again that was deleted', () => {
  const coderId = newId();
  const organization = newId();

  async function deleted(state: UserState): Promise<string> {
    const { resource } = await create(state);
    await link(resource.id, coderId);
    await insertFact(database, resource.id, 'organization', organization);
    await remove(resource.id);
    directory.wakeUps.take();
    return resource.id;
  }

  it.each([
    ['externalId', userState('renamed', { externalId: 'x' })],
    ['folded userName', userState('ANN', { externalId: 'other' })],
    ['folded email address', userState('ann.lee', { externalId: 'other', email: 'ANN@example.com' })],
  ])('takes over link and ownership from the user of the same %s, and cancels its work', async (_, state) => {
    const old = await deleted(userState('ann', { externalId: 'x' }));
    const { resource } = await create(state);
    expect(resource.id).not.toBe(old);
    expect(await targetRow(database, resource.id)).toMatchObject({
      coder_id: coderId,
      coder_name: 'ann',
      origin: 'created',
      desired: 1,
      applied: 0,
      urgent: false,
    });
    expect((await targetRow(database, resource.id))['linked_at']).toBeInstanceOf(Date);
    expect(await targetRow(database, old)).toMatchObject({
      coder_id: null,
      applied: 2,
      desired: 2,
      urgent: false,
    });
    const facts = await database.query('SELECT target_id, value FROM bridge.owned_facts');
    expect(facts).toEqual([{ target_id: resource.id, value: organization }]);
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${resource.id}`, lane: 'normal' }]);
    const [entry] = await journalOf(database, resource.id);
    expect(entry).toMatchObject({ action: 'user.created', facts: { succeeds: old } });
  });

  it('prefers the externalId to the userName, and leaves the other one its work', async () => {
    const byName = await deleted(userState('ann', { externalId: 'y' }));
    await database.query('UPDATE bridge.targets SET coder_id = $2 WHERE id = $1', [byName, newId()]);
    const byExternalId = await deleted(userState('bob', { externalId: 'x' }));
    const { resource } = await create(userState('ann', { externalId: 'x' }));
    expect(await targetRow(database, resource.id)).toMatchObject({ coder_id: coderId });
    expect(await targetRow(database, byExternalId)).toMatchObject({ coder_id: null });
    const left = await targetRow(database, byName);
    expect(left['coder_id']).not.toBeNull();
    expect(left).toMatchObject({ desired: 2, applied: 0, urgent: true });
  });

  it('prefers the userName to the email address, and of several with the address takes the newest', async () => {
    const byName = await deleted(userState('ann', { email: 'other@example.com' }));
    await database.query('UPDATE bridge.targets SET coder_id = $2 WHERE id = $1', [byName, newId()]);
    const older = await deleted(userState('bob'));
    await database.query('UPDATE bridge.targets SET coder_id = $2 WHERE id = $1', [older, newId()]);
    const newer = await deleted(userState('carl'));
    const same = `UPDATE bridge.users SET email_key = 'ann@example.com' WHERE id IN ($1, $2)`;
    await database.query(same, [older, newer]);
    const { resource: first } = await create(userState('ann'));
    expect((await journalOf(database, first.id))[0]).toMatchObject({ facts: { succeeds: byName } });
    const { resource: second } = await create(userState('dora', { email: 'ann@example.com' }));
    expect((await journalOf(database, second.id))[0]).toMatchObject({ facts: { succeeds: newer } });
    expect(await targetRow(database, older)).toMatchObject({ desired: 2, applied: 0, urgent: true });
  });

  it('takes by the email address nothing but a link, and nothing of another connection', async () => {
    const old = await create(userState('ann'));
    await remove(old.resource.id);
    const { resource } = await create(userState('bob', { email: 'ann@example.com' }));
    expect((await journalOf(database, resource.id))[0]?.['facts']).toEqual({ active: true });
    expect(await targetRow(database, old.resource.id)).toMatchObject({ desired: 2, applied: 0 });
    await remove(resource.id);
    await deleted(userState('carl', { email: 'carl@example.com' }));
    const other = await testDirectory(database);
    const elsewhere = await other.users.create(
      other.context,
      userState('dora', { email: 'carl@example.com' }),
    );
    expect(await targetRow(database, elsewhere.resource.id)).toMatchObject({ coder_id: null });
  });

  it('without an email address succeeds to nobody who had none', async () => {
    await deleted(userState('ann', { email: null }));
    const { resource } = await create(userState('bob', { email: null }));
    expect(await targetRow(database, resource.id)).toMatchObject({ coder_id: null });
  });

  it('by the email address does so among many that arrive together too', async () => {
    await deleted(userState('ann'));
    const names = Array.from({ length: 20 }, (_none, at) => `new-${at}`);
    const made = await Promise.all(
      names.map((name) => create(userState(name, name === 'new-7' ? { email: 'Ann@Example.com' } : {}))),
    );
    const rows = await Promise.all(made.map(({ resource }) => targetRow(database, resource.id)));
    expect(rows.map((row) => row['coder_id'] === coderId)).toEqual(names.map((name) => name === 'new-7'));
  });

  it('takes over an intent whose answer is not known', async () => {
    const { resource: old } = await create(userState('ann'));
    const intent = { key: 'ann@example.com', name: 'ann', sentAt: '2026-01-01T00:00:00.000Z' };
    await database.query('UPDATE bridge.targets SET intent = $2::jsonb WHERE id = $1', [
      old.id,
      JSON.stringify(intent),
    ]);
    await remove(old.id);
    const { resource } = await create(userState('ann'));
    expect(await targetRow(database, resource.id)).toMatchObject({ intent, coder_id: null });
    expect(await targetRow(database, old.id)).toMatchObject({ intent: null, applied: 2 });
  });

  it('is urgent when the new one is inactive: the cancelled suspension is now its own', async () => {
    await deleted(userState('ann'));
    const { resource } = await create(userState('ann', { active: false }));
    expect(await targetRow(database, resource.id)).toMatchObject({ urgent: true });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${resource.id}`, lane: 'urgent' }]);
  });

  it('takes nothing over after a hard delete', async () => {
    const old = await deleted(userState('ann'));
    await database.query(
      'UPDATE bridge.targets SET coder_id = NULL, origin = NULL, applied = desired WHERE id = $1',
      [old],
    );
    const { resource } = await create(userState('ann'));
    expect(await targetRow(database, resource.id)).toMatchObject({ coder_id: null, origin: null });
    const [entry] = await journalOf(database, resource.id);
    expect(entry?.['facts']).toEqual({ active: true });
  });

  it('voids the lease of a run under way, and lets a call of it end before the first run of the new one', async () => {
    const old = await deleted(userState('ann'));
    const token = newId();
    await database.query(
      `UPDATE bridge.targets SET lease_token = $2, lease_until = now() + interval '60 seconds' WHERE id = $1`,
      [old, token],
    );
    const { resource } = await create(userState('ann'));
    expect(await targetRow(database, old)).toMatchObject({ lease_token: null, lease_until: null });
    const [lease] = await database.query<{ seconds: number }>(
      'SELECT extract(epoch FROM lease_until - now())::int AS seconds FROM bridge.targets WHERE id = $1',
      [resource.id],
    );
    expect(lease?.seconds).toBeGreaterThan(15);
    expect(lease?.seconds).toBeLessThanOrEqual(20);
  });

  it('leaves the tombstone as it is when the creation is refused', async () => {
    const old = await deleted(userState('ann', { externalId: 'x' }));
    await create(userState('bob'));
    expect(await codeOf(create(userState('BOB', { externalId: 'x' })))).toBe('userNameTaken');
    expect(await targetRow(database, old)).toMatchObject({ coder_id: coderId, desired: 2, applied: 0 });
  });

  it('lets one of many concurrent creations take over', async () => {
    await deleted(userState('ann'));
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => create(userState('ann'))));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    const linked = await database.query('SELECT id FROM bridge.targets WHERE coder_id = $1', [coderId]);
    expect(linked).toHaveLength(1);
  });
});
