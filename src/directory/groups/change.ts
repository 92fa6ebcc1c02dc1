import type { Database, Queryable, Statement } from '../../database/index.js';
import { journalEntry } from '../../journal/index.js';
import type { GroupChange, GroupState, PushContext, StoredGroup } from '../model.js';
import { queryOnceMore } from '../push/once-more.js';
import { notFound } from '../push/refusals.js';
import { QUIET_MS, wakeUp } from '../push/wake.js';
import type { Together } from '../push/together.js';
import type { Outcome } from '../push/wake.js';
import { checkGroup } from '../state/checks.js';
import { groupDifference } from '../state/difference.js';
import type { Difference } from '../state/difference.js';
import type { Gain } from './gains.js';
import {
  foldMemberOperations,
  needsNoLockBefore,
  NO_MEMBER_CHANGE,
  unknownMembers,
} from './member-operations.js';
import type { MemberChange } from './member-operations.js';
import { toGroup, withGroupState } from './rows.js';
import type { ChangedGroup, GroupRow } from './rows.js';
import { CHANGE_GROUP, groupColumns, LOCK_GROUP } from './statements.js';

interface StateChange {
  readonly state: GroupState;
  readonly difference: Difference;
}

/**
 * Changes a group's document and members. Members alone are one statement wherever that is safe; else the group is locked
 * first.
 *
 * @throws DirectoryError notFound, unknownMember; UniqueViolation; whatever the change of state throws
 */
export async function changeGroup(
  database: Database,
  gains: Together<Gain, readonly ChangedGroup[]>,
  context: PushContext,
  id: string,
  change: GroupChange,
): Promise<Outcome<StoredGroup>> {
  const members = change.members ? foldMemberOperations(change.members) : NO_MEMBER_CHANGE;
  const { state } = change;
  if (!state && members.kind === 'gains' && members.add.length > 0) {
    return outcome(await gains.run({ context, id: id.toLowerCase(), add: members.add }), id, null);
  }
  if (!state && needsNoLockBefore(members)) {
    const [statement, params] = changing(context, id, members, null);
    return outcome(await queryOnceMore<ChangedGroup>(database, statement, params), id, null);
  }
  return database.transaction((tx) => changeLocked(tx, context, id, members, state));
}

async function changeLocked(
  tx: Queryable,
  context: PushContext,
  id: string,
  members: MemberChange,
  change: GroupChange['state'],
): Promise<Outcome<StoredGroup>> {
  const [row] = await tx.query<GroupRow>(LOCK_GROUP, [id, context.connectionId]);
  if (!row) throw notFound('group', id);
  const current = toGroup(row);
  const state = change ? change(current) : current;
  const difference = groupDifference(current, state);
  if (difference.any) checkGroup(state);
  const stateChange = difference.any ? { state, difference } : null;
  const [statement, params] = changing(context, id, members, stateChange);
  return outcome(await tx.query<ChangedGroup>(statement, params), id, stateChange);
}

/** The statement and its parameters. */
function changing(
  context: PushContext,
  id: string,
  members: MemberChange,
  change: StateChange | null,
): [Statement, unknown[]] {
  const entry = journalEntry({
    connectionId: context.connectionId,
    target: { kind: 'group', id },
    source: context.source,
    action: change?.difference.action ?? 'group.members',
    requestId: context.requestId,
    facts: {
      group: id,
      ...(change && { attributes: change.difference.attributes, displayName: change.state.displayName }),
    },
  });
  const params: unknown[] = [
    id,
    context.connectionId,
    members.named,
    members.add,
    context.requestId,
    change !== null,
    change?.difference.matters ?? false,
    ...(change ? groupColumns(change.state) : [null, null, null, null, null, null]),
    context.source,
    ...entry,
  ];
  if (members.kind === 'loss') params.push(members.remove[0]);
  if (members.kind === 'delta') params.push(members.remove);
  return [CHANGE_GROUP[members.kind], params];
}

function outcome(
  rows: readonly ChangedGroup[],
  id: string,
  change: StateChange | null,
): Outcome<StoredGroup> {
  const [row] = rows;
  if (!row) throw notFound('group', id);
  if (row.unknown) throw unknownMembers(row.unknown);
  const stored = toGroup(row);
  // Gains wait for more of them; a new name does not, nor another try of what failed.
  const gainsOnly = row.gained > 0 && !change?.difference.matters;
  const loss = row.lost > 0 || (!row.changed && row.urgent);
  return {
    pushed: {
      resource: change ? withGroupState(stored, change.state) : stored,
      target: { kind: 'group', id: row.target_id, version: row.desired },
      changed: row.changed,
    },
    wakeUps: row.marked
      ? [
          wakeUp('group', row.target_id, {
            loss,
            putOff: row.put_off,
            ...(gainsOnly && { delayMs: QUIET_MS }),
          }),
        ]
      : [],
  };
}
