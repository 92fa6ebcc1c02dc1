import type { Failure, GroupTarget, TargetStore } from '../../directory/index.js';
import type { CoderGroup } from '../../coder/index.js';
import type { Contexts } from '../contexts.js';
import { finish, isDone } from '../finish.js';
import type { Finished } from '../finish.js';
import type { LossGate } from '../loss-gate.js';
import { homeOf, neededTemplates, planGroup } from '../planner/index.js';
import type { GroupStep, GroupView, Plan, PlanContext } from '../planner/index.js';
import { NOTHING_REFUSED } from '../ports.js';
import type { Refusals } from '../ports.js';
import { guardGroup, withoutLosses } from '../safety/index.js';
import type { RunSession } from '../session.js';
import type { GroupApplier, RefusedMembers } from './apply-group.js';
import type { GroupObserver } from './observe-group.js';
import { keepGroup } from './known-group.js';
import { patience } from './quiet.js';
import type { Templates } from './templates.js';

/** Steps beyond one PATCH per 100 members and one per template: creating, adopting, halved chunks, templates of a deleted group. */
const SPARE_STEPS = 250;
const CHUNK = 100;
/** Refused members whom a failure names. */
const NAMED = 10;

/** What is known of a group before it is read. */
interface Place extends Pick<GroupTarget, 'desired' | 'tries'> {
  readonly context: PlanContext;
  /** Coder's id of the organization that it is stated to lie in; null for one that Coder does not have. */
  readonly home: string | null;
  readonly waitMs: number;
  readonly arriving: number;
}

/** As the run of a user; and gains wait for quiet. */
export type GroupFinished = Finished | { readonly waitMs: number };

/** Brings one group to what is desired, step by step, planning anew from what was seen after each. */
export class GroupRun {
  constructor(
    private readonly store: TargetStore,
    private readonly observer: GroupObserver,
    private readonly applier: GroupApplier,
    private readonly templates: Pick<Templates, 'see'>,
    private readonly contexts: Pick<Contexts, 'of'>,
    private readonly gate: LossGate,
    private readonly refusals: Refusals = NOTHING_REFUSED,
  ) {}

  /** @throws CoderError, LeaseLost */
  async run(session: RunSession): Promise<GroupFinished> {
    const place = await this.place(session);
    if (place === null) return { settled: null, idle: true };
    const { context, home } = place;
    // First of all: what rules grant by the group does not wait for the group itself.
    await session.raiseRuled([...context.rules.groups.keys()]);
    if (place.waitMs > 0) return { waitMs: place.waitMs };
    const organizationId = home ?? context.organizationId;
    if (organizationId === null) return this.refuse(session, place, noOrganization(context));
    let target = await this.store.readGroup(session.id, organizationId);
    if (isDone(target)) return { settled: null, idle: true };
    const refusal = this.refusals.groupsRefused();
    if (refusal !== null) {
      return this.refuse(session, target, { kind: 'refused', step: 'licence', detail: refusal });
    }
    const { waitMs, busy } = patience({ ...target, arriving: place.arriving }, session.urgent);
    if (waitMs > 0) return { waitMs };

    const refused: RefusedMembers = { reasons: new Map(), reread: false };
    const { strict } = context.policy;
    let view = await this.observer.observe(target, organizationId, session, strict);
    const relied = session.trusting ? view.group : null;
    const before = view.group;
    if (home === null) target = await this.whereItLies(target, view, organizationId);
    for (let step = 0, most = mostSteps(target); step < most; step += 1) {
      session.reading(target);
      view = await this.withTemplates(session, target, view, context, organizationId);
      const plan = this.plan(target, view, context, refused);
      if (plan.failure && session.trusting) {
        // It may be out of date: Coder is asked before anything is held to be impossible.
        session.surprise();
        view = await this.observer.observe(target, organizationId, session, strict);
        continue;
      }
      if (plan.steps.length === 0) {
        const seen = view.group === relied ? null : view.group;
        const finished = await this.finish(session, target, plan, refused, { busy, seen });
        await this.store.wakeWaiting(newcomers(before, view.group));
        return finished;
      }
      const [todo] = await this.gate.admit(session, target, plan, () => withoutLosses(plan));
      if (!todo) return { settled: null, held: true };
      view = await this.applier.apply(session, target, view, todo, organizationId, refused);
      const again: GroupTarget | null = await this.reread(target, todo, organizationId);
      if (isDone(again)) return { settled: null };
      // A push that came meanwhile may state the group elsewhere, or other templates.
      if (again.settings.organization !== target.settings.organization) return this.run(session);
      if (again.desired !== target.desired) view = { group: view.group, sameName: view.sameName };
      target = again;
    }
    throw new Error(`group ${session.id}: the plan does not come to rest`);
  }

