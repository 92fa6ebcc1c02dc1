import type { CoderUser } from '../../../coder/index.js';
import { fold, isJsonObject } from '../../../common/index.js';
import type { Link, UserTarget } from '../../../directory/index.js';
import { freeUsername } from '../../../policy/index.js';
import { refusesSingleSignOn, SHIELD_TEXT, shieldOf, type AdoptionEvidence } from './accounts.js';
import type { Plan, UserStep } from '../plan.js';
import { failed } from '../results.js';
import type { PlanContext } from '../view.js';

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
