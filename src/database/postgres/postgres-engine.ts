import type { PgPool, PgPoolClient } from 'bullmq';
import pg from 'pg';
import { translate } from '../driver-errors.js';
import type { DatabaseLog, Engine } from '../engine.js';
import { surviveLosses } from './connections.js';
import { PostgresDatabase } from './postgres-database.js';
import { openQueuePool } from './queue-pool.js';

/** PostgreSQL by its URL. Nothing is connected before the first use. */
export class PostgresEngine implements Engine {
  readonly database: PostgresDatabase;
  private readonly queuePools: pg.Pool[] = [];

  constructor(
    private readonly url: string,
    private readonly log: DatabaseLog,
  ) {
    this.database = new PostgresDatabase(url, log);
  }

  async queuePool(listenClients: number): Promise<PgPool> {
    const pool = await openQueuePool(this.url, listenClients, this.log);
    this.queuePools.push(pool);
    return pool;
  }

  /** A pool of one, without the timeouts of everyday statements: migrations may take long. */
  async session(): Promise<PgPoolClient> {
    const pool = new pg.Pool({ connectionString: this.url, application_name: 'idp-bridge migrate', max: 1 });
    pool.on('error', () => undefined);
    surviveLosses(pool);
    try {
      const client = await pool.connect();
      const release = client.release.bind(client);
      client.release = (destroy) => {
        release(destroy);
        void pool.end();
      };
      return client;
    } catch (error) {
      await pool.end();
      throw translate(error);
    }
  }

  async close(): Promise<void> {
    for (const pool of this.queuePools) if (!pool.ending) await pool.end();
    await this.database.close();
  }
}
