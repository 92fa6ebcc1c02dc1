import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openInMemory } from './index.js';
import type { Engine } from './index.js';
import { vacuumEmbedded } from './vacuum.js';

describe('housekeeping of the embedded engine', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openInMemory();
  });
  afterAll(() => engine.close());

  it('gives the room of dead rows back, which PGlite never does by itself', async () => {
    const { database } = engine;
    await database.query('CREATE TABLE public.dead (n int)');
    await database.query('INSERT INTO public.dead SELECT generate_series(1, 10000)');
    await database.query('DELETE FROM public.dead');
    const pages = async (): Promise<unknown> =>
      (await database.query<{ size: number }>(`SELECT pg_relation_size('public.dead')::int AS size`))[0]
        ?.size;
    expect(await pages()).toBeGreaterThan(0);
    await vacuumEmbedded(database);
    expect(await pages()).toBe(0);
  });
});
