import type { CoderUser } from '../../../coder/index.js';
import { fold } from '../../../common/index.js';
import type { Link, UserTarget } from '../../../directory/index.js';
import { freeUsername, fullNameFor, isUsernameFor } from '../../../policy/index.js';
import { accessFailure, accessNotes, accessSteps, roleOwnership, wantedAccess } from './access.js';
import { adoptionEvidence, adoptionRefusal, awaitsApproval } from './adoption.js';
import { madeByIntent, refusesSingleSignOn, SHIELD_TEXT, shieldOf, type Shield } from './accounts.js';
import type { Note, Plan, UserStep } from '../plan.js';
import { logoutNotes, logoutSteps, offboardingSteps } from './offboarding.js';
import { failed, planOf, without } from '../results.js';
import type { PlanContext, UserView } from '../view.js';

/**
 * What is to be done in Coder so that a user is there as the directory states it. Pure; the same input gives the same plan,
 * and a plan that was carried out gives no further steps.
 */
export function planUser(target: UserTarget, view: UserView, context: PlanContext): Plan<UserStep> {
  if (target.link === null) return planUnlinked(target, view, context);
  if (view.account === null) {
    return planOf<UserStep>([{ do: 'forgetLink', reason: 'the account is gone from Coder' }]);
  }
  return planAccount(target, view.account, view, target.link.origin, context);
}

function planUnlinked(target: UserTarget, view: UserView, context: PlanContext): Plan<UserStep> {
  const found = view.sameEmail;
  // An account of the bridge's own making must not be left behind, whatever became of the user since.
  if (found !== null && madeByIntent(target.intent, found, context.policy)) {
    return planAdoption(target, found, view, 'created', context);
  }
  if (target.deleted || !target.active) return planOf<UserStep>([]);
  if (target.email === null) {
    return failed('invalidValue', 'createUser', 'The user has no email address, which Coder requires.');
  }
  if (target.emailClaimedBy !== null) {
    return failed(
      'uniqueness',
      'createUser',
      'Another user of the directory has the same email address and came first.',
    );
  }
  // With an open intent the account found may be one of the intent's email that somebody else made.
  return found !== null && fold(found.email) === fold(target.email)
    ? planAdoption(target, found, view, 'adopted', context)
    : planCreation(target, target.email, context);
}

function planCreation(target: UserTarget, email: string, context: PlanContext): Plan<UserStep> {
  const { policy, takenUsernames } = context;
  const wanted = wantedAccess(target, context);
  // Coder makes no account without an organization.
  const nowhere = accessFailure(target, context);
  if (wanted.organizationIds.length === 0 && nowhere) return { ...planOf<UserStep>([]), failure: nowhere };
  const full = context.seatsLeft !== null && context.seatsLeft <= 0;
  if (full && policy.whenSeatsRunOut === 'refuse') {
    return failed(
      'refused',
      'createUser',
      'The licence of Coder has no seat left, and the policy then refuses new users.',
    );
  }
  const name = fullNameFor(target.fullName);
  const request = {
    email,
    username: freeUsername(usernameSource(target), target.id, (username) => takenUsernames.has(username)),
    ...(name === '' ? {} : { name }),
    login_type: policy.loginType,
    user_status: full ? ('dormant' as const) : policy.newUserStatus,
    organization_ids: [...wanted.organizationIds],
  };
  const reason =
    full && policy.newUserStatus === 'active'
      ? 'the user is active and has no account; dormant, because the licence has no seat left'
      : 'the user is active and has no account';
  return planOf<UserStep>([{ do: 'createUser', request, reason }]);
}

function planAdoption(
  target: UserTarget,
  account: CoderUser,
  view: UserView,
  origin: Link['origin'],
  context: PlanContext,
): Plan<UserStep> {
  const refusal = adoptionRefusal(account, origin, context);
  if (refusal !== null) return refusal;
  const reason =
    origin === 'created'
      ? 'the account was made by the bridge, whose call got no answer'
      : 'an account with the same email address exists';
  const rest = planAccount(target, account, view, origin, context);
  // What is not adopted is not owned either.
  if (rest.failure !== undefined && rest.steps.length === 0) {
    return { ...rest, owned: { gained: [], lost: [] }, ownedRoles: { gained: [], lost: [] } };
  }
  const waits = origin === 'adopted' && awaitsApproval(target, account, context);
  const awaits = waits ? { awaits: adoptionEvidence(target, account, context) } : {};
  return { ...rest, steps: [{ do: 'adoptUser', user: account, origin, ...awaits, reason }, ...rest.steps] };
}

/** The steps for an existing account that is linked, or is so by the step before. */
function planAccount(
  target: UserTarget,
  account: CoderUser,
  view: UserView,
  origin: Link['origin'],
  context: PlanContext,
): Plan<UserStep> {
  const owned = ownership(target, account, context);
  const ownedRoles = roleOwnership(target, account, view, context);
  const shield = shieldOf(account, context);
  const access = accessSteps(target, account, view, shield, context);
  const losses = lossSteps(target, account, view, context);
  if (losses.length > 0 && shield === 'owner') {
    const detail =
      'The account was not suspended or deleted: it has the site role owner. Take that role away in Coder first.';
    return { ...failed('refused', losses[0]?.do ?? 'suspendUser', detail, owned), ownedRoles };
  }
  const notes: Note[] = [];
  if (losses.length > 0 && shield !== null) notes.push(shieldNote(shield, 'suspended'));
  const steps = [...access.losses];
  if (shield === null) steps.unshift(...losses);
  if (!target.deleted) {
    // Before anything is gained, a return above all.
    if (target.active) steps.unshift(...logoutSteps(target, view));
    notes.push(...logoutNotes(target, account, context));
    steps.push(
      ...gainSteps(target, account),
      ...access.joins,
      ...profileSteps(target, account, shield, context, notes),
      ...quietHoursSteps(target, view),
      ...access.grants,
    );
    notes.push(...driftNotes(target, account, origin, context), ...accessNotes(target, context));
    notes.push(...seatNotes(account, origin, context));
  }
  const failure = accessFailure(target, context);
  return { ...planOf(steps, notes, owned), ownedRoles, ...(failure && { failure }) };
}

