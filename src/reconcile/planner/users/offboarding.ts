import type { CoderUser } from '../../../coder/index.js';
import type { UserTarget } from '../../../directory/index.js';
import { SHIELD_TEXT, shieldOf } from './accounts.js';
import type { Note, UserStep } from '../plan.js';
import type { PlanContext, UserView } from '../view.js';

/**
 * What is left of somebody who leaves beside the account: API tokens and running workspaces, as far as the policy has them looked
 * for. Coder refuses the calls of a suspended account, and leaves both as they are.
 */
export function offboardingSteps(view: UserView): readonly UserStep[] {
  const workspaces = (view.workspaces ?? []).map((workspaceId): UserStep => {
    return {
      do: 'stopWorkspace',
      workspaceId,
      reason: 'the person has left, and the policy stops workspaces',
    };
  });
  if (view.keys instanceof Date) return [...olderTokens(view), ...workspaces];
  const tokens = (view.tokens ?? []).map((keyId): UserStep => {
    return { do: 'revokeToken', keyId, reason: 'the person has left, and the policy revokes API tokens' };
  });
  return [...tokens, ...workspaces];
}

/** API tokens of somebody who stays, and whom the provider logged out. */
export function logoutSteps({ keysUntil }: UserTarget, view: UserView): readonly UserStep[] {
  const seen = keysUntil !== null && view.keys instanceof Date;
  return seen && view.keys.getTime() === keysUntil.getTime() ? olderTokens(view) : [];
}

function olderTokens({ tokens = [] }: UserView): UserStep[] {
  const reason = 'the provider logged the person out, and the policy then revokes API tokens';
  return tokens.map((keyId) => ({ do: 'revokeToken', keyId, loggedOut: true, reason }));
}

/** Whether a logout leaves the account alone. An owner is logged out as anybody: that takes no right away. */
export function keepsKeys(account: CoderUser, context: PlanContext): boolean {
  const shield = shieldOf(account, context);
  return shield === 'self' || shield === 'protected';
}

/** That a logout leaves the account alone, for people. */
export function logoutNotes(
  { keysUntil }: UserTarget,
  account: CoderUser,
  context: PlanContext,
): readonly Note[] {
  const shield = shieldOf(account, context);
  if (keysUntil === null || shield === null || !keepsKeys(account, context)) return [];
  const detail = `The person was logged out, and the API tokens were not revoked: ${SHIELD_TEXT[shield]}.`;
  return [{ note: 'keysKept', detail }];
}
