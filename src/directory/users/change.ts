import type { Queryable } from '../../database/index.js';
import { journalEntry } from '../../journal/index.js';
import type { PushContext, StoredUser, UserState } from '../model.js';
import type { Marked } from '../push/dirty-mark.js';
import { wakeUp } from '../push/wake.js';
import type { Outcome } from '../push/wake.js';
import { checkUser } from '../state/checks.js';
import { userDifference } from '../state/difference.js';
import type { Difference } from '../state/difference.js';
import { personalOf, withUserState } from './rows.js';
import { CHANGE_CLAIMED_USER, CHANGE_USER, userColumns } from './statements.js';

type Changed = Marked & { readonly version: number; readonly modified_at: Date };

/** How a change is told, where it is no plain one. */
export interface Told {
  /** It is not SCIM that states it, so that the user stays one of claims alone. */
  readonly claimed?: boolean;
  readonly action?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Stores a new state of the user. Null when the user moved on since it was read. */
export async function writeUser(
  database: Queryable,
  context: PushContext,
  current: StoredUser,
  state: UserState,
  { claimed = false, action, facts }: Told = {},
  difference: Difference = userDifference(current, state),
): Promise<Outcome<StoredUser> | null> {
  const { id } = current;
  checkUser(state);
  const columns = [id, context.connectionId, current.version, ...userColumns(state)];
  const entry = journalEntry({
    connectionId: context.connectionId,
    target: { kind: 'user', id },
    source: context.source,
    action: action ?? difference.action,
    requestId: context.requestId,
    facts: { attributes: difference.attributes, ...facts },
    personal: { ...personalOf(state), before: personalOf(current) },
  });
  const params = [...columns, difference.matters, difference.loss, ...entry];
  const [changed] = await database.query<Changed>(claimed ? CHANGE_CLAIMED_USER : CHANGE_USER, params);
  if (!changed) return null;
  const { version, modified_at: modifiedAt } = changed;
  return {
    pushed: {
      resource: withUserState({ ...current, version, modifiedAt }, state),
      target: { kind: 'user', id, version: changed.desired },
      changed: true,
    },
    wakeUps: changed.marked ? [wakeUp('user', id, { loss: difference.loss, putOff: changed.put_off })] : [],
  };
}
