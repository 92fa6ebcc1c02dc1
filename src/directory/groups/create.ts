import { fold, newId } from '../../common/index.js';
import type { Database, Queryable } from '../../database/index.js';
import { journalEntry } from '../../journal/index.js';
import type { GroupState, PushContext, StoredGroup } from '../model.js';
import { queryOnceMore } from '../push/once-more.js';
import { succeed } from '../push/succession.js';
import { QUIET_MS, wakeUp } from '../push/wake.js';
import type { Outcome } from '../push/wake.js';
import { foldMemberOperations, unknownMembers } from './member-operations.js';
import { withGroupState } from './rows.js';
import { CREATE_GROUP, FIRST_MEMBERS, groupColumns } from './statements.js';

interface Created {
  readonly version: number;
  readonly created_at: Date;
  readonly modified_at: Date;
  readonly desired: number;
}

/** A group that is about to be created. */
interface Birth {
  readonly context: PushContext;
  readonly id: string;
  readonly targetId: string;
  readonly state: GroupState;
  /** Ids of users, sorted. */
  readonly members: readonly string[];
}

/**
 * Creates a group: by one statement when it has no members and succeeds nobody, else in a transaction.
 *
 * @throws DirectoryError unknownMember; UniqueViolation
 */
export async function createGroup(
  database: Database,
  group: Pick<Birth, 'context' | 'id' | 'state'>,
  members: readonly string[],
): Promise<Outcome<StoredGroup>> {
  const { add } = foldMemberOperations([{ op: 'add', ids: members }]);
  const birth: Birth = { ...group, targetId: newId(), members: add };
  if (add.length === 0) {
    const params = creation(birth, { seenTo: false });
    const [created] = await queryOnceMore<Created>(database, CREATE_GROUP, params);
    if (created) return outcome(birth, created, false);
  }
  return database.transaction((tx) => createAfter(tx, birth));
}

/** Creation with members, or where a group of that name or externalId was deleted and left something behind. */
async function createAfter(tx: Queryable, birth: Birth): Promise<Outcome<StoredGroup>> {
  const { context, state, members } = birth;
  const [first] = await tx.query<Created>(CREATE_GROUP, creation(birth, { seenTo: false }));
  if (first) {
    await addMembers(tx, birth);
    return outcome(birth, first, false);
  }
  const succession = await succeed(tx, 'group', {
    connectionId: context.connectionId,
    nameKey: fold(state.displayName),
    externalId: state.externalId,
  });
  const [created] = await tx.query<Created>(
    CREATE_GROUP,
    creation(birth, { seenTo: true, from: succession.from }),
  );
  if (!created) throw new Error('the group was not created');
  // Members of the deleted group who are none of this one still have to lose their place.
  await succession.complete(birth.targetId, succession.pendingLoss);
  if (members.length > 0) await addMembers(tx, birth);
  return outcome(birth, created, succession.pendingLoss);
}

async function addMembers(tx: Queryable, { context, id, members }: Birth): Promise<void> {
  const { connectionId, source, requestId } = context;
  const unknown = await tx.query<{ id: string }>(FIRST_MEMBERS, [
    id,
    connectionId,
    members,
    source,
    requestId,
  ]);
  if (unknown.length > 0) throw unknownMembers(unknown.map((row) => row.id));
}

function creation(
  { context, id, targetId, state, members }: Birth,
  succession: { readonly seenTo: boolean; readonly from?: string | null },
): unknown[] {
  const entry = journalEntry({
    connectionId: context.connectionId,
    target: { kind: 'group', id: targetId },
    source: context.source,
    action: 'group.created',
    requestId: context.requestId,
    facts: {
      group: id,
      displayName: state.displayName,
      added: members.length,
      ...(succession.from && { succeeds: succession.from }),
    },
  });
  return [id, context.connectionId, succession.seenTo, targetId, ...groupColumns(state), ...entry];
}

function outcome(birth: Birth, created: Created, loss: boolean): Outcome<StoredGroup> {
  const { context, id, targetId, state, members } = birth;
  const stored: StoredGroup = {
    ...state,
    id,
    connectionId: context.connectionId,
    version: created.version,
    createdAt: created.created_at,
    modifiedAt: created.modified_at,
  };
  const delayMs = members.length > 0 ? QUIET_MS : undefined;
  return {
    pushed: {
      resource: withGroupState(stored, state),
      target: { kind: 'group', id: targetId, version: created.desired },
      changed: true,
    },
    wakeUps: [wakeUp('group', targetId, { loss, putOff: false, ...(delayMs !== undefined && { delayMs }) })],
  };
}
