import { PGlite } from '@electric-sql/pglite';
import type { PGliteOptions, Results, Transaction } from '@electric-sql/pglite';
import { Mutex } from '../mutex.js';
import { PreparedStatements } from './prepared-statements.js';
import { TransactionScope } from '../transaction-scope.js';

/** What runs on the connection, for who holds it; inside a transaction it is the same connection. */
export type Session = Pick<Transaction, 'exec'> & {
  /** One statement, prepared at its first use. */
  query<Row>(text: string, params: readonly unknown[]): Promise<Results<Row>>;
};

/**
 * The embedded engine's only connection. Everything goes through one mutex, LISTEN too: a LISTEN that came between
 * somebody else's BEGIN and ROLLBACK would be rolled back with it.
 */
export class EmbeddedConnection {
  readonly scope = new TransactionScope();
  private readonly mutex = new Mutex();

  /** For the holder of the connection only. */
  readonly held: Session;

  private constructor(private readonly pglite: PGlite) {
    const prepared = new PreparedStatements(pglite);
    this.held = {
      query: (text, params) => prepared.query(text, params),
      exec: (text) => pglite.exec(text),
    };
  }

  /** @param options.dataDir where the files lie; none: in memory */
  static async open(options: Pick<PGliteOptions, 'dataDir' | 'loadDataDir'>): Promise<EmbeddedConnection> {
    const pglite = await PGlite.create(options);
    // BullMQ's statements name its tables without their schema; the bridge's own always name theirs.
    await pglite.exec('SET search_path TO bullmq');
    return new EmbeddedConnection(pglite);
  }

  /** Runs `work` alone on the connection. @throws Error inside an open transaction */
  async alone<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const release = await this.hold();
    try {
      return await work(this.held);
    } finally {
      release();
    }
  }

  /** Runs `work` in a transaction. */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.alone((session) => this.pglite.transaction(() => this.scope.inside(() => work(session))));
  }

  /** Takes the connection until the answered function is called. @throws Error inside an open transaction */
  async hold(): Promise<() => void> {
    this.scope.assertOutside('the database was asked');
    return this.mutex.acquire();
  }

  async listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>> {
    const stop = await this.alone(() => this.pglite.listen(channel, onPayload));
    let stopped = false;
    return async () => {
      if (stopped || this.pglite.closed) return;
      stopped = true;
      await this.alone(() => stop());
    };
  }

  /** The files as an uncompressed archive. */
  async dump(): Promise<Blob> {
    return this.alone(() => this.pglite.dumpDataDir('none'));
  }

  /** Waits for what is running, then closes. */
  async close(): Promise<void> {
    if (this.pglite.closed) return;
    await this.alone(() => this.pglite.close());
  }
}

/** A result as node-postgres shapes it. */
export function shape(result: Results<unknown> | undefined): { rows: unknown[]; rowCount: number } {
  if (!result) return { rows: [], rowCount: 0 };
  return { rows: result.rows, rowCount: result.rows.length || (result.affectedRows ?? 0) };
}
