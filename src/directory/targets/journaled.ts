import { journalEntry, journalInsert } from '../../journal/index.js';
import type { Effect } from '../target-store.js';

/** Who acts, in the journal. */
const SOURCE = 'reconcile';

/**
 * The journal entry of an effect as a part of the statement that records it: one for each row of `from`, which has id,
 * kind, connection_id and desired of the target. Its parameters, {@link effectParameters}, begin at `$first`.
 */
export function effectInsert(first: number, from = 'mine'): string {
  return journalInsert(first, {
    from,
    connectionId: `${from}.connection_id`,
    targetKind: `${from}.kind`,
    targetId: `${from}.id`,
    version: `${from}.desired`,
  });
}

export function effectParameters({ action, facts, personal }: Effect): unknown[] {
  return journalEntry({ connectionId: null, target: null, source: SOURCE, action, facts, personal });
}
