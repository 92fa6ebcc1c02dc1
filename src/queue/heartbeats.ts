import { newId } from '../common/index.js';
import type { Database } from '../database/index.js';

const BEAT_MS = 10_000;

/**
 * The workers that are alive, by the database's clock: one row for each, renewed every 10 s and counted while it is
 * younger than 30 s. The rate limit of Coder is divided by their number.
 */
export class Heartbeats {
  private readonly id = newId();
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;

  /** @param onError is told of a beat that failed; the next one follows all the same */
  constructor(
    private readonly database: Database,
    private readonly onError: (error: unknown) => void = () => undefined,
    private readonly everyMs: number = BEAT_MS,
  ) {}

  /** Beats once and then for ever, until {@link stop}. */
  async start(): Promise<void> {
    if (this.timer) return;
    this.timer = setInterval(() => void this.beat(), this.everyMs).unref();
    await this.beat();
  }

  /** Ends the beat and removes the row, so that the others have their share at once. Never throws. */
  async stop(): Promise<void> {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = undefined;
    await this.beating;
    await this.database
      .query('DELETE FROM bridge.workers WHERE id = $1::uuid', [this.id])
      .catch((error: unknown) => this.onError(error));
  }

  /** How many workers were seen in the last 30 s; 0 where none has beaten yet. */
  async count(): Promise<number> {
    const [row] = await this.database.query<{ live: number }>(
      `SELECT count(*)::int AS live FROM bridge.workers WHERE seen_at > now() - interval '30 seconds'`,
    );
    return row?.live ?? 0;
  }

  // One at a time: stop() awaits it, so that a late beat does not bring the row back.
  private beat(): Promise<void> {
    this.beating ??= this.beatOnce().finally(() => {
      this.beating = undefined;
    });
    return this.beating;
  }

  private async beatOnce(): Promise<void> {
    try {
      await this.database.query(
        `WITH dead AS (DELETE FROM bridge.workers WHERE seen_at < now() - interval '5 minutes' AND id <> $1::uuid)
         INSERT INTO bridge.workers (id) VALUES ($1::uuid) ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
        [this.id],
      );
    } catch (error) {
      this.onError(error);
    }
  }
}
