import type { CoderGroup, CreateGroupRequest, PatchGroupRequest } from '../../../coder/index.js';
import { fold } from '../../../common/index.js';
import type { PolicyConfig } from '../../../config/index.js';
import type { Failure, GroupTarget } from '../../../directory/index.js';
import { displayNameFor, matchesAny } from '../../../policy/index.js';

/** Coder keeps quotas in 32 bits, and cuts larger ones down without a word. */
const LARGEST_QUOTA = 2 ** 31 - 1;

/** Whether the policy keeps a group of this name in Coder from every change. */
export function isProtectedGroup(name: string, policy: Pick<PolicyConfig, 'protectedGroups'>): boolean {
  return matchesAny(fold(name), policy.protectedGroups);
}

/** The group that every member of an organization is in; it has the organization's id. */
export function isEveryone({ id, organization_id: organizationId }: CoderGroup): boolean {
  return id === organizationId;
}

/** What a new group is made with, as far as it is stated. */
export function newGroup(target: GroupTarget, name: string): CreateGroupRequest {
  const displayName = displayNameFor(target.displayName);
  const { avatarUrl } = target.settings;
  const { quota } = statedQuota(target);
  // A creation that was announced is asked for once more as it was, so that whichever is carried out is known again.
  const announced = target.intent?.name === name ? (target.intent.quotaAllowance ?? 0) : quota;
  return {
    name,
    ...(displayName !== '' && { display_name: displayName }),
    ...(avatarUrl !== undefined && { avatar_url: avatarUrl }),
    ...(announced !== undefined && announced !== 0 && { quota_allowance: announced }),
  };
}

/** What of the display name, the quota and the picture is to change. What was never stated is left alone. */
export function attributeChanges(
  target: GroupTarget,
  seen: Pick<CoderGroup, 'display_name' | 'quota_allowance' | 'avatar_url'>,
): { readonly attributes: PatchGroupRequest; readonly failure?: Failure } {
  const displayName = displayNameFor(target.displayName);
  const { avatarUrl } = target.settings;
  const { quota, failure } = statedQuota(target);
  const attributes: PatchGroupRequest = {
    ...(displayName !== '' && displayName !== (seen.display_name ?? '') && { display_name: displayName }),
    ...(avatarUrl !== undefined && avatarUrl !== (seen.avatar_url ?? '') && { avatar_url: avatarUrl }),
    ...(quota !== undefined && quota !== seen.quota_allowance && { quota_allowance: quota }),
  };
  return { attributes, ...(failure && { failure }) };
}

function statedQuota({ settings }: GroupTarget): { readonly quota?: number; readonly failure?: Failure } {
  const { quotaAllowance: quota } = settings;
  if (quota === undefined) return {};
  if (Number.isInteger(quota) && quota >= 0 && quota <= LARGEST_QUOTA) return { quota };
  const detail = `The quota allowance must be a whole number from 0 to ${LARGEST_QUOTA}.`;
  return { failure: { kind: 'invalidValue', step: 'patchGroup', detail } };
}
