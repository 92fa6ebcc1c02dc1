import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PreparedStatements } from './prepared-statements.js';

describe('prepared statements of the embedded engine', () => {
  let pglite: PGlite;
  const names = async (): Promise<string[]> =>
    (await pglite.query<{ name: string }>('SELECT name FROM pg_prepared_statements ORDER BY name')).rows.map(
      ({ name }) => name,
    );

  beforeAll(async () => {
    pglite = await PGlite.create();
    await pglite.exec(
      'CREATE TABLE things (id int PRIMARY KEY, name text, facts jsonb, at timestamptz, raw bytea, ids int[])',
    );
  });
  afterAll(() => pglite.close());

  it('parse a text once, however often it is asked', async () => {
    const statements = new PreparedStatements(pglite);
    for (const id of [1, 2, 3]) await statements.query('INSERT INTO things (id) VALUES ($1)', [id]);
    expect(await names()).toHaveLength(1);
    await pglite.exec('DEALLOCATE ALL; TRUNCATE things');
  });

  it('carry every type of value there and back', async () => {
    const statements = new PreparedStatements(pglite);
    const at = new Date('2026-01-02T03:04:05.678Z');
    const row = {
      id: 7,
      name: "o'neil 🚀",
      facts: { a: [1, null] },
      at,
      raw: new Uint8Array([0, 255]),
      ids: [1, 2],
    };
    await statements.query('INSERT INTO things VALUES ($1, $2, $3, $4, $5, $6)', Object.values(row));
    expect((await statements.query('SELECT * FROM things WHERE id = $1', [7])).rows).toEqual([row]);
    expect(
      (await statements.query('UPDATE things SET name = $2 WHERE id = $1', [7, null])).affectedRows,
    ).toBe(1);
    expect((await statements.query('SELECT name FROM things WHERE id = $1', [7])).rows).toEqual([
      { name: null },
    ]);
    await pglite.exec('DEALLOCATE ALL; TRUNCATE things');
  });

  it('go on after an error, of the statement and of its values', async () => {
    const statements = new PreparedStatements(pglite);
    await expect(statements.query('SELECT nonsense FROM things', [])).rejects.toMatchObject({
      code: '42703',
    });
    const text = 'INSERT INTO things (id) VALUES ($1)';
    await statements.query(text, [1]);
    await expect(statements.query(text, [1])).rejects.toMatchObject({ code: '23505' });
    await expect(statements.query(text, ['x'])).rejects.toThrow();
    await statements.query(text, [2]);
    expect((await statements.query('SELECT id FROM things ORDER BY id', [])).rows).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
    await pglite.exec('DEALLOCATE ALL; TRUNCATE things');
  });

  it('forget the least used text when there are too many', async () => {
    const statements = new PreparedStatements(pglite, 2);
    await statements.query('SELECT 1 AS a', []);
    await statements.query('SELECT 2 AS b', []);
    await statements.query('SELECT 1 AS a', []);
    await statements.query('SELECT 3 AS c', []);
    expect(await names()).toEqual(['bridge_1', 'bridge_3']);
    expect((await statements.query('SELECT 2 AS b', [])).rows).toEqual([{ b: 2 }]);
    await pglite.exec('DEALLOCATE ALL');
  });
});
