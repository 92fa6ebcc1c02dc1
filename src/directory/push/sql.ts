/**
 * SQL: the present time to the millisecond. What is stored is then what is answered and what a search compares:
 * JavaScript's Date holds no more.
 */
export const NOW = `date_trunc('milliseconds', now())`;

/**
 * SQL: whether the row lies in the connection and is not deleted, for rows that are looked up by their id. Written so that no
 * other index serves: a planner that knows the tables only as they were when empty would take one on the connection, and
 * keep to it while they grow.
 */
export function livesIn(row: string, connectionId: string): string {
  return `${row}.connection_id IS NOT DISTINCT FROM ${connectionId}::uuid AND coalesce(${row}.deleted_at, 'infinity') = 'infinity'`;
}
