import { isJsonObject } from '../common/index.js';
import type { SafetyBudget } from '../config/index.js';
import type { GroupTarget, LossBudget, UserTarget } from '../directory/index.js';
import type { AdoptionEvidence, GroupStep, Plan, UserStep } from './planner/index.js';
import { budgetAllows, losses, lossesOf, lossesWithin, planHash } from './safety/index.js';
import type { Losses } from './safety/index.js';
import type { RunSession } from './session.js';

/**
 * The last gate before Coder: in dry-run nothing passes; losses over the safety budget are held for a person's word, while
 * gains go on; an adoption that has to be approved is held with all that follows from it.
 */
export class LossGate {
  constructor(
    private readonly budget: LossBudget,
    private readonly limit: SafetyBudget | undefined,
    private readonly dryRun: boolean,
  ) {}

  /**
   * @param gains the plan without its losses
   * @returns the steps that may be carried out now; none when the version is held
   */
  async admit<S extends UserStep | GroupStep>(
    session: RunSession,
    target: UserTarget | GroupTarget,
    plan: Plan<S>,
    gains: () => Plan<S>,
  ): Promise<readonly S[]> {
    const adopts = awaitedAdoption(plan);
    if (this.dryRun) return this.hold(session, target, plan, { dryRun: true, ...adopts });
    if (adopts) return this.hold(session, target, plan, adopts);
    const count = losses(plan);
    if (count === 0 || !this.limit || session.admitted === target.desired) return plan.steps;
    const approved = approvedLosses(target);
    // A plan that is carried out step by step shrinks: what is left of an approved one needs no second word.
    if ((approved && lossesWithin(plan, approved)) || (await this.reserve(target, count))) {
      session.admitted = target.desired;
      return plan.steps;
    }
    const { steps } = gains();
    return steps.length > 0 ? steps : this.hold(session, target, plan, { losses: count });
  }

  private reserve(target: UserTarget | GroupTarget, count: number): Promise<boolean> {
    return this.budget.reserve(target.id, target.desired, count, (window) =>
      budgetAllows({ ...window, budget: this.limit }, count),
    );
  }

  /** Holds the version, with the plan that a person is shown. */
  private async hold<S extends UserStep | GroupStep>(
    session: RunSession,
    target: UserTarget | GroupTarget,
    plan: Plan<S>,
    why: Record<string, unknown>,
  ): Promise<readonly S[]> {
    const steps = plan.steps.map(({ do: name, reason }) => ({ do: name, reason }));
    await session.hold(target.desired, { ...why, hash: planHash(plan), steps, takes: lossesOf(plan) });
    return [];
  }
}

/** The account that a person has to let be adopted, with what speaks for and against it; the approval names it. */
function awaitedAdoption(plan: Plan<UserStep | GroupStep>): { readonly adopts: AdoptionEvidence } | null {
  for (const step of plan.steps) if (step.do === 'adoptUser' && step.awaits) return { adopts: step.awaits };
  return null;
}

/** What the approved plan takes away, as the gate wrote it when it held that plan. */
function approvedLosses({ approvedPlan }: UserTarget | GroupTarget): Losses | null {
  const takes = approvedPlan?.['takes'];
  return isJsonObject(takes) ? (takes as Losses) : null;
}
