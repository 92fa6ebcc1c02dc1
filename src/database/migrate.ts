import { runMigrations as runQueueMigrations } from 'bullmq';
import type { PgPoolClient } from 'bullmq';
import type { Engine } from './engine.js';
import { translate } from './driver-errors.js';
import { migrations } from './migrations/index.js';
import type { Migration } from './migrations/index.js';

/** The database was migrated by a newer version of the program, which this one does not understand. */
export class DatabaseTooNew extends Error {
  constructor(readonly unknown: readonly string[]) {
    super(
      `the database was migrated by a newer version of idp-bridge (${unknown.join(', ')}); start that one`,
    );
    this.name = 'DatabaseTooNew';
  }
}

/** Any number; other programs in the same database lock by other ones. */
const ADVISORY_LOCK = 4_211_730_201;

/**
 * Brings schema `bridge` (and `bullmq`, when the queue lies in this database) up to date. Several replicas may do so
 * at once: the first one does the work, the others wait for it.
 *
 * @param options.queue whether BullMQ's own schema is needed; default true
 * @throws DatabaseTooNew, DatabaseUnavailable
 */
export async function runMigrations(
  engine: Engine,
  options: { queue?: boolean; migrations?: readonly Migration[] } = {},
): Promise<void> {
  const session = await engine.session();
  try {
    await migrate(session, options.migrations ?? migrations);
    if (options.queue ?? true) await runQueueMigrations(session, 'bullmq');
  } catch (error) {
    throw translate(error);
  } finally {
    session.release();
  }
}

async function migrate(session: PgPoolClient, known: readonly Migration[]): Promise<void> {
  await session.query('BEGIN');
  try {
    await session.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    await session.query('CREATE SCHEMA IF NOT EXISTS bridge');
    await session.query(`CREATE TABLE IF NOT EXISTS bridge.migrations (
      name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`);
    const { rows } = await session.query<{ name: string }>(
      'SELECT name FROM bridge.migrations ORDER BY name',
    );
    const applied = new Set(rows.map((row) => row.name));
    const unknown = [...applied].filter((name) => !known.some((migration) => migration.name === name));
    if (unknown.length > 0) throw new DatabaseTooNew(unknown);
    for (const migration of known) {
      if (applied.has(migration.name)) continue;
      await session.query(migration.sql);
      await session.query('INSERT INTO bridge.migrations (name) VALUES ($1)', [migration.name]);
    }
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
