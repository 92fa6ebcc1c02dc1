import { openEngine, openInMemory, runMigrations } from '../../src/database/index.js';
import type { DatabaseLog, Engine } from '../../src/database/index.js';

/** A log that says nothing. */
export const quiet: DatabaseLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** PGlite in memory with the whole schema; to be closed. */
export async function memoryEngine(): Promise<Engine> {
  const engine = await openInMemory();
  await runMigrations(engine);
  return engine;
}

/** PostgreSQL at `url` with the whole schema; to be closed. */
export async function postgresEngine(url: string): Promise<Engine> {
  const engine = await openEngine({ engine: 'postgres', url }, { log: quiet });
  await runMigrations(engine);
  return engine;
}
