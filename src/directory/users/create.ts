import { fold } from '../../common/index.js';
import type { Database, Queryable } from '../../database/index.js';
import { journalEntry } from '../../journal/index.js';
import type { PushContext, StoredUser, UserState } from '../model.js';
import { queryOnceMore } from '../push/once-more.js';
import { succeed } from '../push/succession.js';
import { Together } from '../push/together.js';
import { wakeUp } from '../push/wake.js';
import type { Outcome } from '../push/wake.js';
import { CREATE_USERS, creationRecords, FIRST_VERSION } from './create-users.js';
import type { CreatedUsers, UserCreation } from './create-users.js';
import { personalOf, withUserState } from './rows.js';
import { CREATE_USER, userColumns } from './statements.js';

export type { UserCreation } from './create-users.js';

interface Created {
  readonly version: number;
  readonly created_at: Date;
  readonly modified_at: Date;
  readonly desired: number;
}

/** Creates users: many that arrive together by one statement, and one alone by its own. */
export function userCreations(database: Database): Together<UserCreation, Outcome<StoredUser>> {
  return new Together({
    alone: (creation) => createUser(database, creation),
    together: (creations) => createUsers(database, creations),
    key: ({ context, state }) => `${context.connectionId} ${fold(state.userName)}`,
  });
}

async function createUser(database: Database, creation: UserCreation): Promise<Outcome<StoredUser>> {
  const [created] = await queryOnceMore<Created>(
    database,
    CREATE_USER,
    parameters(creation, { seenTo: false }),
  );
  if (created) return outcome(creation, created, false);
  return database.transaction((tx) => createAfter(tx, creation));
}

/** Creation where a user of that name, externalId or email address was deleted and left something behind. */
export async function createAfter(tx: Queryable, creation: UserCreation): Promise<Outcome<StoredUser>> {
  const { context, id, state } = creation;
  const keys = {
    connectionId: context.connectionId,
    nameKey: fold(state.userName),
    externalId: state.externalId,
    emailKey: state.email === null ? null : fold(state.email),
  };
  const succession = await succeed(tx, 'user', keys);
  const [created] = await tx.query<Created>(
    CREATE_USER,
    parameters(creation, { seenTo: true, from: succession.from }),
  );
  if (!created) throw new Error('the user was not created');
  // The suspension that the tombstone waited for was cancelled with it.
  const loss = succession.from !== null && !state.active;
  await succession.complete(id, loss);
  return outcome(creation, created, loss);
}

/** Those that have a tombstone to see to are left out: null. */
async function createUsers(
  database: Database,
  creations: readonly UserCreation[],
): Promise<(Outcome<StoredUser> | null)[]> {
  const records = creationRecords(creations, ({ context, state }) => told(context, state));
  const [created] = await database.query<CreatedUsers>(CREATE_USERS, [records]);
  if (!created) return creations.map(() => null);
  const ids = new Set(created.ids.split(' '));
  const row = {
    version: FIRST_VERSION,
    desired: FIRST_VERSION,
    created_at: created.created_at,
    modified_at: created.created_at,
  };
  return creations.map((creation) => (ids.has(creation.id) ? outcome(creation, row, false) : null));
}

function parameters(
  { context, id, state }: UserCreation,
  succession: { readonly seenTo: boolean; readonly from?: string | null },
): unknown[] {
  const entry = journalEntry({
    connectionId: context.connectionId,
    target: { kind: 'user', id },
    ...told(context, state, succession.from),
  });
  return [id, context.connectionId, succession.seenTo, ...userColumns(state), ...entry];
}

/** What the journal is told. */
function told(context: PushContext, state: UserState, succeeds?: string | null) {
  return {
    source: context.source,
    action: 'user.created',
    requestId: context.requestId,
    facts: { active: state.active, ...(succeeds && { succeeds }) },
    personal: personalOf(state),
  };
}

function outcome({ context, id, state }: UserCreation, created: Created, loss: boolean): Outcome<StoredUser> {
  const stored = {
    id,
    connectionId: context.connectionId,
    version: created.version,
    createdAt: created.created_at,
    modifiedAt: created.modified_at,
  };
  return {
    pushed: {
      resource: withUserState(stored, state),
      target: { kind: 'user', id, version: created.desired },
      changed: true,
    },
    wakeUps: [wakeUp('user', id, { loss, putOff: false })],
  };
}
