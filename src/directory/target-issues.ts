import { targetKey } from '../common/index.js';
import type { TargetKind } from '../common/index.js';
import type { Database } from '../database/index.js';
import type { WakeUps } from '../queue/index.js';
import type { Failure } from './model.js';

/** A target that needs a person. */
export interface TargetIssue {
  readonly id: string;
  readonly kind: TargetKind;
  /** userName or displayName. */
  readonly name: string;
  readonly version: number;
}

export interface FailedTarget extends TargetIssue {
  readonly failure: Failure;
}

/** A plan that the safety budget (or dry-run) holds. */
export interface HeldTarget extends TargetIssue {
  readonly held: {
    readonly hash: string;
    readonly steps: readonly { do: string; reason: string }[];
  } & Record<string, unknown>;
}

/** What people must look at: refused targets and held plans. */
export interface TargetIssues {
  failed(limit: number): Promise<FailedTarget[]>;
  held(limit: number): Promise<HeldTarget[]>;
  /** Lets a held plan pass, if it is still the one that was shown, and wakes its target. @returns whether it was */
  approve(id: string, hash: string): Promise<boolean>;
  /** Dry-run is over: what it held is to be done. @returns how many */
  releaseDryRun(): Promise<number>;
}

/** Injection token of the {@link TargetIssues}. */
export const TARGET_ISSUES = Symbol('TARGET_ISSUES');

const NAME = `coalesce(
  (SELECT u.user_name FROM bridge.users u WHERE u.id = t.id),
  (SELECT g.display_name FROM bridge.groups g WHERE g.target_id = t.id ORDER BY g.deleted_at NULLS FIRST, g.id LIMIT 1),
  (SELECT c.name FROM bridge.claimed_groups c WHERE c.target_id = t.id), '')`;

export class SqlTargetIssues implements TargetIssues {
  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
  ) {}

  failed(limit: number): Promise<FailedTarget[]> {
    return this.database.query<FailedTarget>(
      `SELECT t.id, t.kind, t.failed_version AS version, t.failure, ${NAME} AS name FROM bridge.targets t
        WHERE t.failed_version = t.desired ORDER BY t.id LIMIT $1`,
      [limit],
    );
  }

  held(limit: number): Promise<HeldTarget[]> {
    return this.database.query<HeldTarget>(
      `SELECT t.id, t.kind, t.held_version AS version, t.held, ${NAME} AS name FROM bridge.targets t
        WHERE t.held_version = t.desired ORDER BY t.id LIMIT $1`,
      [limit],
    );
  }

  async approve(id: string, hash: string): Promise<boolean> {
    const [row] = await this.database.query<{ kind: TargetKind }>(
      `UPDATE bridge.targets SET held_version = NULL, swept_at = NULL, held = held || jsonb_build_object('approved', $2::text)
        WHERE id = $1 AND held_version = desired AND held->>'hash' = $2 RETURNING kind`,
      [id, hash],
    );
    if (row) this.wakeUps.wake([{ target: targetKey(row.kind, id), lane: 'urgent', bringForward: true }]);
    return row !== undefined;
  }

  async releaseDryRun(): Promise<number> {
    const rows = await this.database.query(
      `UPDATE bridge.targets SET held_version = NULL, held = NULL, swept_at = NULL
        WHERE held_version IS NOT NULL AND held->>'dryRun' = 'true' RETURNING id`,
    );
    return rows.length;
  }
}
