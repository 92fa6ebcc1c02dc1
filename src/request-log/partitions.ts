import type { Database, Queryable } from '../database/index.js';

/** Any number: replicas that tidy at once make and drop partitions one after the other. */
const ADVISORY_LOCK = 4_211_730_203;
const DAY_MS = 86_400_000;
const NAME = /^requests_(\d{4})_(\d\d)_(\d\d)$/;

/**
 * Makes the partitions of today and tomorrow (UTC), and drops those whose requests are all older than `days`. 0 drops all
 * that is there. To be called at start and now and then; several replicas may.
 */
export async function tidyRequests(database: Database, now: Date, days: number): Promise<void> {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  if (days > 0) {
    for (const day of [today, today + DAY_MS]) await ensurePartition(database, new Date(day));
  }
  const oldest = days === 0 ? new Date(today + 2 * DAY_MS) : new Date(now.getTime() - days * DAY_MS);
  for (const { name, end } of await partitions(database)) {
    if (end <= oldest.getTime()) await drop(database, name);
  }
  await database.query('DELETE FROM bridge.requests_default WHERE at < $1', [oldest]);
}

async function partitions(database: Database): Promise<{ readonly name: string; readonly end: number }[]> {
  const rows = await database.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'bridge.requests'::regclass ORDER BY c.relname`,
  );
  return rows.flatMap(({ name }) => {
    const [, year, month, day] = NAME.exec(name) ?? [];
    return year === undefined
      ? []
      : [{ name, end: Date.UTC(Number(year), Number(month) - 1, Number(day)) + DAY_MS }];
  });
}

async function ensurePartition(database: Database, day: Date): Promise<void> {
  const from = day.toISOString();
  const to = new Date(day.getTime() + DAY_MS).toISOString();
  const name = `requests_${from.slice(0, 10).replaceAll('-', '_')}`;
  const [there] = await database.query(`SELECT 1 FROM pg_class WHERE oid = to_regclass($1)`, [
    `bridge.${name}`,
  ]);
  if (there) return;
  await database.transaction(async (tx) => {
    await lock(tx);
    await tx.query(
      `CREATE TABLE IF NOT EXISTS bridge.${name} (LIKE bridge.requests INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`,
    );
    const [attached] = await tx.query(`SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass($1)`, [
      `bridge.${name}`,
    ]);
    if (attached) return;
    // Requests that came before the partition was there lie in the default one, where they would be in the way.
    await tx.query(
      `WITH moved AS (DELETE FROM bridge.requests_default WHERE at >= $1 AND at < $2 RETURNING *)
       INSERT INTO bridge.${name} SELECT * FROM moved`,
      [from, to],
    );
    await tx.query(
      `ALTER TABLE bridge.requests ATTACH PARTITION bridge.${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  });
}

async function drop(database: Database, name: string): Promise<void> {
  await database.transaction(async (tx) => {
    await lock(tx);
    await tx.query(`DROP TABLE IF EXISTS bridge.${name}`);
  });
}

/** The log is locked for a moment. Rather than wait behind somebody's long read, it is left for the next time. */
async function lock(tx: Queryable): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
  await tx.query(`SET LOCAL lock_timeout = '2s'`);
}