function lossSteps(
  target: UserTarget,
  account: CoderUser,
  view: UserView,
  context: PlanContext,
): readonly UserStep[] {
  if (target.active && !target.deleted) return [];
  const reason = target.deleted
    ? 'the user was deleted in the directory'
    : 'the user is inactive in the directory';
  const steps: UserStep[] = account.status === 'suspended' ? [] : [{ do: 'suspendUser', reason }];
  steps.push(...offboardingSteps(view));
  if (target.deleted && context.policy.deleteUsers === 'delete') {
    steps.push({ do: 'deleteUser', reason }, { do: 'forgetLink', reason });
  }
  return steps;
}

/** Dormant satisfies active: the person's next login wakes it, and until then it takes no licence seat. */
function gainSteps(target: UserTarget, account: CoderUser): readonly UserStep[] {
  if (!target.active || account.status !== 'suspended') return [];
  return [{ do: 'activateUser', reason: 'the user is active in the directory' }];
}

/** Once they were stated and are withdrawn again they stay: Coder has no way to unset them. */
function quietHoursSteps(target: UserTarget, view: UserView): readonly UserStep[] {
  const { quietHours: schedule } = target.access;
  if (schedule === undefined || view.quietHours === undefined || view.quietHours === schedule) return [];
  return [{ do: 'setQuietHours', schedule, reason: 'the quiet hours differ' }];
}

/** Coder itself never enforces the limit: it only warns. */
function seatNotes(account: CoderUser, origin: Link['origin'], context: PlanContext): readonly Note[] {
  const full = context.seatsLeft !== null && context.seatsLeft <= 0;
  const wouldBe = context.policy.newUserStatus === 'active' && account.status === 'dormant';
  if (!full || origin !== 'created' || !wouldBe) return [];
  return [
    {
      note: 'seats',
      detail: 'The licence of Coder has no seat left: the account was made dormant, and not active.',
    },
  ];
}

/** The username that the person is to have: the one that is stated for Coder, else it is derived from the userName. */
function usernameSource(target: UserTarget): string {
  return target.access.username ?? target.userName;
}

/** Coder replaces username and name together, and clears a name that is not sent: so both are always in the step. */
function profileSteps(
  target: UserTarget,
  account: CoderUser,
  shield: Shield | null,
  context: PlanContext,
  notes: Note[],
): readonly UserStep[] {
  const name = fullNameFor(target.fullName) || (account.name ?? '');
  let username = wantedUsername(target, account, context);
  if (username !== account.username && shield !== null) {
    notes.push(shieldNote(shield, 'renamed'));
    username = account.username;
  }
  if (username === account.username && name === (account.name ?? '')) return [];
  const reason = username === account.username ? 'the name differs' : 'the username follows the userName';
  return [{ do: 'updateProfile', username, name, reason }];
}

function wantedUsername(target: UserTarget, account: CoderUser, context: PlanContext): string {
  // Entra ID renames whom it puts into its recycle bin, and back: nobody needs a new name in Coder while locked out.
  if (!context.policy.renameUsers || !target.active) return account.username;
  if (isUsernameFor(account.username, usernameSource(target), target.id)) return account.username;
  return freeUsername(usernameSource(target), target.id, (username) => context.takenUsernames.has(username));
}

function driftNotes(
  target: UserTarget,
  account: CoderUser,
  origin: Link['origin'],
  context: PlanContext,
): readonly Note[] {
  const notes: Note[] = [];
  if (target.email !== null && fold(target.email) !== fold(account.email)) {
    notes.push({
      note: 'emailDrift',
      detail:
        "The email address differs; Coder's API cannot change it, the person's next login by OIDC does.",
      personal: { stated: target.email, coder: account.email },
    });
  }
  if (origin === 'adopted' && refusesSingleSignOn(account, context.policy)) {
    const detail = `The adopted account has login type ${account.login_type}: a login by ${context.policy.loginType} is refused.`;
    notes.push({ note: 'loginType', detail });
  }
  return notes;
}

function shieldNote(shield: Shield, what: 'suspended' | 'renamed'): Note {
  return { note: 'protected', detail: `The account was not ${what}: ${SHIELD_TEXT[shield]}.` };
}

function ownership(target: UserTarget, account: CoderUser, context: PlanContext): Plan<UserStep>['owned'] {
  const actual = new Set(account.organization_ids);
  const stated = wantedAccess(target, context).organizationIds;
  const seen = stated.filter((id) => actual.has(id));
  return {
    gained: without(seen, new Set(target.ownedOrganizations)),
    lost: without(target.ownedOrganizations, actual),
  };
}
