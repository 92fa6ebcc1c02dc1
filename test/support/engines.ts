import { afterAll, beforeAll } from 'vitest';
import type { Engine } from '../../src/database/index.js';
import { memoryEngine, postgresEngine } from './database.js';
import { postgresAvailable, startPostgres } from './postgres.js';
import type { TestPostgres } from './postgres.js';

/** The engines that tests run on here. */
export const ENGINES: readonly ('pglite' | 'postgres')[] = [
  'pglite',
  ...(postgresAvailable() ? (['postgres'] as const) : []),
];

/** Opens the engine with the whole schema for the tests of a `describe`, and closes it after them. */
export function useEngine(name: 'pglite' | 'postgres'): {
  readonly engine: Engine;
  readonly server: TestPostgres | undefined;
} {
  const held: { engine: Engine; server: TestPostgres | undefined } = {
    engine: undefined as never,
    server: undefined,
  };
  beforeAll(async () => {
    if (name === 'postgres') held.server = await startPostgres();
    held.engine = held.server ? await postgresEngine(held.server.url) : await memoryEngine();
  });
  afterAll(async () => {
    await held.engine?.close();
    await held.server?.stop();
  });
  return held;
}
