import type { TargetKind } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { journalEntry } from '../../journal/index.js';
import type { PushContext } from '../model.js';
import { notFound } from '../push/refusals.js';
import { wakeUp } from '../push/wake.js';
import type { Outcome } from '../push/wake.js';
import { LOCK_GROUPS_OF_USER, LOCK_USER_TO_REMOVE, REMOVE_USER } from './statements.js';

interface MarkedTarget {
  readonly id: string;
  readonly kind: TargetKind;
  readonly desired: number;
  readonly put_off: boolean;
}

interface Locked {
  readonly user_name: string;
  readonly email: string | null;
  readonly version: number;
}

/**
 * Makes the user a tombstone and takes it out of all groups, each of which changes by that. A group that it entered after
 * the groups were locked is found as well; a deadlock with that push is possible, and the database then tries again.
 *
 * @throws DirectoryError notFound; whatever `check` throws
 */
export async function removeUser(
  tx: Queryable,
  context: PushContext,
  id: string,
  check: (version: number) => void,
): Promise<Outcome<null>> {
  const { connectionId, source, requestId } = context;
  await tx.query(LOCK_GROUPS_OF_USER, [id, connectionId]);
  const [user] = await tx.query<Locked>(LOCK_USER_TO_REMOVE, [id, connectionId]);
  if (!user) throw notFound('user', id);
  check(user.version);
  const entry = journalEntry({
    connectionId,
    target: { kind: 'user', id },
    source,
    action: 'user.deleted',
    requestId,
    personal: { userName: user.user_name, email: user.email },
  });
  const params = [id, connectionId, source, requestId, ...entry];
  const marked = await tx.query<MarkedTarget>(REMOVE_USER, params);
  const own = marked.find((target) => target.kind === 'user');
  // The row is locked, so this cannot be; an acknowledged deletion that deleted nothing would be worse than an error.
  if (!own) throw new Error(`user ${id} was locked and yet not removed`);
  return {
    pushed: { resource: null, target: { kind: 'user', id, version: own.desired }, changed: true },
    wakeUps: marked.map((target) => wakeUp(target.kind, target.id, { loss: true, putOff: target.put_off })),
  };
}
