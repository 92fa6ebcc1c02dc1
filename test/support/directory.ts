import { newId } from '../../src/common/index.js';
import type { Database, Queryable } from '../../src/database/index.js';
import { DirectoryError, GroupDirectory, UserDirectory } from '../../src/directory/index.js';
import type { GroupState, PushContext, UserState } from '../../src/directory/index.js';
import type { WakeUp, WakeUps } from '../../src/queue/index.js';
import { insertConnection } from './directory-rows.js';

/** Remembers who was woken. */
export class RecordedWakeUps implements WakeUps {
  readonly all: WakeUp[] = [];

  wake(wakeUps: readonly WakeUp[]): void {
    this.all.push(...wakeUps);
  }

  /** What came since the last call. */
  take(): WakeUp[] {
    return this.all.splice(0);
  }
}

/** The directory of one new connection. */
export interface TestDirectory {
  readonly users: UserDirectory;
  readonly groups: GroupDirectory;
  readonly wakeUps: RecordedWakeUps;
  readonly context: PushContext;
}

export async function testDirectory(database: Database): Promise<TestDirectory> {
  const wakeUps = new RecordedWakeUps();
  const connectionId = await insertConnection(database);
  return {
    users: new UserDirectory(database, wakeUps),
    groups: new GroupDirectory(database, wakeUps),
    wakeUps,
    context: { connectionId, source: 'scim', requestId: newId() },
  };
}

/** A user as a face would hand it over. */
export function userState(userName: string, more: Partial<UserState> = {}): UserState {
  const state = {
    userName,
    externalId: null,
    active: true,
    email: `${userName}@example.com`,
    fullName: 'A Name',
    ...more,
  };
  return {
    ...state,
    document: more.document ?? {
      userName,
      active: state.active,
      ...(state.externalId !== null && { externalId: state.externalId }),
      emails: [{ type: 'work', primary: true, value: state.email ?? '' }],
    },
  };
}

/** A group as a face would hand it over. */
export function groupState(displayName: string, more: Partial<GroupState> = {}): GroupState {
  return { displayName, externalId: null, document: { displayName }, ...more };
}

/** The code of the refusal that `work` ends in. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof DirectoryError) return error.code;
  throw new Error(`no DirectoryError but ${String(error)}`);
}

/** Leaves the target as if its work were done. */
export async function settle(database: Queryable, targetId: string): Promise<void> {
  await database.query('UPDATE bridge.targets SET applied = desired, urgent = false WHERE id = $1', [
    targetId,
  ]);
}
