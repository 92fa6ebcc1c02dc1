import type { CoderUser } from '../../../coder/index.js';
import { fold } from '../../../common/index.js';
import type { PolicyConfig } from '../../../config/index.js';
import { matchesAny } from '../../../policy/index.js';
import type { Intent } from '../../../directory/index.js';
import type { PlanContext } from '../view.js';

/** How far the Date header, by which an intent is dated, and Coder's created_at may lie apart. */
const CLOCK_SLACK_MS = 5_000;

/** Why an account is never suspended, deleted or renamed. */
export type Shield = 'self' | 'protected' | 'owner';

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

/** The strongest shield of an account; null for ordinary ones. */
export function shieldOf(account: CoderUser, context: PlanContext): Shield | null {
  if (account.id === context.selfId) return 'self';
  if (isProtected(account, context.policy)) return 'protected';
  return account.roles.some((role) => role.name === 'owner' && !role.organization_id) ? 'owner' : null;
}

/** What a shield is, for people. */
export const SHIELD_TEXT: Readonly<Record<Shield, string>> = {
  self: "the account is the bridge's own",
  protected: 'the account is protected by policy',
  owner: 'the account has the site role owner',
};

/**
 * Whether an account is the one that this intent's creation made, its answer having been lost: the email and the username
 * it was sent with, and not older than it. Anything else is somebody else's.
 */
export function madeByIntent(intent: Intent | null, account: CoderUser, policy: PolicyConfig): boolean {
  if (intent === null) return false;
  const loginTypeFits = !account.login_type || account.login_type === policy.loginType;
  return (
    fold(account.email) === fold(intent.key) &&
    fold(account.username) === fold(intent.name) &&
    loginTypeFits &&
    Date.parse(account.created_at) >= Date.parse(intent.sentAt) - CLOCK_SLACK_MS
  );
}

/** Whether somebody who comes by single sign-on is refused by Coder ("incorrect login type") at this account. */
export function refusesSingleSignOn(account: CoderUser, policy: PolicyConfig): boolean {
  const singleSignOn = policy.loginType === 'oidc' || policy.loginType === 'github';
  return singleSignOn && Boolean(account.login_type) && account.login_type !== policy.loginType;
}

function isProtected(account: CoderUser, policy: PolicyConfig): boolean {
  return [account.username, account.email].some((name) => matchesAny(fold(name), policy.protectedUsers));
}
