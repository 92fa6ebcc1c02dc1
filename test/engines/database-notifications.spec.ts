import { describe, expect, it } from 'vitest';
import { ENGINES, useEngine } from '../support/engines.js';
import { eventually } from '../support/eventually.js';

describe.each(ENGINES)('notifications on %s', (name) => {
  const held = useEngine(name);

  it('arrive though transactions that begin and roll back surround the LISTEN', async () => {
    const { database } = held.engine;
    const rolledBack = (): Promise<unknown> =>
      database
        .transaction(async (tx) => {
          await tx.query('SELECT 1');
          throw new Error('back');
        })
        .catch(() => undefined);
    const heard: string[] = [];
    const before = [rolledBack(), rolledBack()];
    const listening = database.listen('spec_a', (payload) => heard.push(payload));
    await Promise.all([...before, listening, rolledBack(), rolledBack()]);
    await database.transaction((tx) => tx.query(`SELECT pg_notify('spec_a', 'one')`));
    await eventually(() => expect(heard).toEqual(['one']));
    await (
      await listening
    )();
  });

  it('arrive though a client of the queue stood in a transaction when they were asked for, and rolled back', async () => {
    const { database } = held.engine;
    const client = await held.engine.session();
    await client.query('BEGIN');
    const heard: string[] = [];
    const listening = database.listen('spec_e', (payload) => heard.push(payload));
    await client.query('SELECT 1');
    await client.query('ROLLBACK');
    client.release();
    const stop = await listening;
    await database.query(`SELECT pg_notify('spec_e', 'one')`);
    await eventually(() => expect(heard).toEqual(['one']));
    await stop();
  });

  it('of a transaction that rolls back never arrive', async () => {
    const { database } = held.engine;
    const heard: string[] = [];
    const stop = await database.listen('spec_b', (payload) => heard.push(payload));
    const failing = database.transaction(async (tx) => {
      await tx.query(`SELECT pg_notify('spec_b', 'never')`);
      throw new Error('back');
    });
    await expect(failing).rejects.toThrow('back');
    await database.query(`SELECT pg_notify('spec_b', 'after')`);
    await eventually(() => expect(heard).toContain('after'));
    expect(heard).toEqual(['after']);
    await stop();
  });

  it('go to everybody who listens, and no longer to who stopped', async () => {
    const { database } = held.engine;
    const heard: string[] = [];
    const stopFirst = await database.listen('spec_c', (payload) => heard.push(`first ${payload}`));
    const stopSecond = await database.listen('spec_c', (payload) => heard.push(`second ${payload}`));
    await database.query(`SELECT pg_notify('spec_c', '1')`);
    await eventually(() => expect(heard.sort()).toEqual(['first 1', 'second 1']));
    await stopFirst();
    await database.query(`SELECT pg_notify('spec_c', '2')`);
    await eventually(() => expect(heard).toContain('second 2'));
    expect(heard).not.toContain('first 2');
    await stopSecond();
    await stopSecond();
  });

  it('may be answered by asking the database', async () => {
    const { database } = held.engine;
    const answers: unknown[] = [];
    const stop = await database.listen('spec_d', () => {
      void database.query('SELECT 1 AS one').then(
        (rows) => answers.push(rows),
        (error: unknown) => answers.push(error),
      );
    });
    await database.transaction((tx) => tx.query(`SELECT pg_notify('spec_d', '')`));
    await eventually(() => expect(answers).toEqual([[{ one: 1 }]]));
    await stop();
  });

  it('refuse a channel that is no plain name', async () => {
    await expect(held.engine.database.listen('a; DROP TABLE x', () => undefined)).rejects.toThrow(/channel/);
  });
});
