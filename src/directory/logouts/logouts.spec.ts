import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimsOf } from '../../../test/support/claims.js';
import { databaseInMemory, emptyDirectory, targetRow } from '../../../test/support/directory-rows.js';
import { codeOf, settle, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { SqlClaimsDirectory } from '../claims/claims-directory.js';
import { forgetLogoutTokens, SqlLogouts } from './logouts.js';
import type { LoggedOut, Logout } from './model.js';

const ISSUER = 'https://idp.example.com';
const AT = new Date('2026-01-05T10:00:00.999Z');

let database: Database;
let directory: TestDirectory;
let logouts: SqlLogouts;

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  directory = await testDirectory(database);
  logouts = new SqlLogouts(database, directory.wakeUps);
});

let tokens = 0;

function logoutOf(more: Partial<Logout> = {}): Logout {
  tokens += 1;
  return {
    connectionId: directory.context.connectionId,
    issuer: ISSUER,
    person: { subject: 'sub-1', externalIds: ['sub-1'] },
    at: AT,
    revokesKeys: true,
    requestId: newId(),
    source: 'backchannel',
    token: { id: `jti-${tokens}`, expiresAt: new Date(Date.now() + 60_000) },
    ...more,
  };
}

const loggedOut = (more?: Partial<Logout>): Promise<LoggedOut> => logouts.loggedOut(logoutOf(more));

async function person(name: string, more: Parameters<typeof userState>[1] = {}): Promise<string> {
  const { resource } = await directory.users.create(directory.context, userState(name, more));
  await settle(database, resource.id);
  directory.wakeUps.take();
  return resource.id;
}

const journaled = (): Promise<Record<string, unknown>[]> =>
  database.query(`SELECT * FROM bridge.journal WHERE action = 'user.loggedOut' ORDER BY id`);

const KNOWN = { known: true, repeated: false };
const NOBODY = { known: false, repeated: false };

describe('a logout', () => {
  it('of the subject that claims tied is journaled, marks the tokens made until then, and wakes the urgent lane', async () => {
    const id = await person('ann', { externalId: 'x-1' });
    const claims = new SqlClaimsDirectory(database, directory.wakeUps);
    const { connectionId } = directory.context;
    await claims.state(claimsOf(connectionId, 'sub-1', {}, { person: { externalIds: ['x-1'] } }));
    await settle(database, id);
    directory.wakeUps.take();

    expect(await loggedOut()).toEqual(KNOWN);
    const target = await targetRow(database, id);
    expect(target).toMatchObject({ urgent: true, keys_until: AT });
    expect(Number(target['desired'])).toBeGreaterThan(Number(target['applied']));
    expect(directory.wakeUps.take()).toEqual([{ target: `user:${id}`, lane: 'urgent' }]);
    const [entry] = await journaled();
    expect(entry).toMatchObject({
      target_id: id,
      source: 'oidc',
      version: target['desired'],
      facts: { by: 'backchannel', issuer: ISSUER, known: true, revokesKeys: true },
      personal: { values: { subject: 'sub-1' } },
    });
    expect(JSON.stringify(entry?.['facts'])).not.toContain('sub-1');
  });

  it('of somebody who never claimed anything is found by the externalId', async () => {
    const id = await person('ann', { externalId: 'sub-1' });
    expect(await loggedOut()).toEqual(KNOWN);
    expect(await targetRow(database, id)).toMatchObject({ keys_until: AT });
  });

  it('by address is found whatever the case, and of all who have it', async () => {
    const ids = [await person('ann'), await person('ann-too', { email: 'ann@example.com' })];
    const other = await person('bob');
    expect(await loggedOut({ person: { email: 'Ann@Example.com' } })).toEqual(KNOWN);
    for (const id of ids) expect(await targetRow(database, id)).toMatchObject({ keys_until: AT });
    expect(await targetRow(database, other)).toMatchObject({ keys_until: null });
    expect(await journaled()).toHaveLength(2);
  });

  it.each<[string, Logout['person']]>([
    ['a subject', { subject: 'nobody', externalIds: ['nobody'] }],
    ['an address', { email: 'nobody@example.com' }],
    ['a session alone', { sessionId: 's-1' }],
  ])('of %s that is nobody here is journaled, and nothing else', async (_what, who) => {
    const id = await person('ann', { externalId: 'sub-1' });
    expect(await loggedOut({ person: who })).toEqual(NOBODY);
    expect(await targetRow(database, id)).toMatchObject({ keys_until: null, desired: 1 });
    expect(directory.wakeUps.take()).toEqual([]);
    expect(await journaled()).toMatchObject([{ target_id: null, facts: { known: false } }]);
  });

  it("of another connection's person is nobody's", async () => {
    await person('ann', { externalId: 'sub-1' });
    const other = await testDirectory(database);
    const { connectionId } = other.context;
    expect(await loggedOut({ connectionId })).toEqual(NOBODY);
    expect(await loggedOut({ connectionId, person: { email: 'ann@example.com' } })).toEqual(NOBODY);
  });

  it('is journaled and raises nobody where the policy keeps tokens', async () => {
    const id = await person('ann', { externalId: 'sub-1' });
    expect(await loggedOut({ revokesKeys: false })).toEqual(KNOWN);
    expect(await targetRow(database, id)).toMatchObject({ keys_until: null, desired: 1, urgent: false });
    expect(directory.wakeUps.take()).toEqual([]);
    expect(await journaled()).toMatchObject([{ target_id: id, facts: { revokesKeys: false } }]);
  });

  it('that is not carried out yet goes over to the one who comes back under the same externalId', async () => {
    const id = await person('ann', { externalId: 'sub-1' });
    await database.query(
      `UPDATE bridge.targets SET coder_id = $2, coder_name = 'ann', origin = 'created', linked_at = now() WHERE id = $1`,
      [id, newId()],
    );
    await loggedOut();
    await directory.users.remove(directory.context, id);
    const again = await person('ann', { externalId: 'sub-1' });
    expect(again).not.toBe(id);
    expect(await targetRow(database, again)).toMatchObject({ coder_name: 'ann', keys_until: AT });
  });

  it('that arrives late does not move the mark back', async () => {
    const id = await person('ann', { externalId: 'sub-1' });
    await loggedOut();
    await loggedOut({ at: new Date(AT.getTime() - 5_000) });
    expect(await targetRow(database, id)).toMatchObject({ keys_until: AT, desired: 3 });
  });
});

