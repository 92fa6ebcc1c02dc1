import type { Clock } from '../../common/index.js';
import type { Database } from '../../database/index.js';

/** A token's use is written at most this often, milliseconds. */
const INTERVAL_MS = 60_000;
/** Uses are gathered for so long before they are written. */
const GATHER_MS = 1_000;
/** Tokens remembered at once; beyond that uses are written sooner again. */
const MOST_TOKENS = 10_000;

/** When tokens were last used, written now and then in the background: no request waits for it. */
export class LastUse {
  /** When a use was last noted, by token; monotonic. */
  private readonly noted = new Map<string, number>();
  private readonly pending = new Map<string, Date>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  note(tokenId: string): void {
    const now = this.clock.monotonic();
    const before = this.noted.get(tokenId);
    if (before !== undefined && now - before < INTERVAL_MS) return;
    if (this.noted.size >= MOST_TOKENS) this.noted.clear();
    this.noted.set(tokenId, now);
    this.pending.set(tokenId, new Date(this.clock.now()));
    this.timer ??= setTimeout(() => void this.flush(), GATHER_MS).unref();
  }

  /** Writes what is noted. A use that cannot be written is forgotten: the next one is noted again. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const uses = [...this.pending].map(([id, at]) => ({ id, at }));
    this.pending.clear();
    if (uses.length > 0) this.writing = this.writing.then(() => this.write(uses));
    return this.writing;
  }

  private async write(uses: readonly { readonly id: string; readonly at: Date }[]): Promise<void> {
    try {
      await this.database.query(
        `UPDATE bridge.tokens t SET last_used_at = u.at
         FROM jsonb_to_recordset($1::jsonb) AS u(id uuid, at timestamptz)
         WHERE t.id = u.id AND (t.last_used_at IS NULL OR t.last_used_at < u.at)`,
        [JSON.stringify(uses)],
      );
    } catch {
      for (const { id } of uses) this.noted.delete(id);
    }
  }
}
