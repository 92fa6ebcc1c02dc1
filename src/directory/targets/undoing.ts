import type { TargetKind } from '../../common/index.js';
import type { Database, Queryable } from '../../database/index.js';
import { appendJournal, appendMemberships } from '../../journal/index.js';
import type { Pushed } from '../model.js';

/** Who acts, in the journal: the face that would not let a refused creation stand. */
const SOURCE = 'refusal';

interface Undone {
  readonly connection_id: string;
}

/**
 * Undoes a refused creation, in one transaction: the resource, its target and its memberships are gone as if it had never
 * been. Only where nobody has touched it since and nothing of it can be in Coder.
 *
 * @returns whether it did
 */
export async function undoCreation(
  database: Database,
  { kind, id, version }: Pushed<unknown>['target'],
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const [target] = await lock(tx, kind, id, version);
    if (!target) return false;
    const context = { connectionId: target.connection_id, source: SOURCE, version };
    if (kind === 'user') await removeUser(tx, id, context);
    else if (!(await removeGroup(tx, id, context))) return false;
    await tx.query('DELETE FROM bridge.targets WHERE id = $1::uuid', [id]);
    await appendJournal(tx, {
      connectionId: target.connection_id,
      target: { kind, id },
      source: SOURCE,
      action: `${kind}.creation.undone`,
      version,
    });
    return true;
  });
}

interface JournalContext {
  readonly connectionId: string;
  readonly source: string;
  readonly version: number;
}

/** The resources first and the target after them, in the order in which pushes lock them. */
async function lock(tx: Queryable, kind: TargetKind, id: string, version: number): Promise<Undone[]> {
  if (kind === 'group')
    await tx.query('SELECT FROM bridge.groups WHERE target_id = $1::uuid ORDER BY id FOR UPDATE', [id]);
  else await tx.query('SELECT FROM bridge.users WHERE id = $1::uuid FOR UPDATE', [id]);
  return tx.query<Undone>(
    `SELECT connection_id FROM bridge.targets
      WHERE id = $1::uuid AND kind = $2 AND desired = $3::bigint AND applied < desired
        AND coder_id IS NULL AND intent IS NULL
      FOR UPDATE`,
    [id, kind, version],
  );
}

async function removeUser(tx: Queryable, id: string, context: JournalContext): Promise<void> {
  const groups = await tx.query<{ group_id: string }>(
    'DELETE FROM bridge.memberships WHERE user_id = $1::uuid RETURNING group_id',
    [id],
  );
  for (const { group_id: groupId } of groups)
    await appendMemberships(tx, 'removed', [id], { ...context, groupId });
  await tx.query('DELETE FROM bridge.users WHERE id = $1::uuid', [id]);
}

/** False where several groups feed the target: then it is not this creation's own. */
async function removeGroup(tx: Queryable, targetId: string, context: JournalContext): Promise<boolean> {
  const groups = await tx.query<{ id: string }>('SELECT id FROM bridge.groups WHERE target_id = $1::uuid', [
    targetId,
  ]);
  const [group] = groups;
  if (!group || groups.length > 1) return false;
  const members = await tx.query<{ user_id: string }>(
    'DELETE FROM bridge.memberships WHERE group_id = $1::uuid RETURNING user_id',
    [group.id],
  );
  await appendMemberships(
    tx,
    'removed',
    members.map((member) => member.user_id),
    { ...context, groupId: group.id },
  );
  await tx.query('DELETE FROM bridge.groups WHERE id = $1::uuid', [group.id]);
  return true;
}
