import type { CoderUser } from '../../coder/index.js';
import { fold, isJsonObject } from '../../common/index.js';
import type { UserTarget } from '../../directory/index.js';
import { matchesAny } from '../../policy/index.js';
import type { Plan, PlanContext, UserStep, UserView } from '../planner/index.js';
import { refusedPlan } from './refusal.js';

/** What has become of the target by the steps before. */
interface Progress {
  /** The account that the steps are about: linked, or adopted by this plan. */
  account: CoderUser | null;
  /** After a creation, a deletion or a dropped link there is nothing left that a step may touch. */
  ended: 'created' | 'deleted' | 'forgotten' | null;
}

/**
 * The second net under planUser, written apart from it: answers the plan as it is, or one without steps that is `refused`
 * when any step would touch an account that is not the target's, take what is not owned, or suspend, delete or rename the
 * bridge's own account, a protected one or an owner.
 */
export function guardUser(
  plan: Plan<UserStep>,
  target: UserTarget,
  view: UserView,
  context: PlanContext,
): Plan<UserStep> {
  const linked = target.link !== null && view.account?.id === target.link.coderId ? view.account : null;
  const progress: Progress = { account: linked, ended: null };
  for (const step of plan.steps) {
    const why = objection(step, progress, target, view, context);
    if (why !== null) return refusedPlan(plan, step.do, why);
  }
  const present = new Set(progress.account?.organization_ids);
  const stated = statedOrganizations(target, context);
  if (plan.owned.gained.some((id) => !present.has(id) || target.deleted || !stated.has(id))) {
    return refusedPlan(plan, 'own', 'it would own a membership that is not stated or not there');
  }
  return plan;
}

/** Why a step must not be done; null when it may. Moves `progress` on. */
function objection(
  step: UserStep,
  progress: Progress,
  target: UserTarget,
  view: UserView,
  context: PlanContext,
): string | null {
  const { account } = progress;
  if (step.do === 'forgetLink') return forgetting(progress, target, view);
  if (progress.ended !== null) return `the account was ${progress.ended} by a step before`;
  if (step.do === 'createUser')
    return creating(step.request.organization_ids, progress, target, view, context);
  if (step.do === 'adoptUser')
    return unapproved(step, target, context) ?? adopting(step.user, step.origin, progress, target, context);
  if (account === null) return 'the user is not linked to the account';
  return touching(step, account, progress, target, context);
}

function forgetting(progress: Progress, target: UserTarget, view: UserView): string | null {
  if (progress.ended === 'forgotten') return 'there is no link to drop';
  const gone = target.link !== null && view.account === null;
  if (!gone && progress.ended !== 'deleted') return 'it would drop the link to an existing account';
  progress.ended = 'forgotten';
  return null;
}

function creating(
  organizations: readonly string[],
  progress: Progress,
  target: UserTarget,
  view: UserView,
  context: PlanContext,
): string | null {
  if (target.link !== null || progress.account !== null) return 'the user has an account already';
  if (view.sameEmail !== null && target.email !== null && fold(view.sameEmail.email) === fold(target.email)) {
    return 'an account with this email address exists';
  }
  if (target.deleted || !target.active) return 'the user is not active';
  const stated = statedOrganizations(target, context);
  if (organizations.some((id) => !stated.has(id))) return 'the organization is not stated';
  progress.ended = 'created';
  return null;
}

/** A match by email alone is taken over only as the policy says; what awaits a person's word is held by the gate. */
function unapproved(
  { user, origin, awaits }: Extract<UserStep, { do: 'adoptUser' }>,
  { approvedPlan }: UserTarget,
  { policy }: PlanContext,
): string | null {
  if (origin === 'created' || policy.adoptUsers === 'email') return null;
  if (policy.adoptUsers === 'never') return 'the policy adopts no accounts';
  const approved = approvedPlan?.['adopts'];
  const named = isJsonObject(approved) && approved['accountId'] === user.id;
  return awaits || named ? null : 'nobody has approved the adoption';
}

function adopting(
  account: CoderUser,
  origin: 'created' | 'adopted',
  progress: Progress,
  target: UserTarget,
  context: PlanContext,
): string | null {
  if (target.link !== null || progress.account !== null) return 'the user has an account already';
  if (account.id === context.selfId) return "the account is the bridge's own";
  const email = origin === 'created' ? target.intent?.key : target.email;
  if (typeof email !== 'string' || fold(email) !== fold(account.email))
    return 'the account has another email address';
  if (origin === 'adopted' && protectedByName(account, context)) return 'the account is protected';
  if (origin === 'adopted' && (target.deleted || !target.active)) return 'the user is not active';
  progress.account = account;
  return null;
}

