import type { CoderUser } from '../../coder/index.js';
import { fold, isJsonObject } from '../../common/index.js';
import type { Link, UserTarget } from '../../directory/index.js';
import { freeUsername } from '../../policy/index.js';
import { refusesSingleSignOn, SHIELD_TEXT, shieldOf, type Shield } from './accounts.js';
import type { Plan, UserStep } from './plan.js';
import { failed } from './results.js';
import type { PlanContext } from './view.js';

/**
 * What speaks for and against taking an account over; what a person is shown before approving it. The email addresses are
 * equal, or there would be nothing to adopt.
 */
export interface AdoptionEvidence {
  readonly accountId: string;
  readonly username: string;
  readonly email: string;
  /** Whether the username is the one that the user would have been given. */
  readonly usernameEqual: boolean;
  readonly status: string;
  /** Null: this Coder does not say. */
  readonly loginType: string | null;
  /** Coder refuses single sign-on at this account. */
  readonly refusesSso: boolean;
  readonly shield: Shield | null;
}

export function adoptionEvidence(
  target: Pick<UserTarget, 'id' | 'userName' | 'access'>,
  account: CoderUser,
  context: PlanContext,
): AdoptionEvidence {
  const expected = freeUsername(target.access.username ?? target.userName, target.id, () => false);
  return {
    accountId: account.id,
    username: account.username,
    email: account.email,
    usernameEqual: fold(expected) === fold(account.username),
    status: account.status,
    loginType: account.login_type || null,
    refusesSso: refusesSingleSignOn(account, context.policy),
    shield: shieldOf(account, context),
  };
}

/**
 * Why an account of the same email is not taken over; null: it may be, if need be once somebody has approved it. One of the bridge's
 * own making is its own whatever the policy says.
 */
export function adoptionRefusal(
  account: CoderUser,
  origin: Link['origin'],
  context: PlanContext,
): Plan<UserStep> | null {
  const shield = shieldOf(account, context);
  if (shield === 'self' || (shield === 'protected' && origin === 'adopted')) {
    const detail = `Coder has an account with this email address that is not adopted: ${SHIELD_TEXT[shield]}.`;
    return failed('refused', 'adoptUser', detail);
  }
  if (origin === 'adopted' && context.policy.adoptUsers === 'never') {
    const detail =
      'Coder has an account with this email address that somebody else made, and the policy adopts none.';
    return failed('uniqueness', 'adoptUser', detail);
  }
  return null;
}

/** Whether a person has to approve the adoption, and has not approved that of this very account. */
export function awaitsApproval(
  target: Pick<UserTarget, 'approvedPlan'>,
  account: CoderUser,
  { policy }: PlanContext,
): boolean {
  if (policy.adoptUsers !== 'approve') return false;
  const approved = target.approvedPlan?.['adopts'];
  return !isJsonObject(approved) || approved['accountId'] !== account.id;
}
