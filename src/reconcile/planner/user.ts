import type { CoderUser } from '../../coder/index.js';
import { fold } from '../../common/index.js';
import type { Link, UserTarget } from '../../directory/index.js';
import { freeUsername, fullNameFor, isUsernameFor } from '../../policy/index.js';
import { madeByIntent, refusesSingleSignOn, SHIELD_TEXT, shieldOf, type Shield } from './accounts.js';
import type { Note, Plan, UserStep } from './plan.js';
import { failed, planOf, without } from './results.js';
import type { PlanContext, UserView } from './view.js';

/**
 * What is to be done in Coder so that a user is there as the directory states it. Pure; the same input gives the same plan,
 * and a plan that was carried out gives no further steps.
 */
export function planUser(target: UserTarget, view: UserView, context: PlanContext): Plan<UserStep> {
  if (target.link === null) return planUnlinked(target, view.sameEmail, context);
  if (view.account === null) {
    return planOf<UserStep>([{ do: 'forgetLink', reason: 'the account is gone from Coder' }]);
  }
  return planAccount(target, view.account, target.link.origin, context);
}

function planUnlinked(target: UserTarget, found: CoderUser | null, context: PlanContext): Plan<UserStep> {
  // An account of the bridge's own making must not be left behind, whatever became of the user since.
  if (found !== null && madeByIntent(target.intent, found, context.policy)) {
    return planAdoption(target, found, 'created', context);
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
    ? planAdoption(target, found, 'adopted', context)
    : planCreation(target, target.email, context);
}

function planCreation(target: UserTarget, email: string, context: PlanContext): Plan<UserStep> {
  const { policy, organizationId, takenUsernames } = context;
  const name = fullNameFor(target.fullName);
  const request = {
    email,
    username: freeUsername(target.userName, target.id, (username) => takenUsernames.has(username)),
    ...(name === '' ? {} : { name }),
    login_type: policy.loginType,
    user_status: policy.newUserStatus,
    organization_ids: [organizationId],
  };
  return planOf<UserStep>([{ do: 'createUser', request, reason: 'the user is active and has no account' }]);
}

function planAdoption(
  target: UserTarget,
  account: CoderUser,
  origin: Link['origin'],
  context: PlanContext,
): Plan<UserStep> {
  const shield = shieldOf(account, context);
  if (shield === 'self' || (shield === 'protected' && origin === 'adopted')) {
    const detail = `Coder has an account with this email address that is not adopted: ${SHIELD_TEXT[shield]}.`;
    return failed('refused', 'adoptUser', detail);
  }
  const reason =
    origin === 'created'
      ? 'the account was made by the bridge, whose call got no answer'
      : 'an account with the same email address exists';
  const rest = planAccount(target, account, origin, context);
  // What is not adopted is not owned either.
  if (rest.failure !== undefined) return { ...rest, owned: { gained: [], lost: [] } };
  return { ...rest, steps: [{ do: 'adoptUser', user: account, origin, reason }, ...rest.steps] };
}

/** The steps for an existing account that is linked, or is so by the step before. */
function planAccount(
  target: UserTarget,
  account: CoderUser,
  origin: Link['origin'],
  context: PlanContext,
): Plan<UserStep> {
  const owned = ownership(target, account, context);
  const shield = shieldOf(account, context);
  const losses = lossSteps(target, account, context);
  if (losses.length > 0 && shield === 'owner') {
    const detail =
      'The account was not suspended or deleted: it has the site role owner. Take that role away in Coder first.';
    return failed('refused', losses[0]?.do ?? 'suspendUser', detail, owned);
  }
  const notes: Note[] = [];
  if (losses.length > 0 && shield !== null) notes.push(shieldNote(shield, 'suspended'));
  const steps = shield === null ? [...losses] : [];
  if (!target.deleted) {
    steps.push(
      ...gainSteps(target, account, context),
      ...profileSteps(target, account, shield, context, notes),
    );
    notes.push(...driftNotes(target, account, origin, context));
  }
  return planOf(steps, notes, owned);
}

function lossSteps(target: UserTarget, account: CoderUser, context: PlanContext): readonly UserStep[] {
  if (target.active && !target.deleted) return [];
  const reason = target.deleted
    ? 'the user was deleted in the directory'
    : 'the user is inactive in the directory';
  const steps: UserStep[] = account.status === 'suspended' ? [] : [{ do: 'suspendUser', reason }];
  if (target.deleted && context.policy.deleteUsers === 'delete') {
    steps.push({ do: 'deleteUser', reason }, { do: 'forgetLink', reason });
  }
  return steps;
}

function gainSteps(target: UserTarget, account: CoderUser, context: PlanContext): readonly UserStep[] {
  const { organizationId } = context;
  const steps: UserStep[] = [];
  // Dormant satisfies active: the person's next login wakes it, and until then it takes no licence seat.
  if (target.active && account.status === 'suspended') {
    steps.push({ do: 'activateUser', reason: 'the user is active in the directory' });
  }
  if (!account.organization_ids.includes(organizationId)) {
    steps.push({
      do: 'joinOrganization',
      organizationId,
      reason: "the user belongs to the connection's organization",
    });
  }
  return steps;
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
  if (isUsernameFor(account.username, target.userName, target.id)) return account.username;
  return freeUsername(target.userName, target.id, (username) => context.takenUsernames.has(username));
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
  const stated = target.deleted ? [] : [context.organizationId];
  const seen = stated.filter((id) => actual.has(id));
  return {
    gained: without(seen, new Set(target.ownedOrganizations)),
    lost: without(target.ownedOrganizations, actual),
  };
}
