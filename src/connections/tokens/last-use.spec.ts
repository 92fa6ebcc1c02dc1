import { describe, expect, it, vi } from 'vitest';
import type { Database } from '../../database/index.js';
import { LastUse } from './last-use.js';

let now = 0;
const clock = { now: () => now, monotonic: () => now };

/** A database that takes what is written, or does not. */
function databaseOf(query: (params: unknown) => Promise<unknown[]>): Database {
  return { query: (_text: string, params: unknown) => query(params) } as unknown as Database;
}

describe('the last use of a token', () => {
  it('is written once a minute at most, and many at once', async () => {
    const written: string[][] = [];
    const uses = new LastUse(
      databaseOf(async (params) => {
        const [json] = params as [string];
        written.push((JSON.parse(json) as { id: string }[]).map(({ id }) => id));
        return [];
      }),
      clock,
    );
    for (let n = 0; n < 100; n++) for (const id of ['a', 'b']) uses.note(id);
    await uses.flush();
    uses.note('a');
    await uses.flush();
    now += 60_000;
    uses.note('a');
    await uses.flush();
    expect(written).toEqual([['a', 'b'], ['a']]);
  });

  it('is written by itself', async () => {
    const query = vi.fn<(params: unknown) => Promise<unknown[]>>(async () => []);
    new LastUse(databaseOf(query), clock).note('a');
    await vi.waitFor(() => expect(query).toHaveBeenCalled(), { timeout: 10_000 });
  });

  it('hurts nobody where it cannot be written, and is written at the next use', async () => {
    let away = true;
    const query = vi.fn<(params: unknown) => Promise<unknown[]>>(async () => {
      if (away) throw new Error('away');
      return [];
    });
    const uses = new LastUse(databaseOf(query), clock);
    uses.note('a');
    await uses.flush();
    away = false;
    uses.note('a');
    await uses.flush();
    expect(query).toHaveBeenCalledTimes(2);
  });
});
