import type { UserStep } from './plan.js';
import type { UserView } from './view.js';

/**
 * What is left of somebody who leaves beside the account: API tokens and running workspaces, as far as the policy has them looked
 * for. Coder refuses the calls of a suspended account, and leaves both as they are.
 */
export function offboardingSteps(view: UserView): readonly UserStep[] {
  const tokens = (view.tokens ?? []).map((keyId): UserStep => {
    return { do: 'revokeToken', keyId, reason: 'the person has left, and the policy revokes API tokens' };
  });
  const workspaces = (view.workspaces ?? []).map((workspaceId): UserStep => {
    return {
      do: 'stopWorkspace',
      workspaceId,
      reason: 'the person has left, and the policy stops workspaces',
    };
  });
  return [...tokens, ...workspaces];
}
