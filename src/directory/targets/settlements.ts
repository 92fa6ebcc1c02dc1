import type { Database } from '../../database/index.js';
import type { Failure, Pushed, Settled } from '../model.js';
import type { Settlements } from '../ports.js';
import { SETTLED_CHANNEL } from './settling.js';
import { undoCreation } from './undoing.js';

type Target = Pushed<unknown>['target'];

/** How waiting works, milliseconds and counts. */
export interface WaitingLimits {
  /** Pushes that may wait at the same time in this process; the others are answered `pending` at once. */
  readonly waiters: number;
  /** How often the rows are looked at, should a notification be lost. */
  readonly pollEveryMs: number;
}

const LIMITS: WaitingLimits = { waiters: 1_000, pollEveryMs: 100 };

const PENDING: Settled = { outcome: 'pending' };

interface Outcome {
  readonly id: string;
  readonly applied: number;
  readonly failed_version: number | null;
  readonly failure: Failure | null;
  readonly held_version: number | null;
  readonly paused: boolean;
}

interface Waiter {
  readonly version: number;
  readonly end: (settled: Settled) => void;
}

const OUTCOME = `id, applied, failed_version, failure, held_version,
  connection_id = ANY(ARRAY(SELECT id FROM bridge.connections WHERE paused_at IS NOT NULL)) AS paused`;

// Announced before the first look: whoever settles afterwards sees it and notifies, whoever settled before is seen here.
const ANNOUNCE = {
  name: 'target-await',
  text: `
UPDATE bridge.targets
   SET awaited_until = greatest(awaited_until, now() + $2::double precision * interval '1 millisecond')
 WHERE id = $1::uuid
RETURNING ${OUTCOME}`,
};

const LOOK = {
  name: 'target-look',
  text: `SELECT ${OUTCOME} FROM bridge.targets WHERE id = ANY($1::uuid[])`,
};

/**
 * Waiting for versions of targets: one LISTEN for the whole process, opened by the first who waits, and one look at all
 * awaited rows every 100 ms, because a notification may be lost.
 */
export class SqlSettlements implements Settlements {
  private readonly waiters = new Map<string, Set<Waiter>>();
  private count = 0;
  private poll: NodeJS.Timeout | undefined;
  private looking = false;
  private listening: Promise<(() => Promise<void>) | null> | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly limits: WaitingLimits = LIMITS,
  ) {}

  async wait(target: Target, ms: number): Promise<Settled> {
    if (this.closed || ms <= 0 || this.count >= this.limits.waiters) return PENDING;
    this.count += 1;
    try {
      return await this.waitFor(target, ms);
    } finally {
      this.count -= 1;
    }
  }

  undoCreation(target: Target): Promise<boolean> {
    return undoCreation(this.database, target);
  }

  /** Ends all waits at once with `pending`; later ones are answered so immediately. */
  async shutdown(): Promise<void> {
    this.closed = true;
    clearInterval(this.poll);
    for (const waiters of this.waiters.values()) for (const waiter of waiters) waiter.end(PENDING);
    const stop = await this.listening;
    await stop?.().catch(() => undefined);
  }

  private async waitFor({ id, version }: Target, ms: number): Promise<Settled> {
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    try {
      return await new Promise<Settled>((resolve) => {
        waiter = { version, end: resolve };
        this.add(id, waiter);
        timer = setTimeout(() => resolve(PENDING), ms);
        // What was pushed is durable, so that a database which is away now is no failure of it.
        this.announce(id, ms, waiter).catch(() => resolve(PENDING));
      });
    } finally {
      clearTimeout(timer);
      if (waiter) this.remove(id, waiter);
    }
  }

  private async announce(id: string, ms: number, waiter: Waiter): Promise<void> {
    void this.listen();
    const [row] = await this.database.query<Outcome>(ANNOUNCE, [id, ms]);
    const settled = row ? outcomeOf(row, waiter.version) : PENDING;
    if (settled) waiter.end(settled);
  }

  private add(id: string, waiter: Waiter): void {
    const waiters = this.waiters.get(id) ?? new Set();
    this.waiters.set(id, waiters.add(waiter));
    this.poll ??= setInterval(
      () => void this.look([...this.waiters.keys()]),
      this.limits.pollEveryMs,
    ).unref();
  }

  private remove(id: string, waiter: Waiter): void {
    const waiters = this.waiters.get(id);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.waiters.delete(id);
    if (this.waiters.size > 0) return;
    clearInterval(this.poll);
    this.poll = undefined;
  }

  /** Without LISTEN the polling is enough; the next who waits tries again. */
  private listen(): Promise<unknown> {
    this.listening ??= this.database
      .listen(SETTLED_CHANNEL, (id) => {
        if (this.waiters.has(id)) void this.lookAt([id]);
      })
      .catch(() => {
        this.listening = undefined;
        return null;
      });
    return this.listening;
  }

  private async look(ids: readonly string[]): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    await this.lookAt(ids);
    this.looking = false;
  }

  /** Never throws: what cannot be seen now is seen at the next look, or the wait runs out. */
  private async lookAt(ids: readonly string[]): Promise<void> {
    const rows = await this.database.query<Outcome>(LOOK, [ids]).catch(() => null);
    if (rows === null) return;
    const seen = new Map(rows.map((row) => [row.id, row]));
    for (const id of ids) {
      const row = seen.get(id);
      for (const waiter of this.waiters.get(id) ?? []) {
        const settled = row ? outcomeOf(row, waiter.version) : PENDING;
        if (settled) waiter.end(settled);
      }
    }
  }
}

/** How the version ended, or null while it has not. One that is held back or paused ends no sooner than a person decides. */
function outcomeOf(row: Outcome, version: number): Settled | null {
  if (row.applied >= version) return { outcome: 'applied' };
  if (row.failed_version !== null && row.failed_version >= version && row.failure) {
    return { outcome: 'failed', failure: row.failure };
  }
  const held = row.held_version !== null && row.held_version >= version;
  return held || row.paused ? PENDING : null;
}
