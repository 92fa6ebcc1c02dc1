import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimsOf } from '../../../test/support/claims.js';
import {
  databaseInMemory,
  emptyDirectory,
  journalOf,
  targetRow,
} from '../../../test/support/directory-rows.js';
import { codeOf, settle, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import type { JsonObject, StatedClaims } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { SqlTargetStore } from '../targets/index.js';
import { SqlClaimsDirectory } from './claims-directory.js';

type More = Parameters<typeof claimsOf>[3];

let database: Database;
let directory: TestDirectory;
let directoryOfClaims: SqlClaimsDirectory;

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  directory = await testDirectory(database);
  directoryOfClaims = new SqlClaimsDirectory(database, directory.wakeUps);
});

const state = (subject: string, claims: JsonObject, more?: More): Promise<StatedClaims> =>
  directoryOfClaims.state(claimsOf(directory.context.connectionId, subject, claims, more));

/** A user of the directory whose work is done. */
async function person(name: string, more: Parameters<typeof userState>[1] = {}): Promise<string> {
  const { resource } = await directory.users.create(directory.context, userState(name, more));
  await settle(database, resource.id);
  directory.wakeUps.take();
  return resource.id;
}

const journaled = (): Promise<Record<string, unknown>[]> =>
  database.query(`SELECT * FROM bridge.journal WHERE source = 'oidc' ORDER BY id`);
const actions = async (): Promise<unknown[]> => (await journaled()).map(({ action }) => action);
const subjectRow = async (): Promise<Record<string, unknown> | undefined> =>
  (await database.query<Record<string, unknown>>('SELECT * FROM bridge.subjects'))[0];

describe('what is claimed of a known person', () => {
  it('is recorded with its journal entry, raises the user, and wakes it', async () => {
    const id = await person('ann', { externalId: 'x-1' });
    const stated = await state('sub-1', { groups: ['eng'] }, { person: { externalIds: ['x-1'] } });
    expect(stated).toEqual({ outcome: 'recorded', userId: id, tiedBy: 'externalId', version: 2 });
    expect(await targetRow(database, id)).toMatchObject({ desired: 2, applied: 1, urgent: false });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${id}`, lane: 'normal' }]);
    expect(await actions()).toEqual(['claims.stated', 'claims.tied']);
    const [entry] = await journaled();
    expect(entry).toMatchObject({ target_id: id, version: 2, facts: { by: 'token', changed: ['groups'] } });
    expect(JSON.stringify(entry?.['facts'])).not.toMatch(/sub-1|eng/);
    expect(entry?.['personal']).toMatchObject({ values: { subject: 'sub-1', claims: { groups: ['eng'] } } });
  });

  it('raises nothing and journals nothing when it is said again, in whatever order', async () => {
    const id = await person('ann');
    await state('ann', { groups: ['a', 'b'], department: 'x' });
    await settle(database, id);
    directory.wakeUps.take();
    const before = await actions();
    const stated = await state('ann', { department: 'x', groups: ['b', 'a', 'b'] });
    expect(stated).toEqual({ outcome: 'unchanged', userId: id, tiedBy: 'email', version: 2 });
    expect(await targetRow(database, id)).toMatchObject({ desired: 2, applied: 2 });
    expect(directory.wakeUps.take()).toEqual([]);
    expect(await actions()).toEqual(before);
  });

  it('tries the work of a failed user again when it is said again', async () => {
    const id = await person('ann');
    await state('ann', { groups: ['a'] });
    await database.query('UPDATE bridge.targets SET failed_version = desired WHERE id = $1', [id]);
    expect(await state('ann', { groups: ['a'] })).toMatchObject({ outcome: 'unchanged', version: 3 });
    expect(await targetRow(database, id)).toMatchObject({ failed_version: null });
  });

  it.each([
    ['a value of a claim', { groups: ['a'] }],
    ['a claim', {}],
  ])('is urgent where %s was lost', async (_what, later) => {
    const id = await person('ann');
    await state('ann', { groups: ['a', 'b'] });
    await settle(database, id);
    directory.wakeUps.take();
    await state('ann', later);
    expect(await targetRow(database, id)).toMatchObject({ urgent: true });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${id}`, lane: 'urgent' }]);
  });

  it('is not urgent where a claim is more, or could not be read', async () => {
    const id = await person('ann');
    await state('ann', { groups: ['a'] });
    await state('ann', { groups: ['a', 'b'] });
    await state('ann', {}, { unreadable: { groups: 'more than 200 groups' } });
    expect(await targetRow(database, id)).toMatchObject({ urgent: false, desired: 4 });
  });

  it('is ignored where it is older than what is recorded', async () => {
    const id = await person('ann');
    await state('ann', { groups: ['new'] });
    const older = await state('ann', { groups: ['old'] }, { issuedAt: new Date(0) });
    expect(older).toEqual({ outcome: 'older', userId: id, tiedBy: 'email', version: 2 });
    expect(await subjectRow()).toMatchObject({ claims: { groups: ['new'] } });
  });

  it('may have claims called as what every object inherits', async () => {
    const claims = JSON.parse('{"__proto__":["x"],"constructor":["y"],"toString":"z"}') as JsonObject;
    await state('ann', claims);
    expect(JSON.stringify((await subjectRow())?.['claims'])).toContain('"__proto__":["x"]');
    expect(await state('ann', claims)).toMatchObject({ outcome: 'unchanged' });
    expect(await state('ann', {})).toMatchObject({ outcome: 'recorded' });
  });

  it.each([
    ['a subject that is too long', { subject: 'x'.repeat(256) }],
    ['an issuer that cannot be stored', { issuer: 'https://a\0' }],
    ['claims that are too large', { claims: { groups: ['x'.repeat(200_000)] } }],
  ])('is refused with %s', async (_what, more) => {
    expect(await codeOf(state('ann', {}, more))).toBe('invalidValue');
    expect(await subjectRow()).toBeUndefined();
  });
});

