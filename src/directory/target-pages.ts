import type { TargetKind } from '../common/index.js';
import type { Database } from '../database/index.js';

/** A walk over all targets, for the full sync. */
export interface TargetPages {
  /** Ids of clean targets of a kind (dirty ones have their run coming) whose connection is not paused, after `afterId`, in order of ids. */
  cleanIds(kind: TargetKind, afterId: string | null, limit: number): Promise<string[]>;
}

/** Injection token of the {@link TargetPages}. */
export const TARGET_PAGES = Symbol('TARGET_PAGES');

export class SqlTargetPages implements TargetPages {
  constructor(private readonly database: Database) {}

  async cleanIds(kind: TargetKind, afterId: string | null, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM bridge.targets
        WHERE kind = $1 AND ($2::uuid IS NULL OR id > $2::uuid) AND applied >= desired
          AND connection_id <> ALL(ARRAY(SELECT id FROM bridge.connections WHERE paused_at IS NOT NULL))
        ORDER BY id LIMIT $3`,
      [kind, afterId, limit],
    );
    return rows.map(({ id }) => id);
  }
}
