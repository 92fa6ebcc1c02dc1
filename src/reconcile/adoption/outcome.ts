import type { GroupStep, Plan, UserStep } from '../planner/index.js';

/** What is done about a match under the present policy. */
export interface AdoptionOutcome {
  /** `held`: once a person has approved it. */
  readonly outcome: 'adopted' | 'held' | 'refused' | 'notAdopted';
  readonly detail: string;
  /** What follows at once, by the names of the plan's steps. */
  readonly steps: readonly string[];
}

/** As the planner has it; but nobody else's account or group is taken, of which the planner knows nothing. */
export function ofPlan(
  plan: Plan<UserStep | GroupStep>,
  linkedTo: { readonly connection: string; readonly name: string } | null,
): AdoptionOutcome {
  if (linkedTo !== null) {
    const detail = `It is linked to ${linkedTo.name} of connection ${linkedTo.connection} already.`;
    return { outcome: 'refused', detail, steps: [] };
  }
  const [first, ...rest] = plan.steps;
  if (first?.do !== 'adoptUser' && first?.do !== 'adoptGroup') {
    return {
      outcome: 'refused',
      detail: plan.failure?.detail ?? 'Nothing is to be done about it.',
      steps: [],
    };
  }
  const steps = rest.map((step) => step.do);
  const held = first.do === 'adoptUser' && first.awaits !== undefined;
  return held
    ? { outcome: 'held', detail: 'It waits for approval: idp-bridge adopt --approve.', steps }
    : { outcome: 'adopted', detail: `${first.reason}.`, steps };
}
