import type { PgPool } from 'bullmq';
import pg from 'pg';
import { translate } from '../driver-errors.js';
import type { DatabaseLog } from '../engine.js';
import { KEEPALIVE_MS, surviveLosses } from './connections.js';
import { assertSessionsLast } from './pooler-probe.js';

/** Connections for statements, beside those that listen. With too few a worker that waits keeps others from its jobs. */
const WORKING_CLIENTS = 4;

/**
 * The pool for BullMQ's Postgres backend. node-postgres' own type parsers stay: BullMQ reads bigint as string.
 *
 * @throws PoolerRefused, DatabaseUnavailable
 */
export async function openQueuePool(
  url: string,
  listenClients: number,
  log: DatabaseLog,
): Promise<PgPool & pg.Pool> {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'idp-bridge queue',
    max: listenClients + WORKING_CLIENTS,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    onConnect: setSearchPath,
  });
  pool.on('error', (error) =>
    log.warn({ reason: error.message }, 'an idle connection of the queue was lost'),
  );
  surviveLosses(pool);
  try {
    await assertSessionsLast(pool);
    return pool;
  } catch (error) {
    await pool.end();
    throw translate(error);
  }
}

/**
 * Not by the startup parameter `options`, which PgBouncer refuses in its session mode too. The pool waits for the
 * promise, though its declared type is void.
 */
function setSearchPath(client: pg.ClientBase): unknown {
  return client.query('SET search_path TO bullmq');
}