function touching(
  step: Exclude<UserStep, { do: 'forgetLink' | 'createUser' | 'adoptUser' }>,
  account: CoderUser,
  progress: Progress,
  target: UserTarget,
  context: PlanContext,
): string | null {
  switch (step.do) {
    case 'suspendUser':
      if (target.active && !target.deleted) return 'the user is active';
      return untouchable(account, context);
    case 'deleteUser':
      if (!target.deleted || context.policy.deleteUsers !== 'delete')
        return 'the policy does not delete accounts';
      progress.ended = 'deleted';
      return untouchable(account, context);
    case 'activateUser':
      return target.active && !target.deleted ? null : 'the user is not active';
    case 'updateProfile':
      if (step.username === account.username) return null;
      return context.policy.renameUsers
        ? untouchable(account, context)
        : 'the policy does not rename accounts';
    case 'joinOrganization':
      return statedOrganizations(target, context).has(step.organizationId)
        ? null
        : 'the organization is not stated';
    case 'leaveOrganization':
      if (!context.policy.strict && !target.ownedOrganizations.includes(step.organizationId))
        return 'the membership is not owned';
      if (step.organizationId === context.organizationId) return "the organization is the connection's own";
      return untouchable(account, context);
    case 'setRoles':
      return replacingRoles(step, account, target, context);
    case 'setQuietHours':
      return step.schedule === target.access.quietHours ? null : 'the schedule is not stated';
    case 'revokeToken':
      if (step.loggedOut) return loggingOut(account, target, context);
      if (target.active && !target.deleted) return 'the user is active';
      return untouchable(account, context);
    case 'stopWorkspace':
      if (target.active && !target.deleted) return 'the user is active';
      return untouchable(account, context);
    default:
      return unknownStep(step);
  }
}

function loggingOut(account: CoderUser, { keysUntil }: UserTarget, context: PlanContext): string | null {
  if (keysUntil === null) return 'nobody was logged out';
  if (account.id === context.selfId) return "the account is the bridge's own";
  return protectedByName(account, context) ? 'the account is protected' : null;
}

/**
 * Nothing is granted that is not on the policy's list, and nothing taken that is not owned. Of an owner whom the bridge did not
 * make one nothing is taken.
 */
function replacingRoles(
  step: Extract<UserStep, { do: 'setRoles' }>,
  account: CoderUser,
  target: UserTarget,
  context: PlanContext,
): string | null {
  const { organizationId, gained, lost } = step;
  const { policy, selfId } = context;
  if (account.id === selfId) return "the account is the bridge's own";
  const listed = organizationId === null ? policy.siteRoles : policy.organizationRoles;
  const may = (role: string): boolean =>
    listed.includes(role) || (listed.includes('*') && (organizationId !== null || role !== 'owner'));
  if (gained.some((role) => !may(role))) return 'the policy does not let the role be granted';
  const owns = (role: string): boolean =>
    target.ownedRoles.some((fact) => fact.organizationId === organizationId && fact.role === role);
  if (!policy.strict && lost.some((role) => !owns(role))) return 'the role is not owned';
  if (lost.length === 0) return null;
  const statedOwner = step.roles.includes('owner') && policy.siteRoles.includes('owner');
  const madeOwner = organizationId === null && (owns('owner') || statedOwner);
  if (!madeOwner) return untouchable(account, context);
  return protectedByName(account, context) ? 'the account is protected' : null;
}

/** The connection's organization, and whatever the IdP or a rule could have named: resolved apart from the planner. */
function statedOrganizations(target: UserTarget, context: PlanContext): ReadonlySet<string> {
  const { access, groups } = target;
  const grants = [
    ...groups.map((name) => context.rules.groups.get(fold(name))),
    ...(access.roles ?? []).map((role) => context.rules.roles.get(fold(role))),
  ];
  const names = [
    ...(access.organizations ?? []),
    ...(access.organizationRoles ?? []).map(({ organization }) => organization),
    ...grants.flatMap((grant) => [
      ...(grant?.organizations ?? []),
      ...(grant?.organizationRoles ?? []).flatMap(({ organization }) => organization ?? []),
    ]),
  ];
  const ids = names.flatMap((name) => context.organizations.idOf(name) ?? []);
  const claimed = context.claimed?.organizations.map(({ value }) => value) ?? [];
  const own = context.organizationId === null ? [] : [context.organizationId];
  return new Set([...own, ...ids, ...claimed]);
}

/** A step of a kind that this check does not know is not let through. */
function unknownStep(step: never): string {
  return `nothing is known of the step ${JSON.stringify((step as UserStep).do)}`;
}

function untouchable(account: CoderUser, context: PlanContext): string | null {
  if (account.id === context.selfId) return "the account is the bridge's own";
  if (protectedByName(account, context)) return 'the account is protected';
  const isOwner = account.roles.some(
    ({ name, organization_id: organization }) => name === 'owner' && !organization,
  );
  return isOwner ? 'the account has the site role owner' : null;
}

function protectedByName(account: CoderUser, context: PlanContext): boolean {
  return [account.username, account.email].some((name) =>
    matchesAny(fold(name), context.policy.protectedUsers),
  );
}
