import 'reflect-metadata';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { databaseInMemory, insertConnection, insertTarget } from '../test/support/directory-rows.js';
import { tidy } from './app.module.js';
import type { Database } from './database/index.js';
import { SqlTargetIssues } from './directory/index.js';

const requestLog = { days: 14, values: false };

describe('housekeeping', () => {
  let database: Database;
  let connection: string;

  beforeAll(async () => {
    database = await databaseInMemory();
    connection = await insertConnection(database);
  });
  afterAll(() => database.close());

  const holds = async (): Promise<number> =>
    (await new SqlTargetIssues(database, { wake: () => undefined }).held(10)).length;

  it('releases what another process held that was still in dry-run, unless this one is in dry-run too', async () => {
    await insertTarget(database, connection, 'user', {
      held_version: 1,
      held: '{"dryRun": true, "hash": "a"}',
    });
    await insertTarget(database, connection, 'user', { held_version: 1, held: '{"losses": 3, "hash": "b"}' });
    await tidy(database, { dryRun: true, requestLog });
    expect(await holds()).toBe(2);
    await tidy(database, { dryRun: false, requestLog });
    expect(await holds()).toBe(1);
  });

  it('forgets losses of yesterday and keeps those of today', async () => {
    const target = await insertTarget(database, connection, 'user');
    await database.query(
      `INSERT INTO bridge.losses (at, target_id, version, count)
       VALUES (now() - interval '25 hours', $1, 1, 1), (now() - interval '59 minutes', $1, 2, 1)`,
      [target],
    );
    await tidy(database, { dryRun: false, requestLog });
    expect(await database.query('SELECT version FROM bridge.losses')).toEqual([{ version: 2 }]);
  });
});
