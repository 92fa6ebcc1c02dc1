import { fold } from '../../common/index.js';
import type { TargetStore, UserTarget } from '../../directory/index.js';
import { stateClaims } from '../claims/state-claims.js';
import type { Contexts } from '../contexts.js';
import { planUser } from '../planner/index.js';
import type { Plan, PlanContext, UserStep } from '../planner/index.js';
import { guardUser, withoutLosses } from '../safety/index.js';
import type { LossGate } from '../loss-gate.js';
import type { RunSession } from '../session.js';
import { finish, isDone } from '../finish.js';
import type { Finished } from '../finish.js';
import type { Refused, UserApplier } from './apply-user.js';
import type { UserDetails } from './details.js';
import { GroupsFirst, lookAgainMs } from './groups-first.js';
import { keepUser } from './known-user.js';
import type { UserObserver } from './observe-user.js';
import { covers } from './observed-user.js';
import type { ObservedUser } from './observed-user.js';

/** More steps than any user needs: a plan that never comes to rest is a fault, not a loop. */
const MAX_STEPS = 25;

/** Between two looks at workspaces that are about to stop. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/**
 * Brings one user to what is desired: look, plan, do the first step, plan again from what was seen, until nothing is left.
 * Planning is pure and cheap, so every step is decided on the newest knowledge, and a push that arrives meanwhile counts.
 */
export class UserRun {
  private readonly groupsFirst: GroupsFirst;

  constructor(
    private readonly store: TargetStore,
    private readonly observer: UserObserver,
    private readonly applier: UserApplier,
    private readonly details: UserDetails,
    private readonly contexts: Pick<Contexts, 'of'>,
    private readonly gate: LossGate,
  ) {
    this.groupsFirst = new GroupsFirst(store);
  }

  /** @throws CoderError, LeaseLost */
  async run(session: RunSession): Promise<Finished | { readonly waitMs: number }> {
    const refused: Refused = { taken: new Set(), refusedRoles: new Map() };
    let target = await this.read(session);
    if (isDone(target)) return { settled: null, idle: true };
    session.reading(target);
    // Nothing that Coder has to be asked about claims may hold up a suspension: they are decided on after it.
    let suspends = !target.active && target.subjects.length > 0;
    let context = await this.context(session, target, refused, suspends);
    let view = await this.observer.observe(target, session);
    for (let step = 0; step < MAX_STEPS;) {
      session.reading(target);
      await this.followName(session, target, view);
      view = await this.details.complete(session, target, view, context);
      const plan = guardUser(planUser(target, view, context), target, view, context);
      // At once: groups take only whom the organization is known to have. And Coder took them along with one that was lost.
      if (target.link && view.fresh) await session.own(ownership(plan));
      if (session.trusting && needsLook(plan)) {
        if (await this.mustWait(target, view, plan, context))
          return { waitMs: await this.untilInGroups(session, target, view) };
        session.surprise();
        view = await this.observer.observe(target, session);
        continue;
      }
      if (plan.steps.length === 0 && suspends) {
        suspends = false;
        context = await this.context(session, target, refused, false);
        continue;
      }
      if (plan.steps.length === 0) {
        const waitMs = plan.failure ? 0 : await this.untilDown(session, view);
        if (waitMs > 0) return { waitMs };
        const known = view.fresh && !target.deleted ? keepUser(view) : undefined;
        const revoked = revokedUntil(target, view);
        const finished = await finish(session, target, plan, ownership(plan), false, known, revoked);
        return { ...finished, idle: !view.fresh };
      }
      const [todo] = await this.gate.admit(session, target, plan, () => withoutLosses(plan));
      if (!todo) return { settled: null, held: true };
      const now = await this.groupsFirst.now(target, view, todo, context);
      if (now === null) return { waitMs: await this.untilInGroups(session, target, view) };
      // Of tokens and workspaces there may be any number, each of which is taken once.
      if (todo.do !== 'revokeToken' && todo.do !== 'stopWorkspace') step += 1;
      view = await this.applier.apply(session, target, view, now, refused);
      const again: UserTarget | null = await this.store.readUser(session.id);
      if (isDone(again)) return { settled: null };
      // A push that came meanwhile may name other organizations, or claim something else.
      if (again.desired !== target.desired) {
        suspends = !again.active && again.subjects.length > 0;
        context = await this.context(session, again, refused, suspends);
      }
      target = again;
    }
    throw new Error(`user ${session.id}: the plan does not come to rest`);
  }

