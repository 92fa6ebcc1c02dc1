import type { Database } from './database.js';

/**
 * Ends every lease and heartbeat. Only for the embedded engine at its start: it has one process, so that whoever
 * held them is gone.
 */
export async function voidLeases(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(
      'UPDATE bridge.targets SET lease_token = NULL, lease_until = NULL, swept_at = NULL WHERE lease_token IS NOT NULL',
    );
    await tx.query('DELETE FROM bridge.locks');
    await tx.query('DELETE FROM bridge.workers');
  });
}
