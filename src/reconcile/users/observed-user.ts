import type { Keys, UserView } from '../planner/index.js';

/** What was seen, and whether Coder was asked for it just now; else at most a creation follows from it. */
export interface ObservedUser extends UserView {
  readonly fresh: boolean;
  readonly leaving?: Leaving;
}

/** Whether what was seen to of API tokens is all that a logout is about. */
export function covers(keys: Keys | undefined, until: Date): boolean {
  return keys instanceof Date ? keys.getTime() === until.getTime() : keys !== undefined;
}

/** How far a run has come with what is left of somebody who leaves. */
export interface Leaving {
  /** Ids of workspaces whose build is under way: they are looked at again when it has ended. */
  readonly busy: readonly string[];
  /** Ids of workspaces that this run has ordered to stop. */
  readonly ordered: readonly string[];
  /** Ids of tokens and workspaces that Coder refuses to take. */
  readonly refused: readonly string[];
}
