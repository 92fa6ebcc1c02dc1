import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { databaseInMemory } from '../../../test/support/directory-rows.js';
import { testDirectory, userState } from '../../../test/support/directory.js';
import type { Database } from '../../database/index.js';

let database: Database;

/** What a directory over the returned database asks, in its order. */
function recording(asked: [text: string, params: readonly unknown[]][]): Database {
  const query: Database['query'] = (statement, params = []) => {
    asked.push([typeof statement === 'string' ? statement : statement.text, params]);
    return database.query(statement, params);
  };
  return new Proxy(database, {
    get: (target, name) => (name === 'query' ? query : (Reflect.get(target, name) as unknown)),
  });
}

beforeAll(async () => {
  database = await databaseInMemory();
  const { users, context } = await testDirectory(database);
  await Promise.all(
    Array.from({ length: 300 }, async (_none, at) => {
      const { resource } = await users.create(context, userState(`old-${at}`));
      await users.remove(context, resource.id);
    }),
  );
  // Of a few hundred rows any way is short; of many none but the index is.
  await database.query('SET enable_seqscan = off');
  await database.query('ANALYZE bridge.users');
  await database.query('ANALYZE bridge.targets');
});
afterAll(() => database.close());

describe('the creation of a user', () => {
  it.each([1, 20])(
    'asks nothing but its one statement (of %i), which finds who was deleted by their indexes',
    async (count) => {
      const asked: [text: string, params: readonly unknown[]][] = [];
      const { users, context } = await testDirectory(recording(asked));
      asked.length = 0;
      await Promise.all(
        Array.from({ length: count }, (_none, at) =>
          users.create(context, userState(`new-${count}-${at}`, { externalId: `${count}-${at}` })),
        ),
      );
      const creations = asked.filter(([text]) => text.includes('INSERT INTO bridge.users'));
      // Of many the first goes alone, and those that came meanwhile together.
      expect(creations.length).toBeLessThanOrEqual(2);
      expect(asked).toHaveLength(creations.length);
      const [text, params] = creations.at(-1) ?? expect.fail('nothing was asked');
      const rows = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, params);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      for (const index of ['users_tombstones', 'users_tombstones_external', 'users_tombstones_email'])
        expect(plan).toMatch(new RegExp(`Index (?:Only )?Scan (?:using|on) ${index}\\b`));
      expect(plan).not.toContain('Seq Scan on users');
    },
  );
});
