import { describe, expect, it } from 'vitest';
import { UniqueViolation } from '../../src/database/index.js';
import { ENGINES, useEngine } from '../support/engines.js';

/** The bytes of a Buffer or Uint8Array, or an array's items. */
function bytesOf(value: unknown): unknown[] {
  return value instanceof Uint8Array || Array.isArray(value) ? [...value] : [];
}

describe.each(ENGINES)('the database on %s', (name) => {
  const held = useEngine(name);

  it('answers bigint as number, timestamptz as Date, jsonb parsed, bytea as bytes', async () => {
    const [row] = await held.engine.database.query<Record<string, unknown>>(
      `SELECT 7::bigint AS big, count(*) AS count, now() AS at, '{"a":[1]}'::jsonb AS json, '\\x0102'::bytea AS bytes,
        ARRAY[1,2]::bigint[] AS bigs, '{a,NULL}'::text[] AS texts FROM bridge.users`,
    );
    expect(row).toMatchObject({ big: 7, count: 0, json: { a: [1] }, bigs: [1, 2], texts: ['a', null] });
    expect(row?.['at']).toBeInstanceOf(Date);
    expect(bytesOf(row?.['bytes'])).toEqual([1, 2]);
  });

  it('takes JSON as text, bytes, dates and arrays as parameters, alike on every engine', async () => {
    const [row] = await held.engine.database.query<Record<string, unknown>>(
      `SELECT $1::jsonb AS json, $2::bytea AS bytes, $3::timestamptz AS at, $4::bigint AS big, $5::uuid[] AS ids,
        $6::jsonb[] AS jsons, $7::bytea[] AS many, $8::boolean AS yes, $9::text[] AS texts`,
      [
        JSON.stringify(['a"b', { c: null }]),
        Buffer.from([0, 255]),
        new Date(1_700_000_000_123),
        12,
        ['0199d8c8-0000-7000-8000-000000000001'],
        [JSON.stringify({ a: 'x,"y"' }), null],
        [Buffer.from([1]), Buffer.from([2, 3])],
        true,
        ['a,b', 'c"d', '\\', null, ''],
      ],
    );
    expect(row).toMatchObject({
      json: ['a"b', { c: null }],
      at: new Date(1_700_000_000_123),
      big: 12,
      ids: ['0199d8c8-0000-7000-8000-000000000001'],
      jsons: [{ a: 'x,"y"' }, null],
      yes: true,
      texts: ['a,b', 'c"d', '\\', null, ''],
    });
    expect(bytesOf(row?.['bytes'])).toEqual([0, 255]);
    expect(bytesOf(row?.['many']).map(bytesOf)).toEqual([[1], [2, 3]]);
  });

  it('commits what a transaction did, and nothing of one that throws', async () => {
    const { database } = held.engine;
    await database.transaction((tx) => tx.query(`INSERT INTO bridge.settings VALUES ('kept', '1')`));
    const failing = database.transaction(async (tx) => {
      await tx.query(`INSERT INTO bridge.settings VALUES ('dropped', '1')`);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const rows = await database.query(`SELECT key FROM bridge.settings WHERE key IN ('kept', 'dropped')`);
    expect(rows).toEqual([{ key: 'kept' }]);
  });

  it('names the unique index that refused a row, inside a transaction too', async () => {
    const { database } = held.engine;
    await database.query(`INSERT INTO bridge.settings VALUES ('once', '1')`);
    const again = `INSERT INTO bridge.settings VALUES ('once', '1')`;
    await expect(database.query(again)).rejects.toEqual(new UniqueViolation('settings_pkey'));
    await expect(database.transaction((tx) => tx.query(again))).rejects.toEqual(
      new UniqueViolation('settings_pkey'),
    );
  });

  it('does not report success for a transaction in which a failure was swallowed', async () => {
    const work = held.engine.database.transaction(async (tx) => {
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(work).rejects.toThrow();
  });

  it('refuses the database itself inside a transaction, and serves it again afterwards', async () => {
    const { database } = held.engine;
    await expect(database.transaction(() => database.query('SELECT 1'))).rejects.toThrow(
      /inside a transaction/,
    );
    await expect(database.transaction(() => database.transaction(async () => 1))).rejects.toThrow(
      /inside a transaction/,
    );
    await expect(database.query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  it('runs what a transaction left behind as code outside of it', async () => {
    const { database } = held.engine;
    let left: Promise<object[]> | undefined;
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    await database.transaction(async () => {
      left = ended.then(() => database.query('SELECT 1 AS one'));
    });
    end();
    await expect(left).resolves.toEqual([{ one: 1 }]);
  });

  it('uses a named statement again with other values', async () => {
    const statement = { name: 'spec.sum', text: 'SELECT $1::int + $2::int AS sum' };
    for (let i = 0; i < 3; i++) {
      await expect(held.engine.database.query(statement, [i, 1])).resolves.toEqual([{ sum: i + 1 }]);
    }
    await expect(held.engine.database.transaction((tx) => tx.query(statement, [2, 2]))).resolves.toEqual([
      { sum: 4 },
    ]);
  });
});
