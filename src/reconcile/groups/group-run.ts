import type { Failure, GroupTarget, TargetStore } from '../../directory/index.js';
import type { Contexts } from '../contexts.js';
import { finish, isDone } from '../finish.js';
import type { Finished } from '../finish.js';
import type { LossGate } from '../loss-gate.js';
import { planGroup } from '../planner/index.js';
import type { GroupStep, GroupView, Plan, PlanContext } from '../planner/index.js';
import { NOTHING_REFUSED } from '../ports.js';
import type { Refusals } from '../ports.js';
import { guardGroup, withoutLosses } from '../safety/index.js';
import type { RunSession } from '../session.js';
import type { GroupApplier, RefusedMembers } from './apply-group.js';
import type { GroupObserver } from './observe-group.js';
import { patience } from './quiet.js';

/** Steps beyond one PATCH per 100 members: creating, adopting, and chunks that were halved. */
const SPARE_STEPS = 50;
const CHUNK = 100;
/** Refused members whom a failure names. */
const NAMED = 10;

/** As the run of a user; and gains wait for quiet. */
export type GroupFinished = Finished | { readonly waitMs: number };

/** Brings one group to what is desired, step by step, planning anew from what was seen after each. */
export class GroupRun {
  constructor(
    private readonly store: TargetStore,
    private readonly observer: GroupObserver,
    private readonly applier: GroupApplier,
    private readonly contexts: Pick<Contexts, 'of'>,
    private readonly gate: LossGate,
    /** The username of an account, where it is known without asking Coder. */
    private readonly usernameOf: (coderId: string) => string | undefined,
    private readonly refusals: Refusals = NOTHING_REFUSED,
  ) {}

  /** @throws CoderError, LeaseLost */
  async run(session: RunSession): Promise<GroupFinished> {
    const context = await this.context(session);
    if (context === null) return { settled: null, idle: true };
    const { organizationId } = context;
    let target = await this.store.readGroup(session.id, organizationId);
    if (isDone(target)) return { settled: null, idle: true };
    // First of all: what rules grant by the group does not wait for the group itself.
    await session.raiseRuled([...context.rules.groups.keys()]);
    const refusal = this.refusals.groupsRefused();
    if (refusal !== null) return this.refuse(session, target, refusal);
    const { waitMs, busy } = patience(target, session.urgent);
    if (waitMs > 0) return { waitMs };

    const refused: RefusedMembers = { reasons: new Map(), reread: false };
    let view = await this.observer.observe(target, organizationId);
    const most = SPARE_STEPS + Math.ceil((target.members.length + target.ownedMembers.length) / CHUNK) * 3;
    for (let step = 0; step < most; step += 1) {
      session.reading(target);
      const plan = this.plan(target, view, context, refused);
      if (plan.steps.length === 0) return this.finish(session, target, plan, refused, busy);
      const [todo] = await this.gate.admit(session, target, plan, () => withoutLosses(plan));
      if (!todo) return { settled: null, held: true };
      view = await this.applier.apply(session, target, view, todo, organizationId, refused);
      const again: GroupTarget | null = await this.reread(target, todo, organizationId);
      if (isDone(again)) return { settled: null };
      target = again;
    }
    throw new Error(`group ${session.id}: the plan does not come to rest`);
  }

  /** Null: nothing is to be done. A run that fails here is counted and put off like any other. */
  private async context(session: RunSession): Promise<PlanContext | null> {
    const place = await this.store.placeOf(session.id);
    if (isDone(place)) return null;
    session.reading(place);
    const context = await this.contexts.of(place);
    return { ...context, takenUsernames: { has: () => false }, refusedRoles: new Map() };
  }

  /** Fails the target without a call: the reason is said once for all by who knows it, and shown with each. */
  private async refuse(session: RunSession, target: GroupTarget, detail: string): Promise<Finished> {
    session.reading(target);
    await session.fail(target.desired, { kind: 'refused', step: 'licence', detail });
    return { settled: null, idle: true };
  }

  private plan(
    target: GroupTarget,
    view: GroupView,
    context: PlanContext,
    refused: RefusedMembers,
  ): Plan<GroupStep> {
    const reachable = withoutRefused(target, refused);
    return guardGroup(planGroup(reachable, view, context), reachable, view, context);
  }

  /**
   * The target after a step. A PATCH changes nothing of it, so that it is read again (with all its members) only when
   * somebody pushed meanwhile. A loss is planned for at once; gains wait for quiet like any others: the version at hand is
   * brought to its end, and theirs has a run of its own.
   */
  private async reread(
    target: GroupTarget,
    step: GroupStep,
    organizationId: string,
  ): Promise<GroupTarget | null> {
    const same = step.do === 'patchGroup' && step.request.name === undefined;
    if (same && (await this.store.desired(target.id)) === target.desired) return target;
    const again = await this.store.readGroup(target.id, organizationId);
    return same && again && !again.urgent && !again.deleted && !again.paused ? target : again;
  }

  private finish(
    session: RunSession,
    target: GroupTarget,
    plan: Plan<GroupStep>,
    refused: RefusedMembers,
    busy: boolean,
  ): Promise<Finished> {
    const failure = plan.failure ?? this.refusal(target, refused);
    return finish(
      session,
      target,
      failure ? { ...plan, failure } : plan,
      { kind: 'member', ...plan.owned },
      busy,
    );
  }

  /** Names the refused members, so that somebody can see to them. */
  private refusal(target: GroupTarget, { reasons }: RefusedMembers): Failure | undefined {
    const [first] = reasons.values();
    if (first === undefined) return undefined;
    const names = [...reasons.keys()].slice(0, NAMED).map((id) => this.usernameOf(id) ?? id);
    const stated = target.members.filter(({ coderId }) => reasons.has(coderId));
    const more = reasons.size - names.length;
    const list = more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
    return {
      kind: 'refused',
      step: 'patchGroup',
      detail: `Coder refuses ${list} as ${reasons.size === 1 ? 'member' : 'members'} of the group: ${first}`,
      status: 400,
      ...(stated.length === reasons.size ? { members: stated.map(({ userId }) => userId) } : {}),
    };
  }
}

function withoutRefused(target: GroupTarget, { reasons }: RefusedMembers): GroupTarget {
  if (reasons.size === 0) return target;
  return {
    ...target,
    members: target.members.filter(({ coderId }) => !reasons.has(coderId)),
    ownedMembers: target.ownedMembers.filter((id) => !reasons.has(id)),
  };
}
