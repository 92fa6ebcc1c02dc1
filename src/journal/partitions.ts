import type { Database, Queryable } from '../database/index.js';

const TABLES = ['journal', 'journal_memberships'] as const;
/** Any number: replicas that start at once make partitions one after the other. */
const ADVISORY_LOCK = 4_211_730_202;

/**
 * Makes the partitions of this month and the next, where they are missing. Rows of a month that has none go to the
 * default partition; a month that already has rows there stays there, because making its partition then would mean
 * to move them. To be called at start and daily; several replicas may.
 *
 * @param now a time of the present month (months are UTC's)
 * @returns the names of the partitions made
 */
export async function ensurePartitions(database: Database, now: Date): Promise<string[]> {
  const made: string[] = [];
  for (const table of TABLES) {
    for (const offset of [0, 1]) {
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset));
      const name = await database.transaction((tx) => ensurePartition(tx, table, month));
      if (name) made.push(name);
    }
  }
  return made;
}

async function ensurePartition(tx: Queryable, table: string, month: Date): Promise<string | undefined> {
  const from = month.toISOString();
  const to = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1)).toISOString();
  const name = `${table}_${from.slice(0, 4)}_${from.slice(5, 7)}`;
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
  const [there] = await tx.query(
    `SELECT 1 FROM pg_class WHERE relnamespace = 'bridge'::regnamespace AND relname = $1`,
    [name],
  );
  if (there) return undefined;
  // Attaching looks through the default partition under an exclusive lock. Rather than let pushes queue up behind
  // somebody's long read, it is left for the next time.
  await tx.query(`SET LOCAL lock_timeout = '2s'`);
  await tx.query(`LOCK TABLE bridge.${table}_default IN ACCESS EXCLUSIVE MODE`);
  const [row] = await tx.query(`SELECT 1 FROM bridge.${table}_default WHERE at >= $1 AND at < $2 LIMIT 1`, [
    from,
    to,
  ]);
  if (row) return undefined;
  // Attached, not created as a partition: that would lock the whole journal exclusively. Its indexes follow.
  await tx.query(
    `CREATE TABLE bridge.${name} (LIKE bridge.${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`,
  );
  await tx.query(
    `ALTER TABLE bridge.${table} ATTACH PARTITION bridge.${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
  );
  return name;
}
