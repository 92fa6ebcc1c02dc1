import type { Plan } from '../planner/index.js';

/**
 * A plan that must not be carried out: no step of it is, because whoever made one step wrong may have erred in the others. A
 * failure that the plan had anyway is kept, being the reason that people can do something about.
 */
export function refusedPlan<Step>(plan: Plan<Step>, step: string, why: string): Plan<Step> {
  const detail = `The plan was stopped by the safety check: ${why}.`;
  return {
    steps: [],
    notes: plan.notes,
    failure: plan.failure ?? { kind: 'refused', step, detail },
    owned: { gained: [], lost: [] },
  };
}