  /** Whether nothing can be done before groups are there, so that Coder need not even be looked at. */
  private async mustWait(
    target: UserTarget,
    view: ObservedUser,
    { steps: [next], failure }: Plan<UserStep>,
    context: PlanContext,
  ): Promise<boolean> {
    if (!next || failure) return false;
    return (await this.groupsFirst.now(target, view, next, context)) === null;
  }

  /** Until groups on their way are there, nothing else being left to do. What is seen is kept, so that Coder is not asked again. */
  private async untilInGroups(session: RunSession, target: UserTarget, view: ObservedUser): Promise<number> {
    const waitMs = lookAgainMs(target);
    await session.putOff(waitMs, false, view.fresh ? keepUser(view) : undefined);
    return waitMs;
  }

  /** The user with the claims that were kept until now. */
  private async read(session: RunSession): Promise<UserTarget | null> {
    const target = await this.store.readUser(session.id);
    if (!target?.hasKeptClaims || isDone(target)) return target;
    await this.store.tieKeptClaims(session.id);
    return this.store.readUser(session.id);
  }

  /** Workspaces of somebody who leaves stop in their own time: how that ended is looked at later, less and less often. */
  private async untilDown(session: RunSession, { leaving }: ObservedUser): Promise<number> {
    if (leaving === undefined || leaving.busy.length === 0) return 0;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** session.tries, LONGEST_WAIT_MS);
    await session.putOff(waitMs, true);
    return waitMs;
  }

  /** The link keeps the account's present username, by which the account is looked up: somebody may have renamed it. */
  private async followName(
    session: RunSession,
    { link }: UserTarget,
    { account }: ObservedUser,
  ): Promise<void> {
    if (!link || !account || account.id !== link.coderId || account.username === link.coderName) return;
    await session.link(
      { ...link, coderName: account.username },
      {
        action: 'coder.user.renamed',
        facts: { coderId: account.id },
        personal: { username: account.username },
      },
    );
  }

  private async context(
    session: RunSession,
    target: UserTarget,
    { taken, refusedRoles }: Refused,
    remembered: boolean,
  ): Promise<PlanContext> {
    const context = await this.contexts.of(target, remembered ? 'remembered' : 'decided');
    if (!remembered) await stateClaims(session, target, context);
    const has = (username: string): boolean =>
      taken.has(fold(username)) || this.observer.takenUsernames().has(fold(username));
    return { ...context, takenUsernames: { has }, refusedRoles };
  }
}

/**
 * What may not be decided by what was last seen: that something is impossible; a list of roles, which is replaced as a whole, and
 * with it what somebody else granted since; and a return, which an account that is gone from Coder would swallow.
 */
function needsLook({ failure, steps }: Plan<UserStep>): boolean {
  return failure !== undefined || steps.some((step) => step.do === 'setRoles' || step.do === 'activateUser');
}

/** The mark of the logout that is carried out by this run; where there is no account, there are no API tokens. */
function revokedUntil({ keysUntil }: UserTarget, { account, keys }: ObservedUser): Date | undefined {
  if (keysUntil === null || (account !== null && !covers(keys, keysUntil))) return undefined;
  return keysUntil;
}

const ownership = (plan: Plan<UserStep>) => ({ kind: 'organization' as const, ...plan.owned });
