import type { JsonObject } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { WakeUps } from '../../queue/index.js';
import type { Failure } from '../model.js';
import type { ClaimedMembership, DecidedClaims } from '../claims/model.js';
import type {
  Effect,
  GroupPlace,
  GroupTarget,
  Intent,
  Link,
  Offboarding,
  OwnedChange,
  RoleChange,
  TargetStore,
  UserTarget,
} from '../target-store.js';
import { decideClaims } from '../claims/deciding.js';
import { tieKeptOf } from '../claims/tying.js';
import { offboard, ownRoles } from './access.js';
import { confirmKnown, forgetKnown, manyArrive } from './known.js';
import { intend, link, own, unlink } from './linking.js';
import { readGroup, readPlace } from './reading-groups.js';
import { readUser, readUsernames } from './reading-users.js';
import { readDesired } from './reading.js';
import { raiseRuled } from './ruled-members.js';
import { note, record } from './recording.js';
import { fail, hold, putOff, settle } from './settling.js';
import { groupsOnTheirWay, waitingUsers } from './waiting-groups.js';

/** {@link TargetStore} over SQL. Each result is one statement with its journal entry, guarded by the token of the lease. */
export class SqlTargetStore implements TargetStore {
  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
  ) {}

  readUser(id: string): Promise<UserTarget | null> {
    return readUser(this.database, id);
  }

  decideClaims(
    id: string,
    token: string,
    decided: readonly DecidedClaims[],
    memberships: readonly ClaimedMembership[],
    lookAgain: boolean,
  ): Promise<boolean> {
    return decideClaims(this.database, this.wakeUps, id, token, decided, memberships, lookAgain);
  }

  tieKeptClaims(id: string): Promise<void> {
    return tieKeptOf(this.database, this.wakeUps, id);
  }

  readGroup(id: string, organizationId: string): Promise<GroupTarget | null> {
    return readGroup(this.database, id, organizationId);
  }

  placeOf(id: string): Promise<GroupPlace | null> {
    return readPlace(this.database, id);
  }

  usernamesOf(coderIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return readUsernames(this.database, coderIds);
  }

  desired(id: string): Promise<number> {
    return readDesired(this.database, id);
  }

  link(id: string, token: string, to: Link, effect: Effect): Promise<boolean> {
    return link(this.database, this.wakeUps, id, token, to, effect);
  }

  unlink(id: string, token: string, effect: Effect): Promise<boolean> {
    return unlink(this.database, this.wakeUps, id, token, effect);
  }

  intend(id: string, token: string, intent: Intent | null): Promise<boolean> {
    return intend(this.database, id, token, intent);
  }

  own(id: string, token: string, change: OwnedChange): Promise<boolean> {
    return own(this.database, this.wakeUps, id, token, change);
  }

  ownRoles(id: string, token: string, change: RoleChange): Promise<boolean> {
    return ownRoles(this.database, id, token, change);
  }

  raiseRuled(id: string, token: string, ruled: readonly string[]): Promise<boolean> {
    return raiseRuled(this.database, this.wakeUps, id, token, ruled);
  }

  offboard(id: string, token: string, taken: Offboarding | null, effect: Effect): Promise<boolean> {
    return offboard(this.database, id, token, taken, effect);
  }

  record(id: string, token: string, effect: Effect): Promise<boolean> {
    return record(this.database, id, token, effect);
  }

  settle(
    id: string,
    token: string,
    version: number,
    busy: boolean,
    known?: JsonObject,
    keysUntil?: Date,
  ): ReturnType<TargetStore['settle']> {
    return settle(this.database, id, token, version, busy, known, keysUntil);
  }

  forgetKnown(id: string, token: string): Promise<boolean> {
    return forgetKnown(this.database, id, token);
  }

  confirmKnown(seen: readonly string[], otherwise: readonly string[]): Promise<void> {
    return confirmKnown(this.database, seen, otherwise);
  }

  groupsOnTheirWay(userId: string): Promise<readonly (string | null)[]> {
    return groupsOnTheirWay(this.database, userId);
  }

  async wakeWaiting(coderIds: readonly string[]): Promise<void> {
    this.wakeUps.wake(await waitingUsers(this.database, coderIds));
  }

  manyArrive(): Promise<boolean> {
    return manyArrive(this.database);
  }

  fail(id: string, token: string, version: number, failure: Failure): Promise<boolean> {
    return fail(this.database, id, token, version, failure);
  }

  putOff(id: string, token: string, delayMs: number, spend: boolean, known?: JsonObject): Promise<boolean> {
    return putOff(this.database, id, token, delayMs, spend, known);
  }

  hold(id: string, token: string, version: number, plan: Record<string, unknown>): Promise<boolean> {
    return hold(this.database, id, token, version, plan);
  }

  note(id: string, token: string, effect: Effect): Promise<boolean> {
    return note(this.database, id, token, effect);
  }
}
