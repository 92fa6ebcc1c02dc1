import type { Queryable, Statement } from '../../database/index.js';
import type { UniqueLookup } from './shape.js';

/** What is asked for while a statement is under way waits for it, and goes with the next one: but no longer than this. */
const PATIENCE_MS = 10;

/** Statements of one kind that run at once, where they take longer. */
const IN_FLIGHT = 4;

/** Keys of one statement. */
const LARGEST = 200;

interface Waiting {
  readonly resolve: (row: object | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** One statement's keys of one connection that are still to be asked for. */
interface Gathering {
  readonly statement: Statement;
  readonly connectionId: string;
  keys: Map<string, Waiting[]>;
  inFlight: number;
  /** Runs while the youngest statement is waited for. */
  patience: NodeJS.Timeout | undefined;
  scheduled: boolean;
}

/**
 * Finds single rows by a unique key. What is asked for at the same time is read by one statement, which costs the database
 * and this process little more than a statement for one: an IdP looks up thousands of people one by one, over several
 * connections at once. A statement that takes long, or whose connection has died, holds up others for {@link PATIENCE_MS} (all
 * of {@link IN_FLIGHT} for as long as they take), and no answer is older than its question.
 */
export class Lookups {
  private readonly gatherings = new Map<string, Gathering>();

  constructor(private readonly database: Queryable) {}

  /** The row with that key; undefined where there is none. Rows that may be large are read one by one. */
  async by<Row extends object>(
    of: UniqueLookup,
    connectionId: string,
    key: string,
    withReferences: boolean,
  ): Promise<Row | undefined> {
    const statement = withReferences ? of.withReferences : of.plain;
    if (!withReferences || !of.large) return this.find<Row>(statement, connectionId, key);
    const [row] = await this.database.query<Row>(statement, [connectionId, [key]]);
    return row;
  }

  /**
   * @param statement $1 connection, $2 array of keys; answers rows whose column `key` tells whose they are
   */
  find<Row extends object>(
    statement: Statement,
    connectionId: string,
    key: string,
  ): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      const gathering = this.gathering(statement, connectionId);
      const waiting: Waiting = { resolve: resolve as Waiting['resolve'], reject };
      const others = gathering.keys.get(key);
      if (others) others.push(waiting);
      else gathering.keys.set(key, [waiting]);
      this.schedule(gathering);
    });
  }

  private gathering(statement: Statement, connectionId: string): Gathering {
    const name = `${statement.name} ${connectionId}`;
    const found = this.gatherings.get(name);
    if (found) return found;
    const none = { keys: new Map(), inFlight: 0, patience: undefined, scheduled: false };
    const made: Gathering = { statement, connectionId, ...none };
    this.gatherings.set(name, made);
    return made;
  }

  /** After this turn of the event loop: until then the other requests that have arrived are read too. */
  private schedule(gathering: Gathering): void {
    if (gathering.scheduled || gathering.patience || gathering.inFlight >= IN_FLIGHT) return;
    gathering.scheduled = true;
    setImmediate(() => {
      gathering.scheduled = false;
      void this.flush(gathering);
    });
  }

  private async flush(gathering: Gathering): Promise<void> {
    const batch = take(gathering);
    gathering.inFlight++;
    const patience = setTimeout(() => this.next(gathering, patience), PATIENCE_MS);
    gathering.patience = patience;
    try {
      const rows = await this.database.query<{ key: string }>(gathering.statement, [
        gathering.connectionId,
        [...batch.keys()],
      ]);
      const found = new Map(rows.map((row) => [row.key, row]));
      for (const [key, waiting] of batch) for (const { resolve } of waiting) resolve(found.get(key));
    } catch (error) {
      for (const waiting of batch.values()) for (const { reject } of waiting) reject(error);
    } finally {
      gathering.inFlight--;
      clearTimeout(patience);
      this.next(gathering, patience);
    }
  }

  /** That statement is waited for no longer. */
  private next(gathering: Gathering, patience: NodeJS.Timeout): void {
    if (gathering.patience === patience) gathering.patience = undefined;
    if (gathering.keys.size > 0) this.schedule(gathering);
  }
}

/** Takes the keys of one statement out, the oldest first. */
function take(gathering: Gathering): Map<string, Waiting[]> {
  const { keys } = gathering;
  if (keys.size <= LARGEST) {
    gathering.keys = new Map();
    return keys;
  }
  const batch = new Map([...keys].slice(0, LARGEST));
  for (const key of batch.keys()) keys.delete(key);
  return batch;
}
