/** A statement with its text; a name makes it prepared once per connection (hot paths). */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

/** Something that runs SQL: the database itself, or one transaction of it. */
export interface Queryable {
  /**
   * Runs one statement and answers its rows. `bigint` columns come as JavaScript numbers, `timestamptz` as Date,
   * `jsonb` parsed, `bytea` as Buffer or Uint8Array.
   *
   * @throws UniqueViolation when a unique index refuses (with the index's name); DatabaseUnavailable when there is no
   * connection; else the driver's error.
   */
  query<Row extends object>(statement: string | Statement, params?: readonly unknown[]): Promise<Row[]>;
}

/** The bridge's database: PostgreSQL, or PGlite under DATA_DIR, with one dialect. */
export interface Database extends Queryable {
  readonly engine: 'pglite' | 'postgres';
  /**
   * Runs `work` in a transaction; 40001 and 40P01 are retried three times. No call of Coder, the queue or the network
   * may happen inside: it would hold the embedded engine's only connection. Nested use throws.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Listens on a channel; answers a function that stops. Survives a lost connection by listening again. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  /** Resolves when the database answers; throws DatabaseUnavailable otherwise. For /readyz. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Injection token of the {@link Database}. */
export const DATABASE = Symbol('DATABASE');

/** A unique index refused a row. */
export class UniqueViolation extends Error {
  constructor(readonly constraint: string) {
    super(`unique index ${constraint} refused the row`);
    this.name = 'UniqueViolation';
  }
}

/** The database cannot be reached now; what was asked for may be tried again. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super('the database cannot be reached', { cause });
    this.name = 'DatabaseUnavailable';
  }
}
