import { systemClock } from '../common/index.js';
import type { Clock } from '../common/index.js';
import type { Database } from '../database/index.js';
import type { Log } from '../telemetry/index.js';
import type { RequestRow, SeenRequest } from './model.js';
import { rowOf } from './redact.js';

/** Requests that wait to be written; further ones are not kept. */
const MOST_WAITING = 1_000;
/** Above this many only those are kept that changed something or failed; guesses and floods must not crowd them out. */
const CROWDED = 500;
/** Rows of one statement. The embedded engine is busy for as long as one takes. */
const BATCH = 100;
/** Between two statements: five hundred requests a second are kept, and no more work is made of it. */
const PAUSE_MS = 200;
/** After a failure. */
const FAILURE_PAUSE_MS = 5_000;
/** How often it is told that requests were not kept. */
const TELL_MS = 60_000;

const INSERT = {
  name: 'requests.insert',
  text: `INSERT INTO bridge.requests
  (at, connection_id, request_id, method, path, filter, status, scim_type, detail, ms, who, user_agent, body)
SELECT at, connection_id, request_id, method, path, filter, status, scim_type, detail, ms, who, user_agent,
  CASE WHEN jsonb_typeof(body) = 'null' THEN NULL ELSE body END
FROM jsonb_to_recordset($1::jsonb) AS r(at timestamptz, connection_id uuid, request_id text, method text, path text,
  filter text, status integer, scim_type text, detail text, ms real, who text, user_agent text, body jsonb)`,
};

export interface RequestLogOptions {
  /** Whether personal values are kept; secrets never are. */
  readonly values: boolean;
  readonly clock?: Clock;
}

/**
 * The request log: what identity providers asked, and what they were answered. It is written in batches in the background.
 * Nothing waits for it and nothing fails with it: where the database is slow or away, requests are not kept, and a line in
 * the log says how many.
 */
export class RequestLog {
  private waiting: RequestRow[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private lost = 0;
  private toldAt = Number.NEGATIVE_INFINITY;
  private closed = false;
  private readonly clock: Clock;

  constructor(
    private readonly database: Database,
    private readonly log: Log,
    private readonly options: RequestLogOptions,
  ) {
    this.clock = options.clock ?? systemClock;
  }

  /** Notes a request after its answer. Returns at once and never throws. */
  record(seen: SeenRequest): void {
    const ordinary = seen.status < 400 ? seen.method === 'GET' : seen.status === 401 || seen.status === 429;
    if (this.closed || this.waiting.length >= (ordinary ? CROWDED : MOST_WAITING)) {
      this.lost++;
      return;
    }
    try {
      this.waiting.push(rowOf(seen, this.clock.now(), this.options.values));
    } catch {
      this.lost++;
    }
    this.schedule(PAUSE_MS);
  }

  /** How many wait to be written. */
  get backlog(): number {
    return this.waiting.length;
  }

  /** Writes what waits, as far as the database takes it within `patienceMs`. */
  async close(patienceMs = 2_000): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const deadline = this.clock.monotonic() + patienceMs;
    let patience: NodeJS.Timeout | undefined;
    const end = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.drain(deadline), end]);
    clearTimeout(patience);
  }

  private async drain(deadline: number): Promise<void> {
    await this.writing;
    while (this.waiting.length > 0 && this.clock.monotonic() < deadline) {
      if (!(await this.writeBatch())) return;
    }
  }

  private schedule(ms: number): void {
    if (this.timer !== undefined || this.writing !== undefined || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.writing = this.turn();
    }, ms).unref();
  }

  private async turn(): Promise<void> {
    const written = await this.writeBatch();
    this.writing = undefined;
    this.tell();
    if (this.waiting.length > 0) this.schedule(written ? PAUSE_MS : FAILURE_PAUSE_MS);
  }

  /** @returns whether the batch is off the list; one that cannot be written now goes back to it */
  private async writeBatch(): Promise<boolean> {
    const batch = this.waiting.splice(0, BATCH);
    try {
      await this.database.query(INSERT, [JSON.stringify(batch)]);
      return true;
    } catch {
      const room = Math.max(0, MOST_WAITING - this.waiting.length);
      this.waiting.unshift(...batch.slice(0, room));
      this.lost += batch.length - Math.min(room, batch.length);
      return false;
    }
  }

  private tell(): void {
    if (this.lost === 0 || this.clock.monotonic() - this.toldAt < TELL_MS) return;
    this.toldAt = this.clock.monotonic();
    this.log.warn(
      { requests: this.lost },
      'requests were not kept in the request log: more came than could be written',
    );
    this.lost = 0;
  }
}