describe('the token of a logout', () => {
  it('does nothing a second time, and is answered as at first', async () => {
    const logout = logoutOf();
    expect(await logouts.loggedOut(logout)).toEqual(NOBODY);
    const id = await person('ann', { externalId: 'sub-1' });
    expect(await logouts.loggedOut(logout)).toEqual({ known: false, repeated: true });
    expect(await targetRow(database, id)).toMatchObject({ keys_until: null, desired: 1 });
    expect(await journaled()).toHaveLength(1);
  });

  it('counts once when it is brought many times at once', async () => {
    const id = await person('ann', { externalId: 'sub-1' });
    const logout = logoutOf();
    const answers = await Promise.all(Array.from({ length: 5 }, () => logouts.loggedOut(logout)));
    expect(answers.filter(({ repeated }) => !repeated)).toEqual([KNOWN]);
    expect(await targetRow(database, id)).toMatchObject({ desired: 2 });
  });

  it('is another one at another issuer, and at another connection', async () => {
    await person('ann', { externalId: 'sub-1' });
    const logout = logoutOf();
    await logouts.loggedOut(logout);
    const { connectionId } = (await testDirectory(database)).context;
    expect(await logouts.loggedOut({ ...logout, issuer: `${ISSUER}/other` })).toEqual(KNOWN);
    expect(await logouts.loggedOut({ ...logout, connectionId })).toEqual(NOBODY);
  });

  it('is forgotten when it has expired, and not before', async () => {
    const [past, coming] = [-1_000, 60_000].map((ms) => new Date(Date.now() + ms));
    await loggedOut({ token: { id: 'old', expiresAt: past ?? AT } });
    await loggedOut({ token: { id: 'new', expiresAt: coming ?? AT } });
    await forgetLogoutTokens(database);
    expect(await database.query('SELECT jti FROM bridge.logout_tokens')).toEqual([{ jti: 'new' }]);
  });

  it.each<[string, Partial<Logout>]>([
    ['an id that is too long', { token: { id: 'x'.repeat(513), expiresAt: AT } }],
    ['a subject that cannot be stored', { person: { subject: 'a\0', externalIds: [] } }],
    ['a time that is none', { at: new Date(Number.NaN) }],
  ])('with %s is refused', async (_what, more) => {
    expect(await codeOf(loggedOut(more))).toBe('invalidValue');
    expect(await database.query('SELECT jti FROM bridge.logout_tokens')).toEqual([]);
  });
});
