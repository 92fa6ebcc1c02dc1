import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Queryable } from '../../database/index.js';
import { Lookups } from './lookups.js';

const BY_ID = { name: 'by-id', text: 'SELECT ...' };
const BY_NAME = { name: 'by-name', text: 'SELECT ...' };

interface Asked {
  readonly name: string | undefined;
  readonly params: readonly unknown[];
  readonly keys: readonly string[];
  answer(...known: string[]): void;
  refuse(error: Error): void;
}

/** A database that keeps what it was asked until the test answers. */
function heldDatabase(): { readonly database: Queryable; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const database: Queryable = {
    query: <Row extends object>(statement: string | { name?: string }, params: readonly unknown[] = []) =>
      new Promise<Row[]>((resolve, reject) => {
        asked.push({
          name: typeof statement === 'string' ? statement : statement.name,
          params,
          keys: params[1] as string[],
          answer: (...known) => resolve(known.map((key) => ({ key, of: key })) as unknown as Row[]),
          refuse: reject,
        });
      }),
  };
  return { database, asked };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('looking up by a unique key', () => {
  it('reads what is asked for in the same turn by one statement, and gives each his row or none', async () => {
    const { database, asked } = heldDatabase();
    const lookups = new Lookups(database);
    const found = Promise.all(['a', 'b', 'c', 'a'].map((key) => lookups.find(BY_ID, 'one', key)));
    await turn();
    expect(asked.map(({ params }) => params)).toEqual([['one', ['a', 'b', 'c']]]);
    asked[0]?.answer('c', 'a');
    expect(await found).toEqual([
      { key: 'a', of: 'a' },
      undefined,
      { key: 'c', of: 'c' },
      { key: 'a', of: 'a' },
    ]);
  });

  it('keeps connections and kinds of keys apart', async () => {
    const { database, asked } = heldDatabase();
    const lookups = new Lookups(database);
    void lookups.find(BY_ID, 'one', 'a');
    void lookups.find(BY_ID, 'two', 'a');
    void lookups.find(BY_NAME, 'one', 'a');
    await turn();
    expect(asked.map(({ name, params }) => [name, params[0]])).toEqual([
      ['by-id', 'one'],
      ['by-id', 'two'],
      ['by-name', 'one'],
    ]);
  });

  it('gathers what is asked for while a statement is under way, for the next one', async () => {
    const { database, asked } = heldDatabase();
    const lookups = new Lookups(database);
    const found: Promise<unknown>[] = [];
    for (const key of ['a', 'b', 'c']) {
      found.push(lookups.find(BY_ID, 'one', key));
      await turn();
    }
    expect(asked.map(({ keys }) => keys)).toEqual([['a']]);
    asked[0]?.answer('a');
    await found[0];
    await turn();
    expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']]);
  });

  it('waits for a slow one no longer than 10 ms, and lets four of them run at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { database, asked } = heldDatabase();
    const lookups = new Lookups(database);
    const first = lookups.find(BY_ID, 'one', 'a');
    await turn();
    for (const key of ['b', 'c', 'd', 'e']) {
      const before = asked.length;
      void lookups.find(BY_ID, 'one', key);
      vi.advanceTimersByTime(9);
      await turn();
      expect(asked).toHaveLength(before);
      vi.advanceTimersByTime(1);
      await turn();
    }
    expect(asked.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['c'], ['d']]);
    asked[0]?.answer('a');
    expect(await first).toEqual({ key: 'a', of: 'a' });
    await turn();
    expect(asked[4]?.keys).toEqual(['e']);
  });

  it('never answers by a row that was read before it was asked for', async () => {
    const { database, asked } = heldDatabase();
    const lookups = new Lookups(database);
    const first = lookups.find(BY_ID, 'one', 'a');
    await turn();
    const second = lookups.find(BY_ID, 'one', 'a');
    asked[0]?.answer();
    expect(await first).toBeUndefined();
    await turn();
    asked[1]?.answer('a');
    expect(await second).toEqual({ key: 'a', of: 'a' });
  });

  it('refuses all of a statement that failed, and goes on with the next', async () => {
    const { database, asked } = heldDatabase();
    const lookups = new Lookups(database);
    const found = Promise.allSettled(['a', 'b'].map((key) => lookups.find(BY_ID, 'one', key)));
    await turn();
    asked[0]?.refuse(new Error('away'));
    expect((await found).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = lookups.find(BY_ID, 'one', 'a');
    await turn();
    asked[1]?.answer('a');
    expect(await next).toEqual({ key: 'a', of: 'a' });
  });

  it('asks for two hundred at most at once', async () => {
    const { database, asked } = heldDatabase();
    const lookups = new Lookups(database);
    const keys = Array.from({ length: 450 }, (_, n) => `k${n}`);
    for (const key of keys) void lookups.find(BY_ID, 'one', key);
    await turn();
    asked[0]?.answer();
    await turn();
    await turn();
    expect(asked.map((one) => one.keys.length)).toEqual([200, 200]);
    expect(asked.flatMap((one) => one.keys)).toEqual(keys.slice(0, 400));
  });
});
