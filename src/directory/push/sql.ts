/**
 * SQL: the present time to the millisecond. What is stored is then what is answered and what a search compares:
 * JavaScript's Date holds no more.
 */
export const NOW = `date_trunc('milliseconds', now())`;

/**
 * SQL: whether the row is not deleted, for rows that are looked up by their id. Written so that no partial index serves: a planner
 * that knows the tables only as they were when empty would take one that begins with the connection, read it through, and keep
 * to it while the tables grow.
 */
export function isAlive(row: string): string {
  return `coalesce(${row}.deleted_at, 'infinity') = 'infinity'`;
}

/** SQL: whether the row is not deleted and lies in the connection, for rows that are looked up by their id; as {@link isAlive}. */
export function livesIn(row: string, connectionId: string): string {
  return `${row}.connection_id IS NOT DISTINCT FROM ${connectionId}::uuid AND ${isAlive(row)}`;
}
