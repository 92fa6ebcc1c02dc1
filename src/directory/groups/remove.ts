import type { Queryable } from '../../database/index.js';
import { journalEntry } from '../../journal/index.js';
import type { PushContext } from '../model.js';
import { notFound } from '../push/refusals.js';
import { wakeUp } from '../push/wake.js';
import type { Outcome } from '../push/wake.js';
import type { GroupRow } from './rows.js';
import { LOCK_GROUP, REMOVE_GROUP } from './statements.js';

/** Makes the group a tombstone without members; its target is urgent. @throws DirectoryError notFound; whatever `check` throws */
export async function removeGroup(
  tx: Queryable,
  context: PushContext,
  id: string,
  check: (version: number) => void,
): Promise<Outcome<null>> {
  const { connectionId, source, requestId } = context;
  const [group] = await tx.query<GroupRow>(LOCK_GROUP, [id, connectionId]);
  if (!group) throw notFound('group', id);
  check(group.version);
  const entry = journalEntry({
    connectionId,
    target: { kind: 'group', id },
    source,
    action: 'group.deleted',
    requestId,
    facts: { group: id, displayName: group.display_name },
  });
  const [target] = await tx.query<{ id: string; desired: number; put_off: boolean }>(REMOVE_GROUP, [
    id,
    connectionId,
    source,
    requestId,
    ...entry,
  ]);
  if (!target) throw notFound('group', id);
  return {
    pushed: {
      resource: null,
      target: { kind: 'group', id: target.id, version: target.desired },
      changed: true,
    },
    wakeUps: [wakeUp('group', target.id, { loss: true, putOff: target.put_off })],
  };
}
