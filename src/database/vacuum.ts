import type { Database } from './database.js';

/**
 * Removes dead rows and refreshes the planner's statistics. PostgreSQL does so by itself; PGlite has no autovacuum, and a
 * queue's tables are nearly all dead rows after a while.
 */
export async function vacuumEmbedded(database: Database): Promise<void> {
  if (database.engine === 'pglite') await database.query('VACUUM (ANALYZE)');
}
