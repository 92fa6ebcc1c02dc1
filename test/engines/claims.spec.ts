import { describe, expect, it } from 'vitest';
import { SqlClaimsDirectory, SqlTargetStore, UserDirectory } from '../../src/directory/index.js';
import { claimsOf } from '../support/claims.js';
import { testDirectory, userState } from '../support/directory.js';
import { ENGINES, useEngine } from '../support/engines.js';

describe.each(ENGINES)('claims on %s', (name) => {
  const held = useEngine(name);

  it('keep the newest of twenty statements of one subject at once, and one tie', async () => {
    const { database } = held.engine;
    const { users, context, wakeUps } = await testDirectory(database);
    const { resource } = await users.create(context, userState('ann'));
    const claims = new SqlClaimsDirectory(database, wakeUps);
    const statements = Array.from({ length: 20 }, (_, n) =>
      claimsOf(context.connectionId, 'ann', { groups: [`g${n}`] }),
    );
    const stated = await Promise.all(statements.map((statement) => claims.state(statement)));
    expect(new Set(stated.map(({ userId }) => userId))).toEqual(new Set([resource.id]));
    const rows = await database.query('SELECT claims FROM bridge.subjects WHERE user_id = $1', [resource.id]);
    expect(rows).toEqual([{ claims: { groups: ['g19'] } }]);
    const recorded = stated.filter(({ outcome }) => outcome === 'recorded').length;
    const [{ desired } = { desired: 0 }] = await database.query<{ desired: number }>(
      'SELECT desired FROM bridge.targets WHERE id = $1',
      [resource.id],
    );
    expect(desired).toBe(1 + recorded);
    const ties = await database.query(
      `SELECT FROM bridge.journal WHERE target_id = $1 AND action = 'claims.tied'`,
      [resource.id],
    );
    expect(ties).toHaveLength(1);
  });

  it('find every one of twenty people who are created at the same moment, by the first run at the latest', async () => {
    const { database } = held.engine;
    const { users, context, wakeUps } = await testDirectory(database);
    const claims = new SqlClaimsDirectory(database, wakeUps);
    const store = new SqlTargetStore(database, wakeUps);
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const stating = claims.state(claimsOf(context.connectionId, `p${n}`, { groups: ['a'] }));
        const { resource } = await users.create(context, userState(`p${n}`));
        // The first run, which may come before the claims are committed.
        await store.tieKeptClaims(resource.id);
        await stating;
        return resource.id;
      }),
    );
    const rows = await database.query<{ id: string }>(
      'SELECT user_id AS id FROM bridge.subjects WHERE connection_id = $1 ORDER BY user_id',
      [context.connectionId],
    );
    expect(rows.map(({ id }) => id)).toEqual(ids.toSorted());
  });

  it('make one user of twenty statements of one unknown subject, of two with one address, and beside a creation', async () => {
    const { database } = held.engine;
    const { context, wakeUps } = await testDirectory(database);
    const claimed = { mayCreate: () => Promise.resolve(true), concerns: () => Promise.resolve(true) };
    const users = new UserDirectory(database, wakeUps, claimed);
    const claims = new SqlClaimsDirectory(database, wakeUps, claimed);
    const state = (subject: string, email: string) =>
      claims.state(
        claimsOf(context.connectionId, subject, {}, { person: { externalIds: [subject], email } }),
      );
    const names = Array.from({ length: 5 }, (_, n) => `q${n}`);
    await Promise.all([
      ...Array.from({ length: 20 }, () => state('one', 'one@example.com')),
      ...['two', 'deux'].map((subject) => state(subject, 'two@example.com')),
      ...names.map((name) => state(name, `${name}@example.com`)),
      ...names.map((name) => users.create(context, userState(name, { externalId: `scim-${name}` }))),
    ]);
    const rows = await database.query<{ email: string }>(
      'SELECT email FROM bridge.users WHERE connection_id = $1 AND deleted_at IS NULL ORDER BY email',
      [context.connectionId],
    );
    expect(rows.map(({ email }) => email)).toEqual(
      ['one', ...names, 'two'].map((name) => `${name}@example.com`),
    );
  });
});
