import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { eventually } from '../../test/support/eventually.js';
import { openInMemory } from './index.js';
import type { Engine } from './index.js';
import { vacuumEmbedded } from './vacuum.js';

describe('housekeeping of the embedded engine', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openInMemory();
  });
  afterAll(() => engine.close());

  afterEach(() => {
    vi.restoreAllMocks();
  });
  const pages = async (): Promise<unknown> => {
    const text = `SELECT pg_relation_size('public.dead')::int AS size`;
    return (await engine.database.query<{ size: number }>(text))[0]?.size;
  };
  /** Tables that one turn looked after. */
  const turn = async (): Promise<string[]> => {
    // Otherwise the database counts its changes up to a second late.
    await engine.database.query('SELECT pg_stat_force_next_flush()');
    const query = vi.spyOn(engine.database, 'query');
    await vacuumEmbedded(engine.database);
    const texts = query.mock.calls.map(([text]) => (typeof text === 'string' ? text : text.text));
    query.mockRestore();
    return texts.flatMap((text) => /^VACUUM \(ANALYZE\) (.*)$/.exec(text)?.[1] ?? []);
  };

  it('gives the room of dead rows back, which PGlite never does by itself', async () => {
    const { database } = engine;
    await database.query('CREATE TABLE public.dead (n int, long text)');
    await database.query('INSERT INTO public.dead SELECT generate_series(1, 10000)');
    await database.query('DELETE FROM public.dead');
    expect(await pages()).toBeGreaterThan(0);
    expect(await turn()).toContain('public.dead');
    expect(await pages()).toBe(0);
  });

  it('leaves alone what nobody has changed, and looks after it when many rows are dead', async () => {
    const { database } = engine;
    // What a turn itself changes, the statistics of others, is soon looked after.
    await eventually(async () => expect(await turn()).toEqual([]));
    // Forty changes, twenty dead rows: fifty of either are left alone.
    await database.query('INSERT INTO public.dead SELECT generate_series(1, 20)');
    await database.query('DELETE FROM public.dead');
    expect(await turn()).not.toContain('public.dead');
    await database.query('INSERT INTO public.dead SELECT generate_series(1, 1000)');
    await database.query('DELETE FROM public.dead');
    expect(await pages()).toBeGreaterThan(0);
    expect(await turn()).toContain('public.dead');
    expect(await pages()).toBe(0);
  });

  it('looks after a table whose long values alone are dead', async () => {
    const { database } = engine;
    const long = `(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 2000) i)`;
    await database.query(`INSERT INTO public.dead SELECT generate_series(1, 200), ${long}`);
    expect(await turn()).toContain('public.dead');
    await eventually(async () => expect(await turn()).toEqual([]));
    await database.query('UPDATE public.dead SET long = NULL WHERE n <= 45');
    expect(await turn()).toContain('public.dead');
  });
});
