import type { Database } from '../database/index.js';

/** How many losses an hour may bring: the larger of a count and a share (0..1) of the linked users. */
export interface LossLimit {
  readonly count: number;
  readonly share: number;
}

/**
 * The sliding window of the safety budget. A loss is a suspension, a deletion, or one removal from a group or an
 * organization.
 */
export interface LossBudget {
  /**
   * Reserves `losses` for a version of a target before they are carried out, all or none. Asking again for the same version
   * (a retry) keeps the larger reservation, so that nothing is counted twice.
   *
   * @returns false when the last hour has no room for them
   */
  reserve(targetId: string, version: number, losses: number, limit: LossLimit): Promise<boolean>;
}

/** Injection token of the {@link LossBudget}. */
export const LOSS_BUDGET = Symbol('LOSS_BUDGET');

/** Serialises reservations, so that two workers cannot both take the last of the budget. Any constant will do. */
const LOCK_KEY = 7_261_001;

export class SqlLossBudget implements LossBudget {
  constructor(private readonly database: Database) {}

  reserve(targetId: string, version: number, losses: number, limit: LossLimit): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
      const [used] = await tx.query<{ losses: number; linked: number }>(
        `SELECT (SELECT coalesce(sum(count), 0)::int FROM bridge.losses
                  WHERE at > now() - interval '1 hour' AND NOT (target_id = $1 AND version = $2)) AS losses,
                (SELECT count(*)::int FROM bridge.targets WHERE kind = 'user' AND coder_id IS NOT NULL) AS linked`,
        [targetId, version],
      );
      const allowed = Math.max(limit.count, Math.floor((used?.linked ?? 0) * limit.share));
      if ((used?.losses ?? 0) + losses > allowed) return false;
      await tx.query(
        `INSERT INTO bridge.losses (target_id, version, count) VALUES ($1, $2, $3)
         ON CONFLICT (target_id, version) DO UPDATE SET count = greatest(bridge.losses.count, excluded.count), at = now()`,
        [targetId, version, losses],
      );
      return true;
    });
  }
}
