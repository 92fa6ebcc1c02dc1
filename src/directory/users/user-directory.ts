import { isUuid, newId } from '../../common/index.js';
import type { Database, Queryable } from '../../database/index.js';
import type { WakeUps } from '../../queue/index.js';
import type { Page, PageRequest, Pushed, PushContext, ShownUser, StoredUser, UserState } from '../model.js';
import type { Users } from '../ports.js';
import { NO_CLAIMED_USERS } from '../claims/claimed-users.js';
import type { ClaimedUsers } from '../claims/claimed-users.js';
import { retryFailed } from '../push/dirty-mark.js';
import { notFound } from '../push/refusals.js';
import { Cursors } from '../query/cursors.js';
import { Lookups } from '../query/lookups.js';
import type { Together } from '../push/together.js';
import { push, wakeUp } from '../push/wake.js';
import type { Outcome } from '../push/wake.js';
import { checkUser } from '../state/checks.js';
import { userDifference } from '../state/difference.js';
import { writeUser } from './change.js';
import { userCreations } from './create.js';
import type { UserCreation } from './create.js';
import { USERS_BY_ID as BY_ID, listUsers } from './list.js';
import { removeUser } from './remove.js';
import { toShownUser, toUser } from './rows.js';
import type { ShownUserRow, UserRow } from './rows.js';
import { LOCK_USER, READ_USER } from './statements.js';
import { createOrTakeOver } from './take-over.js';

type ReadForChange = UserRow & { readonly desired: number; readonly failed: boolean };

/** {@link Users} over SQL. Each command is one statement where nothing unusual is in the way, else a transaction. */
export class UserDirectory implements Users {
  private readonly lookups: Lookups;
  private readonly cursors: Cursors;
  private readonly creations: Together<UserCreation, Outcome<StoredUser>>;

  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
    private readonly claimed: Pick<ClaimedUsers, 'concerns'> = NO_CLAIMED_USERS,
  ) {
    this.lookups = new Lookups(database);
    this.cursors = new Cursors(database);
    this.creations = userCreations(database);
  }

  async create(context: PushContext, state: UserState, id = newId()): Promise<Pushed<StoredUser>> {
    checkUser(state);
    const creation = { context, id, state };
    return push(this.wakeUps, async () =>
      (await this.claimed.concerns(context.connectionId))
        ? createOrTakeOver(this.database, creation)
        : this.creations.run(creation),
    );
  }

  async change(
    context: PushContext,
    id: string,
    change: (current: StoredUser) => UserState,
  ): Promise<Pushed<StoredUser>> {
    if (!isUuid(id)) throw notFound('user', id);
    return push(this.wakeUps, async () => {
      // Without a lock first: read, compute, and write if the version is still the same. Who loses that race waits for the lock.
      const outcome = await this.changeOnce(this.database, context, id, change, false);
      if (outcome) return outcome;
      return this.database.transaction(async (tx) => {
        const locked = await this.changeOnce(tx, context, id, change, true);
        if (!locked) throw new Error('the locked user was changed by somebody else');
        return locked;
      });
    });
  }

  /** Null when the user moved on between reading and writing. */
  private async changeOnce(
    database: Queryable,
    context: PushContext,
    id: string,
    change: (current: StoredUser) => UserState,
    lock: boolean,
  ): Promise<Outcome<StoredUser> | null> {
    const [row] = await database.query<ReadForChange>(lock ? LOCK_USER : READ_USER, [
      id,
      context.connectionId,
    ]);
    if (!row) throw notFound('user', id);
    const current = toUser(row);
    const state = change(current);
    const difference = userDifference(current, state);
    if (!difference.any) return this.unchanged(database, current, row);
    return writeUser(database, context, current, state, {}, difference);
  }

  private async unchanged(
    database: Queryable,
    current: StoredUser,
    row: ReadForChange,
  ): Promise<Outcome<StoredUser>> {
    const retried = row.failed ? await retryFailed(database, current.id) : null;
    const version = retried?.desired ?? row.desired;
    return {
      pushed: { resource: current, target: { kind: 'user', id: current.id, version }, changed: false },
      wakeUps: retried ? [wakeUp('user', current.id, { loss: retried.urgent, putOff: retried.put_off })] : [],
    };
  }

  async remove(
    context: PushContext,
    id: string,
    check: (version: number) => void = () => undefined,
  ): Promise<Pushed<null>> {
    if (!isUuid(id)) throw notFound('user', id);
    return push(this.wakeUps, () => this.database.transaction((tx) => removeUser(tx, context, id, check)));
  }

  async get(connectionId: string, id: string, withReferences: boolean): Promise<ShownUser> {
    const row = isUuid(id)
      ? await this.lookups.by<ShownUserRow>(BY_ID, connectionId, id.toLowerCase(), withReferences)
      : undefined;
    if (!row) throw notFound('user', id);
    return toShownUser(row);
  }

  list(connectionId: string, page: PageRequest): Promise<Page<ShownUser>> {
    const { database, lookups, cursors } = this;
    return listUsers({ database, lookups, cursors }, connectionId, page);
  }
}
