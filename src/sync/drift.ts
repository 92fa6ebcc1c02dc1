import { setTimeout as sleep } from 'node:timers/promises';

import { ThrottledError } from '../coder/index.js';
import type { CoderGroup } from '../coder/index.js';
import { fold, systemClock } from '../common/index.js';
import type { PolicyConfig } from '../config/index.js';
import type { GroupTarget, UserTarget } from '../directory/index.js';
import { losses, planGroup, planUser, wantedGroupName } from '../reconcile/index.js';
import type {
  AccountIndex,
  DeploymentReader,
  GroupStep,
  Plan,
  PlanContext,
  Refusals,
  UserStep,
} from '../reconcile/index.js';

/** Whether a target differs from Coder, and whether that is access open that should not be. */
export type Difference = 'none' | 'gain' | 'loss';

/**
 * Coder as listed at one moment: users (with their organizations) and the organization's groups (with their members), in one
 * list each. It only tells that something differs; what is done about it the reconciler decides after reading anew.
 */
export class CoderListing {
  private readonly byId: ReadonlyMap<string, CoderGroup>;
  private readonly byName: ReadonlyMap<string, CoderGroup>;

  constructor(
    private readonly accounts: AccountIndex,
    groups: readonly CoderGroup[],
    private readonly context: PlanContext,
  ) {
    this.byId = new Map(groups.map((group) => [group.id, group]));
    this.byName = new Map(groups.map((group) => [group.name, group]));
  }

  user(target: UserTarget): Difference {
    const { link, email } = target;
    const account = link ? (this.accounts.byId(link.coderId) ?? null) : null;
    const sameEmail = !link && email !== null ? (this.accounts.byEmail(fold(email)) ?? null) : null;
    return differenceOf(planUser(target, { account, sameEmail }, this.context));
  }

  group(target: GroupTarget): Difference {
    const group = target.link ? (this.byId.get(target.link.coderId) ?? null) : null;
    if (group && isPartial(group)) return 'none';
    const sameName = target.link ? null : (this.byName.get(wantedGroupName(target)) ?? null);
    return differenceOf(planGroup(target, { group, sameName }, this.context));
  }
}

/** Coder's lists, each whole or not at all. */
export interface CoderLists {
  readonly accounts: { get(maxAgeMs: number): Promise<AccountIndex> };
  readonly groupsOf: (organizationId: string) => {
    get(maxAgeMs: number): Promise<{ all(): Iterable<CoderGroup> }>;
  };
  /** Where Coder keeps no groups, they are not listed, and none differs. */
  readonly refusals?: Refusals;
}

/** Reads the listing. @throws CoderError when any part of it cannot be read whole; nothing follows from a part */
export async function listCoder(
  { accounts, groupsOf, refusals }: CoderLists,
  deployment: Pick<DeploymentReader, 'read' | 'confirmSight'>,
  policy: PolicyConfig,
): Promise<CoderListing & { readonly organizationId: string; readonly withGroups: boolean }> {
  const { organizationId, selfId } = await deployment.read();
  await deployment.confirmSight();
  const index = await whole(accounts);
  const withGroups = (refusals?.groupsRefused() ?? null) === null;
  const groups = withGroups ? [...(await whole(groupsOf(organizationId))).all()] : [];
  const takenUsernames = index.usernames;
  const listing = new CoderListing(index, groups, { policy, organizationId, selfId, takenUsernames });
  return Object.assign(listing, { organizationId, withGroups });
}

/** Longest wait for a list: some hundred pages at Coder's usual rate limit. */
const PATIENCE_MS = 100_000;

/**
 * A list that began no sooner than now. One that the rate limit holds up goes on by itself, and who asks is told to come back:
 * then for the list that has begun since, because a new one would be held up as well, for ever.
 */
async function whole<T>(copy: { get(maxAgeMs: number): Promise<T> }): Promise<T> {
  const begun = systemClock.monotonic();
  for (let age = 0; ; age = systemClock.monotonic() - begun) {
    try {
      return await copy.get(age);
    } catch (error) {
      if (!(error instanceof ThrottledError) || age > PATIENCE_MS) throw error;
      await sleep(error.retryAfterMs);
    }
  }
}

/** A token that may not read all members sees fewer than there are: that is no reason to do anything. */
function isPartial(group: CoderGroup): boolean {
  return group.total_member_count !== undefined && group.members.length < group.total_member_count;
}

function differenceOf(plan: Plan<UserStep> | Plan<GroupStep>): Difference {
  if (plan.steps.length === 0 && plan.owned.gained.length === 0 && plan.owned.lost.length === 0)
    return 'none';
  return losses(plan) > 0 ? 'loss' : 'gain';
}