describe('a subject is tied', () => {
  it('by the best externalId before the address', async () => {
    const best = await person('best', { externalId: 'oid' });
    await person('second', { externalId: 'sub' });
    await person('ann');
    const stated = await state('ann', {}, { person: { externalIds: ['nobody', 'oid', 'sub'] } });
    expect(stated).toMatchObject({ userId: best, tiedBy: 'externalId' });
  });

  it('by a verified address, in whatever case; not by one that is not verified', async () => {
    const id = await person('Ann');
    expect(
      await state('other', {}, { person: { email: 'ann@EXAMPLE.com', emailVerified: false } }),
    ).toMatchObject({
      userId: null,
    });
    expect(await state('ann', {}, { person: { email: 'ann@EXAMPLE.com' } })).toMatchObject({
      userId: id,
      tiedBy: 'email',
    });
  });

  it('to nobody where two users have the address, which is noted once', async () => {
    await person('ann', { email: 'shared@example.com' });
    await person('bob', { email: 'shared@example.com' });
    const more = { person: { email: 'shared@example.com' } };
    expect(await state('s', { groups: ['a'] }, more)).toMatchObject({ userId: null, tiedBy: null });
    await state('s', { groups: ['b'] }, more);
    expect(await actions()).toEqual(['claims.stated', 'claims.ambiguous', 'claims.stated']);
  });

  it('not across connections', async () => {
    await person('ann', { externalId: 'x-1' });
    const other = await testDirectory(database);
    const statement = claimsOf(other.context.connectionId, 'ann', {}, { person: { externalIds: ['x-1'] } });
    expect(await directoryOfClaims.state(statement)).toMatchObject({ userId: null });
  });

  it('for good: the address of another user changes nothing, and is noted', async () => {
    const id = await person('ann');
    await state('ann', { groups: ['a'] });
    await person('bob');
    const stated = await state('ann', { groups: ['a'] }, { person: { email: 'bob@example.com' } });
    expect(stated).toMatchObject({ userId: id, tiedBy: 'email' });
    expect((await actions()).filter((action) => action === 'claims.tie.email')).toHaveLength(1);
  });

  it('also to a user who is gone; only the same externalId, created anew, takes the tie over, on the record', async () => {
    const first = await person('ann', { externalId: 'x-1' });
    const more = { person: { externalIds: ['x-1'] } };
    await state('s', { groups: ['a'] }, more);
    await directory.users.remove(directory.context, first);
    await person('s');
    expect(await state('s', { groups: ['a'] }, more)).toMatchObject({ userId: first });
    expect(await actions()).toContain('claims.tie.gone');
    const again = await person('ann', { externalId: 'x-1' });
    expect(await state('s', { groups: ['a'] }, more)).toMatchObject({ userId: again, tiedBy: 'externalId' });
    const entries = await journalOf(database, again);
    expect(entries.at(-1)).toMatchObject({ action: 'claims.tied', facts: { insteadOf: first } });
  });

  it('to nobody any more when the creation of the user is undone', async () => {
    const id = await person('ann');
    await state('ann', {});
    await database.query('DELETE FROM bridge.users WHERE id = $1', [id]);
    expect(await subjectRow()).toMatchObject({ user_id: null });
    expect(await state('ann', {})).toMatchObject({ userId: null });
  });
});

describe('claims of an unknown person', () => {
  const store = (): SqlTargetStore => new SqlTargetStore(database, directory.wakeUps);

  it('are kept, and tied in the first run of the user who appears', async () => {
    expect(await state('ann', { groups: ['a'] })).toEqual({
      outcome: 'recorded',
      userId: null,
      tiedBy: null,
      version: null,
    });
    expect(directory.wakeUps.take()).toEqual([]);
    const { resource } = await directory.users.create(directory.context, userState('Ann'));
    directory.wakeUps.take();
    expect(await store().readUser(resource.id)).toMatchObject({ hasKeptClaims: true, subjects: [] });
    await store().tieKeptClaims(resource.id);
    expect(await store().readUser(resource.id)).toMatchObject({
      hasKeptClaims: false,
      desired: 2,
      subjects: [
        { issuer: 'https://idp.example.com', claims: { groups: ['a'] }, unreadable: {}, decided: null },
      ],
    });
    // The run that ties goes on with what it tied.
    expect(directory.wakeUps.take()).toEqual([]);
  });

  it('are kept for whoever has the externalId, also when that comes later', async () => {
    await state('s', { groups: ['a'] }, { person: { externalIds: ['x-1'], email: null } });
    const id = await person('ann');
    expect(await store().readUser(id)).toMatchObject({ hasKeptClaims: false });
    await directory.users.change(directory.context, id, (user) => ({ ...user, externalId: 'x-1' }));
    expect(await store().readUser(id)).toMatchObject({ hasKeptClaims: true });
  });

  it('are tied by the full sync at the latest, and the user is woken', async () => {
    const id = await person('ann');
    await state('s', { groups: ['a'] });
    await state('t', { groups: ['a'] });
    await database.query(`UPDATE bridge.subjects SET email_key = 'ann@example.com' WHERE subject = 's'`);
    expect(await directoryOfClaims.tieKept()).toBe(1);
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${id}`, lane: 'normal' }]);
    expect(await directoryOfClaims.tieKept()).toBe(0);
  });
});
