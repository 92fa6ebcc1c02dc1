import { randomUUID } from 'node:crypto';

import { parseTargetKey } from '../common/index.js';
import type { Clock, TargetKey } from '../common/index.js';
import type { Database } from '../database/index.js';

/** Lengths of a lease, milliseconds. */
export interface LeaseTimes {
  /** How long the database keeps a lease that nobody renews. */
  readonly ttlMs: number;
  /** How often a held lease is renewed. */
  readonly renewEveryMs: number;
}

const TIMES: LeaseTimes = { ttlMs: 60_000, renewEveryMs: 15_000 };

/** What must remain before a mutating call: the time limit of a call (15 s) and 5 s to record its result. */
export const BEFORE_A_CALL_MS = 20_000;

/** The exclusive right to work on one target. Results are recorded `WHERE lease_token = token`, so a lost lease writes nothing. */
export interface Lease {
  readonly target: TargetKey;
  /** The target's id, without its kind. */
  readonly id: string;
  readonly token: string;
  /** Milliseconds that surely remain, counted from before the latest request was sent; 0 when the lease is lost. */
  readonly remainingMs: number;
  /** Aborted when a renewal fails or the lease expires: calls in flight must end. */
  readonly signal: AbortSignal;
  /** Whether at least `ms` remain, after a renewal where need be. False: stop, the lease is lost. */
  ensure(ms?: number): Promise<boolean>;
  /** Gives the target back. Never throws: while the database is away it is given back later, or expires. */
  release(): Promise<void>;
}

/** The target does not exist (any more): there is nothing to do, now or later. */
export class TargetGone extends Error {
  constructor(readonly target: TargetKey) {
    super(`${target} does not exist`);
    this.name = 'TargetGone';
  }
}

/**
 * Leases of targets: at most one holder each, whatever the queue does. The database's clock decides when one expires; the
 * holder counts on its own monotonic clock, from before it asked, and so always gives up first.
 */
export class Leases {
  private readonly held = new Set<HeldLease>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly times: LeaseTimes = TIMES,
  ) {}

  /**
   * @returns the lease, or null while another holds it
   * @throws TargetGone when there is no such target
   */
  async acquire(target: TargetKey): Promise<Lease | null> {
    const { kind, id } = parseTargetKey(target);
    const token = randomUUID();
    const sentAt = this.clock.monotonic();
    const [row] = await this.ask(id, kind, token);
    if (!row) throw new TargetGone(target);
    if (!row.taken) return null;
    const lease = new HeldLease(this.database, this.clock, this.times, target, token, sentAt, () =>
      this.held.delete(lease),
    );
    this.held.add(lease);
    return lease;
  }

  private async ask(id: string, kind: string, token: string): Promise<{ taken: boolean }[]> {
    try {
      return await this.database.query<{ taken: boolean }>(ACQUIRE, [id, kind, token, this.times.ttlMs]);
    } catch (error) {
      // Only the answer may have been lost: then nobody else could work on the target until the lease expires.
      giveBackLater(this.database, id, token, this.times.ttlMs);
      throw error;
    }
  }

  /** Gives back everything that this process holds (shutdown). */
  async releaseAll(): Promise<void> {
    await Promise.all([...this.held].map((lease) => lease.release()));
  }
}

// The second arm tells a target that is leased from one that is not there.
const ACQUIRE = {
  name: 'lease-acquire',
  text: `
WITH taken AS (
  UPDATE bridge.targets SET lease_token = $3::uuid, lease_until = now() + $4::double precision * interval '1 millisecond'
   WHERE id = $1::uuid AND kind = $2 AND (lease_until IS NULL OR lease_until < now())
  RETURNING id)
SELECT EXISTS (SELECT FROM taken) AS taken FROM bridge.targets WHERE id = $1::uuid AND kind = $2`,
};

const RENEW = {
  name: 'lease-renew',
  text: `
UPDATE bridge.targets SET lease_until = now() + $3::double precision * interval '1 millisecond'
 WHERE id = $1::uuid AND lease_token = $2::uuid
RETURNING id`,
};

const RELEASE = {
  name: 'lease-release',
  text: `UPDATE bridge.targets SET lease_token = NULL, lease_until = NULL WHERE id = $1::uuid AND lease_token = $2::uuid`,
};

const GIVE_BACK_MS = 1_000;

/** Gives a target back as soon as the database answers again, and at most for as long as the lease lasts by itself. */
function giveBackLater(database: Database, id: string, token: string, forMs: number): void {
  if (forMs <= 0) return;
  setTimeout(() => {
    database
      .query(RELEASE, [id, token])
      .catch(() => giveBackLater(database, id, token, forMs - GIVE_BACK_MS));
  }, GIVE_BACK_MS).unref();
}

class HeldLease implements Lease {
  readonly id: string;
  private readonly controller = new AbortController();
  private validUntil: number;
  private renewing: Promise<boolean> | undefined;
  private renewal: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly times: LeaseTimes,
    readonly target: TargetKey,
    readonly token: string,
    sentAt: number,
    private readonly onEnd: () => void,
  ) {
    this.id = parseTargetKey(target).id;
    this.validUntil = sentAt + times.ttlMs;
    this.schedule();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get remainingMs(): number {
    return this.ended ? 0 : Math.max(0, this.validUntil - this.clock.monotonic());
  }

  async ensure(ms = BEFORE_A_CALL_MS): Promise<boolean> {
    if (this.remainingMs === 0) this.lose('the lease expired');
    if (this.ended) return false;
    if (this.remainingMs >= ms) return true;
    return (await this.renew()) && this.remainingMs >= ms;
  }

  async release(): Promise<void> {
    if (this.ended) return;
    this.end();
    try {
      await this.database.query(RELEASE, [this.id, this.token]);
    } catch {
      giveBackLater(this.database, this.id, this.token, this.validUntil - this.clock.monotonic());
    }
  }

  private renew(): Promise<boolean> {
    this.renewing ??= this.renewOnce().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renewOnce(): Promise<boolean> {
    const sentAt = this.clock.monotonic();
    try {
      const rows = await this.database.query(RENEW, [this.id, this.token, this.times.ttlMs]);
      if (rows.length === 0) this.lose('another holder has the lease');
    } catch (error) {
      // Whether the renewal came through is unknown; to go on could mean two holders.
      this.lose('the lease could not be renewed', error);
    }
    if (this.ended) return false;
    this.validUntil = sentAt + this.times.ttlMs;
    this.schedule();
    return true;
  }

  private schedule(): void {
    clearTimeout(this.renewal);
    clearTimeout(this.expiry);
    this.renewal = setTimeout(() => void this.renew(), this.times.renewEveryMs).unref();
    // A renewal that never answers must not keep the holder at work.
    this.expiry = setTimeout(() => this.lose('the lease expired'), this.remainingMs).unref();
  }

  private lose(reason: string, cause?: unknown): void {
    if (this.ended) return;
    this.end();
    this.controller.abort(new Error(`${this.target}: ${reason}`, { cause }));
  }

  private end(): void {
    this.ended = true;
    clearTimeout(this.renewal);
    clearTimeout(this.expiry);
    this.onEnd();
  }
}
