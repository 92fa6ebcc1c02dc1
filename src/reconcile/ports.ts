import type { CoderHealth, UserSnapshot, UsersView } from '../coder/index.js';

/** Coder's users as listed at one time, by the keys that are looked up. */
export type AccountIndex = Pick<UsersView, 'byId' | 'byEmail' | 'usernames'>;

/**
 * The snapshot of Coder's users. It may decide only that an account is missing (a 409 is the net) and that nothing is to be
 * done; adopting, suspending and removing read the account first.
 */
export type AccountSnapshot = Pick<
  UserSnapshot,
  'peek' | 'noteChanged' | 'noteCreated' | 'noteDeleted' | 'invalidate'
> & { get(maxAgeMs: number): Promise<AccountIndex> };

/** What this Coder cannot do at all, so that nobody tries. */
export interface Refusals {
  /** Why it keeps no groups; null: nothing is known against them. */
  groupsRefused(): string | null;
}

/** What is left of the licence. */
export interface Seats {
  /** Seats for active users that are left; null: there is no limit, or none is known. */
  left(): number | null;
}

/** Nobody counts seats. */
export const NO_SEATS_COUNTED: Seats = { left: () => null };

/** Injection token of the {@link Seats}. */
export const SEATS = Symbol('SEATS');

/** Injection token of the {@link Refusals}. */
export const REFUSALS = Symbol('REFUSALS');

/** Everything is tried. */
export const NOTHING_REFUSED: Refusals = { groupsRefused: () => null };

/** What runs tell about Coder's health, and what it tells them. */
export type Wellbeing = Pick<CoderHealth, 'report' | 'pausedForMs' | 'othersSucceed'>;
