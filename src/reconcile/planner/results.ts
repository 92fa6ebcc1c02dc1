import type { Failure } from '../../directory/index.js';
import type { Note, Plan } from './plan.js';

const NO_CHANGE = { gained: [], lost: [] } as const;

/** A plan of these steps. */
export function planOf<Step>(
  steps: readonly Step[],
  notes: readonly Note[] = [],
  owned: Plan<Step>['owned'] = NO_CHANGE,
): Plan<Step> {
  return { steps, notes, owned };
}

/** A plan that does nothing and says why. */
export function failed<Step>(
  kind: Failure['kind'],
  step: string,
  detail: string,
  owned: Plan<Step>['owned'] = NO_CHANGE,
): Plan<Step> {
  return { steps: [], notes: [], failure: { kind, step, detail }, owned };
}

/** The elements of `left` that are not in `right`, each once. */
export function without(left: Iterable<string>, right: ReadonlySet<string>): string[] {
  return [...new Set(left)].filter((id) => !right.has(id));
}