  /** Null: nothing is to be done. A run that fails here is counted and put off like any other. */
  private async place(session: RunSession): Promise<Place | null> {
    const place = await this.store.placeOf(session.id);
    if (isDone(place)) return null;
    session.reading(place);
    const known = await this.contexts.of(place);
    const context = { ...known, takenUsernames: { has: () => false }, refusedRoles: new Map() };
    const { waitMs } = patience(place, session.urgent);
    const { desired, tries, arriving } = place;
    return { desired, tries, context, home: homeOf(place, context), waitMs, arriving };
  }

  /** A group whose stated organization is not known stays where it is, and its members are those of that place. */
  private async whereItLies(
    target: GroupTarget,
    { group }: GroupView,
    organizationId: string,
  ): Promise<GroupTarget> {
    if (group === null || group.organization_id === organizationId) return target;
    const there = await this.store.readGroup(target.id, group.organization_id);
    return there?.desired === target.desired ? there : target;
  }

  /** What was seen once in a run is not looked at again, unless the group is another one or something else is stated. */
  private async withTemplates(
    session: RunSession,
    target: GroupTarget,
    view: GroupView,
    context: PlanContext,
    organizationId: string,
  ): Promise<GroupView> {
    if (view.templates !== undefined) return view;
    const group = view.group ?? view.sameName;
    const needs = neededTemplates(target, group, homeOf(target, context), context);
    if (needs === null) return view;
    const where = group?.organization_id ?? organizationId;
    const { urgent } = session;
    return { ...view, templates: await this.templates.see(where, group?.id ?? null, needs, { urgent }) };
  }

  /** Fails the target without a call: the reason is said once for all by who knows it, and shown with each. */
  private async refuse(
    session: RunSession,
    { desired, tries }: Pick<GroupTarget, 'desired' | 'tries'>,
    failure: Failure,
  ): Promise<Finished> {
    session.reading({ desired, tries });
    await session.fail(desired, failure);
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

  private async finish(
    session: RunSession,
    target: GroupTarget,
    plan: Plan<GroupStep>,
    refused: RefusedMembers,
    { busy, seen }: { readonly busy: boolean; readonly seen: CoderGroup | null },
  ): Promise<Finished> {
    if (plan.ownedTemplates) await session.own({ kind: 'template', ...plan.ownedTemplates });
    const failure = plan.failure ?? (await this.refusal(target, refused));
    const known = seen && !target.deleted ? keepGroup(seen) : undefined;
    const outcome = failure ? { ...plan, failure } : plan;
    return finish(session, target, outcome, { kind: 'member', ...plan.owned }, busy, known);
  }

  /** Names the refused members, so that somebody can see to them. */
  private async refusal(target: GroupTarget, { reasons }: RefusedMembers): Promise<Failure | undefined> {
    const [first] = reasons.values();
    if (first === undefined) return undefined;
    const named = [...reasons.keys()].slice(0, NAMED);
    const usernames = await this.store.usernamesOf(named);
    const names = named.map((id) => usernames.get(id) ?? id);
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

function noOrganization({ organization }: PlanContext): Failure {
  const detail = `Coder has no organization ${JSON.stringify(organization)}, in which the connection lies, or the token may not see it.`;
  return { kind: 'invalidValue', step: 'createGroup', detail };
}

function mostSteps({ members, ownedMembers, settings, ownedTemplates }: GroupTarget): number {
  const templates = (settings.templateRoles ?? []).length + ownedTemplates.length;
  return SPARE_STEPS + Math.ceil((members.length + ownedMembers.length) / CHUNK) * 3 + templates;
}

/** Coder ids of those who have come into the group during the run. */
function newcomers(before: CoderGroup | null, after: CoderGroup | null): string[] {
  if (after === null || after === before) return [];
  const present = new Set(before?.members.map(({ id }) => id));
  return after.members.map(({ id }) => id).filter((id) => !present.has(id));
}

function withoutRefused(target: GroupTarget, { reasons }: RefusedMembers): GroupTarget {
  if (reasons.size === 0) return target;
  return {
    ...target,
    members: target.members.filter(({ coderId }) => !reasons.has(coderId)),
    ownedMembers: target.ownedMembers.filter((id) => !reasons.has(id)),
  };
}
