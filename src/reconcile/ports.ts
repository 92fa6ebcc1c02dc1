import type { CoderUser } from '../coder/index.js';
import type { TargetKey } from '../common/index.js';

/** Coder's users as listed at one time, by the keys that are looked up. */
export interface AccountIndex {
  byId(id: string): CoderUser | undefined;
  /** @param email folded */
  byEmail(email: string): CoderUser | undefined;
  /** @param username folded */
  hasUsername(username: string): boolean;
}

/**
 * The snapshot of Coder's users. It may decide only that an account is missing (a 409 is the net) and that nothing is to be
 * done; adopting, suspending and removing read the account first.
 */
export interface AccountSnapshot {
  /** Lists Coder's users, unless a list not older than `maxAgeMs` is at hand. Never answers a partial list. */
  get(maxAgeMs: number): Promise<AccountIndex>;
  /** The list at hand if it is not older than `maxAgeMs`; never calls Coder. */
  peek(maxAgeMs: number): AccountIndex | null;
  /** Own changes are written through. */
  noteChanged(user: CoderUser): void;
  noteDeleted(id: string): void;
  /** After a surprise the list is thrown away. */
  invalidate(): void;
}

/** What runs tell about Coder's health, and what it tells them. */
export interface CoderWellbeing {
  report(target: TargetKey, outcome: 'ok' | 'transient' | 'serverError' | 'auth'): void;
  /** Milliseconds until calls are allowed again; 0: now. */
  pausedForMs(): number;
  /** Whether other targets' calls succeed: only then is a target's own 500 given up on. */
  othersSucceed(target: TargetKey): boolean;
}
