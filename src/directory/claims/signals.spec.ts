import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimsOf } from '../../../test/support/claims.js';
import { databaseInMemory, emptyDirectory, targetRow } from '../../../test/support/directory-rows.js';
import { codeOf, settle, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import type { PersonSignal } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { SqlClaimsDirectory } from './claims-directory.js';

let database: Database;
let directory: TestDirectory;
let claims: SqlClaimsDirectory;

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  directory = await testDirectory(database);
  claims = new SqlClaimsDirectory(database, directory.wakeUps);
});

async function person(name: string, more: Parameters<typeof userState>[1] = {}): Promise<string> {
  const { resource } = await directory.users.create(directory.context, userState(name, more));
  await settle(database, resource.id);
  directory.wakeUps.take();
  return resource.id;
}

const signal = (more: Partial<PersonSignal> = {}): PersonSignal => ({
  hook: 'okta-events',
  event: 'user.lifecycle.suspend',
  eventId: 'u-1',
  at: new Date('2026-01-05T09:59:58Z'),
  requestId: 'r-1',
  externalId: null,
  names: [],
  ...more,
});
const tell = (...signals: PersonSignal[]): Promise<void> =>
  claims.compareAnew(directory.context.connectionId, signals);
const journaled = (): Promise<Record<string, unknown>[]> =>
  database.query(`SELECT * FROM bridge.journal WHERE source = 'hook' ORDER BY id`);

describe('what happened to people at the provider', () => {
  it('raises the user of the externalId, journals it, and wakes it', async () => {
    const id = await person('ann', { externalId: '00u1' });
    await tell(signal({ externalId: '00u1', names: ['ann@example.com'] }));
    expect(await targetRow(database, id)).toMatchObject({ desired: 2, applied: 1, urgent: false });
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${id}`, lane: 'normal' }]);
    const [entry] = await journaled();
    expect(entry).toMatchObject({
      action: 'hook.received',
      target_id: id,
      version: 2,
      request_id: 'r-1',
      facts: { hook: 'okta-events', event: 'user.lifecycle.suspend', eventId: 'u-1' },
    });
    expect(JSON.stringify(entry?.['facts'])).not.toMatch(/00u1|ann/);
  });

  it.each([
    ['userName', 'ANN'],
    ['address', 'Ann@Example.com'],
  ])('raises by the %s where nobody has the externalId', async (_by, name) => {
    const id = await person('ann');
    await tell(signal({ externalId: '00u1', names: [name] }));
    expect(await targetRow(database, id)).toMatchObject({ desired: 2 });
  });

  it('raises nobody else of that name where somebody has the externalId', async () => {
    const [ann, bob] = [await person('ann', { externalId: '00u1' }), await person('bob')];
    await tell(signal({ externalId: '00u1', names: ['bob'] }));
    expect(await targetRow(database, ann)).toMatchObject({ desired: 2 });
    expect(await targetRow(database, bob)).toMatchObject({ desired: 1 });
  });

  it('is journaled of nobody, and of somebody else’s connection raises nobody', async () => {
    const other = await testDirectory(database);
    const { resource } = await other.users.create(other.context, userState('ann', { externalId: '00u1' }));
    await tell(signal({ externalId: '00u1', names: ['ann'] }));
    expect(await targetRow(database, resource.id)).toMatchObject({ desired: 1 });
    expect(await journaled()).toMatchObject([{ action: 'hook.received', target_id: null }]);
  });

  it('raises each user once for many events, and journals each event', async () => {
    const id = await person('ann', { externalId: '00u1' });
    await tell(...['a', 'b', 'c'].map((eventId) => signal({ eventId, externalId: '00u1' })));
    expect(await targetRow(database, id)).toMatchObject({ desired: 2 });
    expect(await journaled()).toHaveLength(3);
  });

  it('is refused where it cannot be stored', async () => {
    expect(await codeOf(tell(signal({ names: ['a\0'] })))).toBe('invalidValue');
  });
});

describe('a statement of some claims only', () => {
  const state = (said: Record<string, string[]>, more?: Parameters<typeof claimsOf>[3]) =>
    claims.state(claimsOf(directory.context.connectionId, 'ann', said, more));
  const recorded = async () =>
    (await database.query<Record<string, unknown>>('SELECT * FROM bridge.subjects'))[0];

  it('leaves what it does not name as it was said before, and who the person is', async () => {
    await state({ groups: ['a'], roles: ['x'] }, { unreadable: { wids: 'too many' } });
    const person = { email: null, emailVerified: false };
    expect(await state({ roles: ['y'] }, { partial: true, person })).toMatchObject({ outcome: 'recorded' });
    expect(await recorded()).toMatchObject({
      claims: { groups: ['a'], roles: ['y'] },
      unreadable: { wids: 'too many' },
      email_key: 'ann@example.com',
    });
  });

  it('says that there is none by an empty list, and that one cannot be read', async () => {
    await state({ groups: ['a'], roles: ['x'] });
    await state({ groups: [] }, { partial: true, unreadable: { roles: 'too many' } });
    expect(await recorded()).toMatchObject({ claims: { groups: [] }, unreadable: { roles: 'too many' } });
    await state({ roles: ['x'] }, { partial: true });
    expect(await recorded()).toMatchObject({ claims: { groups: [], roles: ['x'] }, unreadable: {} });
  });

  it('does not make another address verified', async () => {
    await state({});
    await state({}, { partial: true, person: { email: 'eve@example.com', emailVerified: false } });
    expect(await recorded()).toMatchObject({ email: 'eve@example.com', email_key: null });
  });
});
