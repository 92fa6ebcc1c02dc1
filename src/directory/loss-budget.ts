import type { Database } from '../database/index.js';

/** How the last hour stands, and how many users there are to compare with. */
export interface LossWindow {
  readonly lossesInWindow: number;
  readonly linkedUsers: number;
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
   * @param allows pure: whether the window has room for them
   * @returns what `allows` said
   */
  reserve(
    targetId: string,
    version: number,
    losses: number,
    allows: (window: LossWindow) => boolean,
  ): Promise<boolean>;
}

/** Injection token of the {@link LossBudget}. */
export const LOSS_BUDGET = Symbol('LOSS_BUDGET');

/** Serialises reservations, so that two workers cannot both take the last of the budget. Any constant will do. */
const LOCK_KEY = 7_261_001;

export class SqlLossBudget implements LossBudget {
  constructor(private readonly database: Database) {}

  reserve(
    targetId: string,
    version: number,
    losses: number,
    allows: (window: LossWindow) => boolean,
  ): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
      const [used] = await tx.query<LossWindow>(
        `SELECT (SELECT coalesce(sum(count), 0)::int FROM bridge.losses
                  WHERE at > now() - interval '1 hour' AND NOT (target_id = $1 AND version = $2)) AS "lossesInWindow",
                (SELECT count(*)::int FROM bridge.targets WHERE kind = 'user' AND coder_id IS NOT NULL) AS "linkedUsers"`,
        [targetId, version],
      );
      if (!allows(used ?? { lossesInWindow: 0, linkedUsers: 0 })) return false;
      await tx.query(
        `INSERT INTO bridge.losses (target_id, version, count) VALUES ($1, $2, $3)
         ON CONFLICT (target_id, version) DO UPDATE SET count = greatest(bridge.losses.count, excluded.count), at = now()`,
        [targetId, version, losses],
      );
      return true;
    });
  }

  /** Removes what lies a day back and more, far outside the window. */
  async forgetOld(): Promise<void> {
    await this.database.query("DELETE FROM bridge.losses WHERE at < now() - interval '1 day'");
  }
}
