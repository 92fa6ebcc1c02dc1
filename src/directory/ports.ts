import type { ClaimsStatement, PersonSignal, StatedClaims } from '../common/index.js';
import type { Following } from './claims/following.js';
import type { LoggedOut, Logout } from './logouts/model.js';
import type {
  GroupChange,
  GroupState,
  Page,
  PageRequest,
  PushContext,
  Pushed,
  Settled,
  ShownGroup,
  ShownUser,
  StoredGroup,
  StoredUser,
  UserState,
} from './model.js';

/**
 * What faces may do with users. Every command commits state, journal entry and dirty mark in one transaction and only
 * then wakes the queue; it answers when that is durable. Ids that are no UUID are `notFound`.
 */
export interface Users {
  /**
   * @param id of the new user, where it had to be known before
   * @throws DirectoryError userNameTaken, externalIdTaken
   */
  create(context: PushContext, state: UserState, id?: string): Promise<Pushed<StoredUser>>;
  /**
   * Computes the new state by `change` and stores it as one step. `change` is pure and may be called twice, the second time
   * with the row locked; it may throw to refuse, and answering the same object means no change. A change of nothing raises no version, unless the target is failed (then its work is tried again).
   * @throws DirectoryError notFound, userNameTaken, externalIdTaken; whatever `change` throws
   */
  change(
    context: PushContext,
    id: string,
    change: (current: StoredUser) => UserState,
  ): Promise<Pushed<StoredUser>>;
  /**
   * Leaves a tombstone that carries the link, takes the user out of all groups.
   *
   * @param check is called with the version of the locked row, and throws to refuse
   * @throws DirectoryError notFound; whatever `check` throws
   */
  remove(context: PushContext, id: string, check?: (version: number) => void): Promise<Pushed<null>>;
  /** @throws DirectoryError notFound */
  get(connectionId: string, id: string, withReferences: boolean): Promise<ShownUser>;
  list(connectionId: string, page: PageRequest): Promise<Page<ShownUser>>;
}

/** What faces may do with groups. As {@link Users}. */
export interface Groups {
  /**
   * @param id of the new group, where it had to be known before
   * @throws DirectoryError displayNameTaken, externalIdTaken, unknownMember
   */
  create(
    context: PushContext,
    state: GroupState,
    members: readonly string[],
    id?: string,
  ): Promise<Pushed<StoredGroup>>;
  /**
   * Changes the document, the members, or both in one transaction. Member operations never load the other members.
   * Adding a present member and removing an absent one do nothing. The answer has no `members`.
   * @throws DirectoryError notFound, displayNameTaken, externalIdTaken, unknownMember
   */
  change(context: PushContext, id: string, change: GroupChange): Promise<Pushed<StoredGroup>>;
  /** As that of {@link Users}. */
  remove(context: PushContext, id: string, check?: (version: number) => void): Promise<Pushed<null>>;
  /** @throws DirectoryError notFound */
  get(connectionId: string, id: string, withReferences: boolean): Promise<ShownGroup>;
  list(connectionId: string, page: PageRequest): Promise<Page<ShownGroup>>;
}

/** Waiting for a push to arrive in Coder (SCIM_WAIT_MS). */
export interface Settlements {
  /** Resolves when the version is applied or failed, or with `pending` after `ms` (at once on shutdown). */
  wait(target: Pushed<unknown>['target'], ms: number): Promise<Settled>;
  /** Undoes a refused creation where the version is still its own and no link exists; answers whether it did. */
  undoCreation(target: Pushed<unknown>['target']): Promise<boolean>;
}

/** What faces may do with the claims that a provider signed. */
export interface ClaimsDirectory {
  /**
   * Records what is claimed of a person, ties the subject to a directory user where there is exactly one whom it can be, and
   * raises that user: all in one transaction, and the queue is woken after it. Ignores what is older than what is recorded.
   */
  state(statement: ClaimsStatement): Promise<StatedClaims>;
  /** Journals what happened to people, and raises those who are users: all in one transaction. */
  compareAnew(connectionId: string, signals: readonly PersonSignal[]): Promise<void>;
  /** What follows from what is claimed of a user, and where it stands. */
  following(userId: string): Promise<Following>;
  /** Ties subjects whose claims are kept to users who are there after all; for the full sync. @returns how many */
  tieKept(): Promise<number>;
}

/** What faces may do with the logouts that a provider tells of. */
export interface Logouts {
  /**
   * Journals a logout, and where the policy says so marks the person's API tokens for revocation and raises the user as urgent:
   * all in one transaction, and the queue is woken after it. Of a token that was taken before nothing is done again.
   *
   * @throws DirectoryError invalidValue
   */
  loggedOut(logout: Logout): Promise<LoggedOut>;
}

/** Injection tokens of the ports. */
export const USERS = Symbol('USERS');
export const GROUPS = Symbol('GROUPS');
export const SETTLEMENTS = Symbol('SETTLEMENTS');
export const CLAIMS = Symbol('CLAIMS');
export const LOGOUTS = Symbol('LOGOUTS');
