import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PgPool, PgPoolClient } from 'bullmq';
import type { DatabaseLog, Engine } from '../engine.js';
import { EmbeddedConnection } from './connection.js';
import { prepareDataDir } from './data-dir.js';
import { EmbeddedDatabase } from './embedded-database.js';
import { EmbeddedClient, EmbeddedPool } from './embedded-pool.js';
import { ownDataDir } from './ownership.js';

/**
 * PGlite under `dataDir`, owned by this process alone until it is closed.
 *
 * @throws DataDirUnusable, DataDirOwned
 */
export async function openEmbedded(dataDir: string, log: DatabaseLog): Promise<Engine> {
  const folder = await prepareDataDir(dataDir);
  const giveUp = await ownDataDir(folder);
  try {
    const connection = await openFiles(folder);
    log.info({ folder }, 'embedded database opened');
    return new EmbeddedEngine(connection, giveUp);
  } catch (error) {
    await giveUp();
    throw error;
  }
}

/**
 * The database's files are made one by one, about a thousand of them. A mark beside them says that this has not ended: whatever a
 * process that died in the middle left is made anew. Nothing was ever stored in it.
 */
async function openFiles(folder: string): Promise<EmbeddedConnection> {
  const files = join(folder, 'database');
  const unfinished = join(folder, 'database.unfinished');
  if (existsSync(unfinished)) await rm(files, { recursive: true, force: true });
  if (!existsSync(files)) await writeFile(unfinished, '', { mode: 0o600 });
  const connection = await EmbeddedConnection.open({ dataDir: files });
  await rm(unfinished, { force: true });
  return connection;
}

/** An engine whose files are in memory, and can be taken out to begin another one with. */
export interface InMemoryEngine extends Engine {
  /** All files as an archive; the engine may be used on. */
  dump(): Promise<Blob>;
}

/**
 * PGlite in memory, owned by nobody and gone with the process: for tests.
 *
 * @param files what {@link InMemoryEngine.dump} gave; none: an empty database, which takes seconds to make
 */
export async function openInMemory(files?: Blob): Promise<InMemoryEngine> {
  const connection = await EmbeddedConnection.open(files ? { loadDataDir: files } : {});
  const engine = new EmbeddedEngine(connection, async () => undefined);
  return Object.assign(engine, { dump: () => connection.dump() });
}

class EmbeddedEngine implements Engine {
  readonly database: EmbeddedDatabase;

  constructor(
    private readonly connection: EmbeddedConnection,
    private readonly giveUp: () => Promise<void>,
  ) {
    this.database = new EmbeddedDatabase(connection);
  }

  async queuePool(): Promise<PgPool> {
    return new EmbeddedPool(this.connection);
  }

  async session(): Promise<PgPoolClient> {
    return new EmbeddedClient(this.connection);
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.giveUp();
  }
}
