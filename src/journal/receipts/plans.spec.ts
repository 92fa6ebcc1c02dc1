import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { databaseInMemory, insertConnection } from '../../../test/support/directory-rows.js';
import type { Database } from '../../database/index.js';
import { readReceipt } from './reader.js';

const USERS = 2_000;
const ENTRIES = 20_000;

describe.each(['without statistics', 'with statistics'])('the statements of a receipt, %s', (state) => {
  let database: Database;
  const asked = new Map<string, [text: string, params: readonly unknown[]]>();

  beforeAll(async () => {
    database = await databaseInMemory();
    const connection = await insertConnection(database, 'okta');
    const id = (i: string): string => `('01900000-0000-7000-8000-' || lpad(to_hex(${i}), 12, '0'))::uuid`;
    const series = (most: number): string => `generate_series(1, ${most}) AS s(i)`;
    await database.query(
      `INSERT INTO bridge.targets (id, kind, connection_id, applied) SELECT ${id('i')}, 'user', $1, 1 FROM ${series(USERS)}`,
      [connection],
    );
    await database.query(
      `INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, external_id, email, email_key, full_name, active,
         document, deleted_at)
       SELECT ${id('i')}, $1, 'u' || i, 'u' || i, 'x' || i, 'u' || i || '@a.io', 'u' || i || '@a.io', 'U', false, '{}',
              CASE WHEN i % 2 = 0 THEN now() END FROM ${series(USERS)}`,
      [connection],
    );
    await database.query(
      `INSERT INTO bridge.journal (target_id, target_kind, source, action, version)
       SELECT ${id(`1 + i % ${USERS}`)}, 'user', CASE WHEN i % 3 = 0 THEN 'scim' ELSE 'reconcile' END,
              CASE WHEN i % 3 = 0 THEN 'user.deactivated' ELSE 'coder.user.suspended' END, 1 FROM ${series(ENTRIES)}`,
    );
    await database.query(
      `INSERT INTO bridge.groups (id, connection_id, target_id, display_name, display_name_key, document)
       SELECT ${id('i')}, $1, ${id('i')}, 'g' || i, 'g' || i, '{}' FROM ${series(200)}`,
      [connection],
    );
    await database.query(
      `INSERT INTO bridge.journal_memberships (connection_id, group_id, user_id, change, source, version)
       SELECT $1, ${id('1 + i % 200')}, ${id(`1 + i % ${USERS}`)}, 'removed', 'scim', 1 FROM ${series(ENTRIES)}`,
      [connection],
    );
    if (state === 'with statistics') await database.query('ANALYZE');
    const watched = new Proxy(database, {
      get: (target, name) => {
        const query: Database['query'] = (statement, params = []) => {
          if (typeof statement !== 'string' && statement.name !== undefined)
            asked.set(statement.name, [statement.text, params]);
          return target.query(statement, params);
        };
        return name === 'query' ? query : (Reflect.get(target, name) as unknown);
      },
    });
    await readReceipt(watched, 'u6', 'okta');
  });
  afterAll(() => database.close());

  it.each([
    'receipt.find',
    'receipt.same-person',
    'receipt.pushes',
    'receipt.entries',
    'receipt.group-losses',
  ])('%s reads through no table that grows', async (name) => {
    const [text, params] = asked.get(name) ?? ['', []];
    const rows = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...params]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Index');
    expect(plan).not.toMatch(/Seq Scan on (?:users|targets|journal)/);
  });
});
