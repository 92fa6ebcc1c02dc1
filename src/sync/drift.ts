import { setTimeout as sleep } from 'node:timers/promises';

import { ThrottledError } from '../coder/index.js';
import type { CoderGroup, CoderUser } from '../coder/index.js';
import { fold, systemClock } from '../common/index.js';
import type { GroupPlace, GroupTarget, UserTarget } from '../directory/index.js';
import {
  claimsDifference,
  homeOf,
  losses,
  neededTemplates,
  needsOrganizationRoles,
  planGroup,
  planUser,
  sameAsKnown,
  sameGroupAsKnown,
  wantedGroupName,
} from '../reconcile/index.js';
import type {
  AccountIndex,
  Contexts,
  DeploymentReader,
  GroupStep,
  Plan,
  PlanContext,
  Refusals,
  SeenTemplates,
  Templates,
  UserStep,
} from '../reconcile/index.js';

/** Whether a target differs from Coder, and whether that is access open that should not be. */
export type Difference = 'none' | 'gain' | 'loss';

/**
 * Coder as listed at one moment: users (with their organizations), and of each organization that a target lies in its groups (with
 * their members) and, where roles are stated, its members' roles; each in one list. It only tells that something differs; what is
 * done about it the reconciler decides after reading anew.
 */
export class CoderListing {
  private readonly groups = new Map<string, Promise<ListedGroups>>();
  private readonly roles = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>();

  private readonly begun = systemClock.monotonic();

  constructor(
    private readonly accounts: AccountIndex,
    private readonly lists: CoderLists,
    private readonly contexts: Pick<Contexts, 'of'>,
    /** Whether Coder keeps groups at all. */
    readonly withGroups: boolean,
  ) {}

  /** @throws CoderError when a list that is needed cannot be read whole */
  async user(target: UserTarget): Promise<Difference> {
    const { link, email } = target;
    const account = link ? (this.accounts.byId(link.coderId) ?? null) : null;
    const sameEmail = !link && email !== null ? (this.accounts.byEmail(fold(email)) ?? null) : null;
    const context = await this.context(target);
    const seen = account && (await this.organizationRoles(target, account, context));
    const view = { account, sameEmail, ...(seen && { organizationRoles: seen }) };
    const planned = differenceOf(planUser(target, view, context));
    return planned === 'loss' ? planned : worst(planned, claimsDifference(target, context.claimed));
  }

  /** @throws CoderError as above */
  async group(target: GroupTarget): Promise<Difference> {
    const context = await this.context(target);
    const organizationId = homeOf(target, context);
    const there = organizationId ?? context.organizationId;
    if (there === null) return 'none';
    const { byId, byName } = await this.groupsIn(there);
    const group = target.link ? (byId.get(target.link.coderId) ?? null) : null;
    if (group && isPartial(group)) return 'none';
    const sameName = target.link ? null : (byName.get(wantedGroupName(target)) ?? null);
    const templates = await this.templates(target, group, context);
    const view = { group, sameName, ...(templates && { templates }) };
    return differenceOf(planGroup(target, view, context));
  }

  /** Whether what is known of a target is what the lists show; null where nothing is known. */
  async confirms(target: UserTarget | GroupTarget): Promise<boolean | null> {
    const { known, link } = target;
    if (known === null || link === null) return null;
    if (target.kind === 'user') {
      const account = this.accounts.byId(link.coderId);
      return account !== undefined && sameAsKnown(known, account);
    }
    const context = await this.context(target);
    const there = homeOf(target, context) ?? context.organizationId;
    if (there === null) return null;
    const group = (await this.groupsIn(there)).byId.get(link.coderId);
    return group !== undefined && sameGroupAsKnown(known, group);
  }

  /** Access to templates is in no list: each template is read by itself, once, and only where a group states or owns some. */
  private async templates(
    target: GroupTarget,
    group: CoderGroup | null,
    context: PlanContext,
  ): Promise<SeenTemplates | null> {
    const needs = group && neededTemplates(target, group, homeOf(target, context), context);
    if (!needs || !this.lists.templates) return null;
    return this.lists.templates.see(group.organization_id, group.id, needs, {}, this.begun);
  }

  /** Coder's id of the organization that a group lies in; null: Coder does not show it. */
  async home(place: GroupPlace): Promise<string | null> {
    const context = await this.contexts.of(place);
    return homeOf(place, context) ?? context.organizationId;
  }

  private async context(target: UserTarget | GroupTarget): Promise<PlanContext> {
    const context = await this.contexts.of(target);
    return { ...context, takenUsernames: this.accounts.usernames, refusedRoles: new Map() };
  }

  private groupsIn(organizationId: string): Promise<ListedGroups> {
    return kept(this.groups, organizationId, async () => {
      const list = [...(await whole(this.lists.groupsOf(organizationId))).all()];
      return {
        byId: new Map(list.map((group) => [group.id, group])),
        byName: new Map(list.map((group) => [group.name, group])),
      };
    });
  }

  private async organizationRoles(
    target: UserTarget,
    account: CoderUser,
    context: PlanContext,
  ): Promise<ReadonlyMap<string, readonly string[]> | null> {
    if (!needsOrganizationRoles(target, context)) return null;
    const found = await Promise.all(
      account.organization_ids.map(async (organizationId) => {
        const roles = await kept(this.roles, organizationId, () => this.lists.rolesIn(organizationId));
        return [organizationId, roles.get(account.id) ?? []] as const;
      }),
    );
    return new Map(found);
  }
}

interface ListedGroups {
  readonly byId: ReadonlyMap<string, CoderGroup>;
  readonly byName: ReadonlyMap<string, CoderGroup>;
}

function kept<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before) return before;
  const reading = read();
  known.set(key, reading);
  return reading;
}

/** Coder's lists, each whole or not at all. */
export interface CoderLists {
  readonly accounts: { get(maxAgeMs: number): Promise<AccountIndex> };
  readonly groupsOf: (organizationId: string) => {
    get(maxAgeMs: number): Promise<{ all(): Iterable<CoderGroup> }>;
  };
  /** Roles that members of an organization have in it, by the user's id. */
  readonly rolesIn: (organizationId: string) => Promise<ReadonlyMap<string, readonly string[]>>;
  /** Where it is missing, access to templates is not compared. */
  readonly templates?: Pick<Templates, 'see'>;
  /** Where Coder keeps no groups, they are not listed, and none differs. */
  readonly refusals?: Refusals;
}

/** Reads the listing. @throws CoderError when any part of it cannot be read whole; nothing follows from a part */
export async function listCoder(
  lists: CoderLists,
  deployment: Pick<DeploymentReader, 'confirmSight'>,
  contexts: Pick<Contexts, 'of'>,
): Promise<CoderListing> {
  await deployment.confirmSight();
  const index = await whole(lists.accounts);
  const withGroups = (lists.refusals?.groupsRefused() ?? null) === null;
  return new CoderListing(index, lists, contexts, withGroups);
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

/** Groups, settings or lists of Coder's may have changed since the claims were decided on. */
function worst(planned: Difference, claimed: Difference): Difference {
  return claimed === 'none' ? planned : claimed;
}

function differenceOf(plan: Plan<UserStep> | Plan<GroupStep>): Difference {
  const facts = [plan.owned, plan.ownedRoles, plan.ownedTemplates];
  const changed = facts.some(
    (change) => change !== undefined && change.gained.length + change.lost.length > 0,
  );
  if (plan.steps.length === 0 && !changed) return 'none';
  return losses(plan) > 0 ? 'loss' : 'gain';
}
