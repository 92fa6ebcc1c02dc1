import type { Database, Statement } from '../../database/index.js';

const RETRYABLE = new Set(['40001', '40P01']);

/**
 * Runs one statement outside of a transaction. Where it was chosen as the victim of a deadlock it is run again as a
 * transaction, which the database tries several times.
 */
export async function queryOnceMore<Row extends object>(
  database: Database,
  statement: Statement,
  params: readonly unknown[],
): Promise<Row[]> {
  try {
    return await database.query<Row>(statement, params);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string' || !RETRYABLE.has(code)) throw error;
    return database.transaction((tx) => tx.query<Row>(statement, params));
  }
}
