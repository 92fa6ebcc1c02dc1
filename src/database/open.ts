import type { Config } from '../config/index.js';
import { openEmbedded } from './embedded/embedded-engine.js';
import type { DatabaseLog, Engine } from './engine.js';
import { PostgresEngine } from './postgres/postgres-engine.js';

/**
 * Opens the database that the configuration names. The schema is not touched: see {@link runMigrations}.
 *
 * @throws DataDirUnusable, DataDirOwned on the embedded engine
 */
export async function openEngine(config: Config['database'], { log }: { log: DatabaseLog }): Promise<Engine> {
  if (config.engine === 'pglite') return openEmbedded(config.dataDir, log);
  return new PostgresEngine(config.url, log);
}
