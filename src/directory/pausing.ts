import { targetKey } from '../common/index.js';
import type { TargetKind } from '../common/index.js';
import type { Database, Queryable } from '../database/index.js';
import { appendJournal } from '../journal/index.js';
import { IS_DIRTY } from '../queue/index.js';
import type { WakeUps } from '../queue/index.js';

/** How a connection stands after it was paused or resumed. */
export interface ConnectionState {
  readonly connection: string;
  /** Null: it is not paused. */
  readonly pausedAt: Date | null;
  /** False: it was so already. */
  readonly changed: boolean;
  /** Users and groups that wait for the connection to be resumed, or that were taken up now. */
  readonly waiting: number;
}

/** A connection that is paused. */
export interface PausedConnection {
  readonly connection: string;
  readonly pausedAt: Date;
  readonly waiting: number;
}

/** There is no connection of that name; the message says which there are. */
export class UnknownConnection extends Error {
  constructor(name: string, known: readonly string[]) {
    super(`The connection ${name} does not exist. The bridge has: ${known.join(', ')}.`);
    this.name = 'UnknownConnection';
  }
}

interface Row {
  readonly id: string;
  readonly pausedAt: Date | null;
}

/** Targets that one resumption wakes; the sweep finds the rest within seconds. */
const WOKEN_AT_MOST = 10_000;
/** Rows that one statement locks. */
const AT_ONCE = 1_000;

/**
 * Stops and starts a connection's way to Coder. While it is paused, pushes are recorded and answered as ever, runs find nothing to
 * do, and the sweep and the full sync pass over its targets. Other connections are not touched.
 */
export class Pausing {
  constructor(
    private readonly database: Database,
    /** Null: no queue is at hand; the sweep of the bridge that runs, or runs next, takes up what waits. */
    private readonly wakeUps: WakeUps | null,
    /** Who acts, for the journal. */
    private readonly source: string,
  ) {}

  /** @throws UnknownConnection */
  async pause(name: string): Promise<ConnectionState> {
    const changed = await this.set(name, true);
    const { id, pausedAt } = await this.find(name);
    return { connection: name, pausedAt, changed, waiting: await countWaiting(this.database, id) };
  }

  /**
   * Takes up everything at once: losses of access first, in the urgent lane.
   *
   * @throws UnknownConnection
   */
  async resume(name: string): Promise<ConnectionState> {
    const changed = await this.set(name, false);
    const { id, pausedAt } = await this.find(name);
    const waiting = changed ? await this.takeUp(id) : 0;
    return { connection: name, pausedAt, changed, waiting };
  }

  paused(): Promise<PausedConnection[]> {
    return this.database.query<PausedConnection>(
      `SELECT n.name AS connection, n.paused_at AS "pausedAt",
              (SELECT count(*)::int FROM bridge.targets t WHERE t.connection_id = n.id AND ${IS_DIRTY}) AS waiting
         FROM bridge.connections n WHERE n.paused_at IS NOT NULL ORDER BY n.name`,
    );
  }

  /** @throws UnknownConnection */
  async confirm(name: string): Promise<void> {
    await this.find(name);
  }

  /** Changes the state and journals it, unless it is so already. @returns whether it did */
  private set(name: string, pause: boolean): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ id: string }>(
        `UPDATE bridge.connections SET paused_at = CASE WHEN $2::boolean THEN now() END
          WHERE name = $1 AND (paused_at IS NULL) = $2::boolean RETURNING id`,
        [name, pause],
      );
      if (!row) return false;
      const action = pause ? 'connection.paused' : 'connection.resumed';
      await appendJournal(tx, { connectionId: row.id, target: null, source: this.source, action });
      return true;
    });
  }

  private async find(name: string): Promise<Row> {
    const [row] = await this.database.query<Row>(
      'SELECT id, paused_at AS "pausedAt" FROM bridge.connections WHERE name = $1',
      [name],
    );
    if (row) return row;
    const known = await this.database.query<{ name: string }>(
      'SELECT name FROM bridge.connections WHERE retired_at IS NULL ORDER BY name',
    );
    throw new UnknownConnection(
      name,
      known.map((one) => one.name),
    );
  }

  /** Nothing of it is put off any more: whatever the wait was for is as old as the pause. @returns how many wait */
  private async takeUp(connectionId: string): Promise<number> {
    const found = await this.database.query<Waiting>(WAITING, [connectionId]);
    for (let from = 0; from < found.length; from += AT_ONCE) {
      const some = found.slice(from, from + AT_ONCE);
      // What is woken here the sweep need not look for; the rest it finds at once.
      const woken = this.wakeUps !== null && from + some.length <= WOKEN_AT_MOST;
      await this.database.query(TAKE_UP, [some.map(({ id }) => id), woken]);
      if (!woken) continue;
      this.wakeUps.wake(
        some.map(({ id, kind, urgent, putOff }) => ({
          target: targetKey(kind, id),
          lane: urgent ? 'urgent' : 'normal',
          ...(putOff && { bringForward: true }),
        })),
      );
    }
    return found.length;
  }
}

interface Waiting {
  readonly id: string;
  readonly kind: TargetKind;
  readonly urgent: boolean;
  readonly putOff: boolean;
}

const WAITING = `
SELECT t.id, t.kind, t.urgent, coalesce(t.not_before > now(), false) AS "putOff"
  FROM bridge.targets t WHERE t.connection_id = $1::uuid AND ${IS_DIRTY}
 ORDER BY t.urgent DESC, t.dirty_since, t.id`;

const TAKE_UP = `
WITH found AS (SELECT id FROM bridge.targets WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE)
UPDATE bridge.targets t SET not_before = NULL, swept_at = CASE WHEN $2::boolean THEN now() END
  FROM found WHERE t.id = found.id`;

async function countWaiting(database: Queryable, connectionId: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM bridge.targets t WHERE t.connection_id = $1::uuid AND ${IS_DIRTY}`,
    [connectionId],
  );
  return row?.count ?? 0;
}
