import type { Queryable } from '../../database/index.js';

/**
 * The SET list that marks target `t` dirty: its version moves on, which clears a failure and ends a waiting for
 * another try.
 *
 * @param loss SQL boolean: whether access is lost, which makes the target urgent until it is settled
 */
export function dirtyMark(loss: string): string {
  return `desired = t.desired + 1,
    pushed_at = now(),
    dirty_since = CASE WHEN t.applied >= t.desired OR t.failed_version = t.desired THEN now() ELSE t.dirty_since END,
    urgent = t.urgent OR ${loss},
    tries = 0, not_before = NULL, failed_version = NULL, failure = NULL`;
}

/** For the RETURNING list: whether target `t` was put off until then (a subquery sees the row as it was before the statement). */
export const WAS_PUT_OFF = `coalesce((SELECT o.not_before > now() FROM bridge.targets o WHERE o.id = t.id), false)`;

/** What a statement answers of a target that it may have marked. */
export interface Marked {
  /** The target's version after the statement. */
  readonly desired: number;
  /** Whether it was raised. */
  readonly marked: boolean;
  readonly urgent: boolean;
  readonly put_off: boolean;
}

const RETRY = {
  name: 'directory.retry-failed',
  text: `
UPDATE bridge.targets t SET ${dirtyMark('false')}
 WHERE t.id = $1::uuid AND t.failed_version = t.desired
RETURNING t.desired, true AS marked, t.urgent, ${WAS_PUT_OFF} AS put_off`,
};

/** A push that changes nothing, of a failed target: the same is tried again. Null when it is not failed (any more). */
export async function retryFailed(database: Queryable, targetId: string): Promise<Marked | null> {
  const [row] = await database.query<Marked>(RETRY, [targetId]);
  return row ?? null;
}
