import type { Database } from './database.js';

/**
 * Tables of which so much was changed, by the thresholds that autovacuum has by default (PostgreSQL's manual, "The Autovacuum
 * Daemon"), and those not looked after since the statistics began: PGlite loses them at every start. A table's long values are
 * looked after with it. `pg_statistic` is never analyzed, so its count of changes only grows. Partitioned tables have no rows of
 * their own; as under autovacuum, only their partitions are looked after.
 */
const NEGLECTED = `
SELECT format('%I.%I', s.schemaname, s.relname) AS name
  FROM pg_stat_all_tables s
  JOIN pg_class c ON c.oid = s.relid
  LEFT JOIN pg_stat_all_tables long ON long.relid = c.reltoastrelid
 WHERE c.relkind = 'r'
   AND (s.last_vacuum IS NULL
        OR s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)
        OR s.relid <> 'pg_statistic'::regclass AND s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0)
        OR s.n_ins_since_vacuum > 1000 + 0.2 * greatest(c.reltuples, 0)
        OR long.n_dead_tup > 50 + 0.2 * long.n_live_tup)
 ORDER BY 1`;

/**
 * Removes dead rows and refreshes the planner's statistics. PostgreSQL does so by itself; PGlite has no autovacuum, and a
 * queue's tables are nearly all dead rows after a while. One statement for each table: PGlite runs nothing else during a
 * statement, so others get their turn in between.
 */
export async function vacuumEmbedded(database: Database): Promise<void> {
  if (database.engine !== 'pglite') return;
  const tables = await database.query<{ name: string }>(NEGLECTED);
  for (const { name } of tables) await database.query(`VACUUM (ANALYZE) ${name}`);
}
