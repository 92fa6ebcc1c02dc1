import type { SafetyBudget } from '../../config/index.js';

/** What the sliding window holds at the moment of the question. */
export interface BudgetState {
  /** Suspensions, deletions and removals done within the window. */
  readonly lossesInWindow: number;
  /** Users that the bridge has linked: the share is of these. */
  readonly linkedUsers: number;
  /** None: every loss is allowed. */
  readonly budget: SafetyBudget | undefined;
}

/** Keeps a share such as 0.29 of 100, which is 28.999... in binary, from losing one. */
const ROUNDING = 1e-9;

/**
 * Whether so many more losses fit into the budget: the larger of a count and a share of the linked users, of which the
 * window may be filled to the last. A plan without losses always fits, and what would overfill it does not fit in part.
 */
export function budgetAllows(state: BudgetState, planned: number): boolean {
  if (state.budget === undefined || planned <= 0) return true;
  const byShare = Math.floor(state.budget.share * state.linkedUsers + ROUNDING);
  return state.lossesInWindow + planned <= Math.max(state.budget.count, byShare);
}
