import { EventEmitter } from 'node:events';
import type { PgPool, PgPoolClient, PgQueryResult } from 'bullmq';
import { shape } from './connection.js';
import type { EmbeddedConnection, Session } from './connection.js';

// BullMQ types its rows as `any`; the adapter hands them through unread.
type Result<R> = PgQueryResult<R>;

/** The embedded connection in the shape of a node-postgres pool, for BullMQ. */
export class EmbeddedPool extends EventEmitter implements PgPool {
  private ended = false;

  constructor(private readonly connection: EmbeddedConnection) {
    super();
  }

  async query<R>(text: string, params?: readonly unknown[]): Promise<Result<R>> {
    this.assertOpen();
    return this.connection.alone((session) => run<R>(session, text, params));
  }

  async connect(): Promise<PgPoolClient> {
    this.assertOpen();
    return new EmbeddedClient(this.connection);
  }

  async end(): Promise<void> {
    this.ended = true;
  }

  private assertOpen(): void {
    // BullMQ knows node-postgres' words and tells a late operation of a closing worker from a fault by them.
    if (this.ended) throw new Error('Cannot use a pool after calling end on the pool');
  }
}

/**
 * A checked-out client: between its BEGIN and its COMMIT or ROLLBACK it holds the connection, so that nobody
 * interleaves; at other times it waits for its turn at each statement.
 */
export class EmbeddedClient extends EventEmitter implements PgPoolClient {
  private endTransaction: (() => void) | undefined;
  private readonly listening = new Map<string, () => Promise<void>>();

  constructor(private readonly database: EmbeddedConnection) {
    super();
  }

  async query<R>(text: string, params?: readonly unknown[]): Promise<Result<R>> {
    const command = firstWords(text);
    if (command.startsWith('listen ')) return this.listen(command.slice('listen '.length));
    if (/^(begin|start transaction)\b/.test(command)) return this.begin(text);
    if (!this.endTransaction) return this.database.alone((session) => run<R>(session, text, params));
    try {
      return await run<R>(this.database.held, text, params);
    } finally {
      if (/^(commit|rollback|end|abort)\b/.test(command) && !/^rollback to\b/.test(command)) this.finish();
    }
  }

  release(): void {
    this.removeAllListeners();
    for (const stop of this.listening.values()) void stop().catch(() => undefined);
    this.listening.clear();
    if (!this.endTransaction) return;
    void this.database.held
      .exec('ROLLBACK')
      .catch(() => undefined)
      .finally(() => this.finish());
  }

  private async begin<R>(text: string): Promise<Result<R>> {
    if (this.endTransaction) throw new Error('BEGIN inside a transaction');
    const release = await this.database.hold();
    try {
      const result = await run<R>(this.database.held, text);
      this.endTransaction = release;
      return result;
    } catch (error) {
      release();
      throw error;
    }
  }

  private finish(): void {
    const release = this.endTransaction;
    this.endTransaction = undefined;
    release?.();
  }

  private async listen<R>(rest: string): Promise<Result<R>> {
    const channel = rest.replace(/[";\s]/g, '');
    if (this.endTransaction) throw new Error('LISTEN inside a transaction would be lost with it');
    if (!this.listening.has(channel)) {
      const stop = await this.database.listen(channel, (payload) =>
        this.emit('notification', { channel, payload }),
      );
      this.listening.set(channel, stop);
    }
    return { rows: [], rowCount: 0 };
  }
}

/** The statement without its leading comments, folded; only its beginning matters. */
function firstWords(text: string): string {
  let rest = text.trimStart();
  while (rest.startsWith('--') || rest.startsWith('/*')) {
    const line = rest.startsWith('--');
    const end = rest.indexOf(line ? '\n' : '*/');
    rest = end < 0 ? '' : rest.slice(end + (line ? 1 : 2)).trimStart();
  }
  return rest.slice(0, 100).toLowerCase();
}

async function run<R>(session: Session, text: string, params?: readonly unknown[]): Promise<Result<R>> {
  // Without parameters the text may hold several statements (migrations), which only the simple protocol takes.
  const result = params?.length ? await session.query(text, params) : (await session.exec(text)).at(-1);
  const { rows, rowCount } = shape(result);
  return { rows: rows as R[], rowCount };
}
