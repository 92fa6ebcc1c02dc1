import type { TargetStore, UserTarget } from '../../directory/index.js';
import { homeOf } from '../planner/index.js';
import type { PlanContext, UserStep } from '../planner/index.js';
import type { ObservedUser } from './observed-user.js';

/** Between two looks at whether the groups are there; one that takes the user in brings the next look forward. */
const FIRST_LOOK_MS = 500;
const LONGEST_LOOK_MS = 30_000;

/** Roles are gained after the groups that are on their way: organization, groups, roles. Lost they are at once. */
export class GroupsFirst {
  constructor(private readonly store: Pick<TargetStore, 'groupsOnTheirWay'>) {}

  /**
   * What of a step can be done now: all of it, of a replacement of roles its losses only, or nothing (null).
   *
   * @param view of the account, which tells the organizations whose groups would take it
   */
  async now(
    target: UserTarget,
    view: ObservedUser,
    step: UserStep,
    context: PlanContext,
  ): Promise<UserStep | null> {
    if (step.do !== 'setRoles' || step.gained.length === 0) return step;
    const places = await this.store.groupsOnTheirWay(target.id);
    if (!places.some((place) => concerns(place, step.organizationId, view, context))) return step;
    if (step.lost.length === 0) return null;
    return { ...step, roles: step.roles.filter((role) => !step.gained.includes(role)), gained: [] };
  }
}

/** How long to wait before the groups are looked at again, ms. */
export function lookAgainMs({ now, dirtySince }: Pick<UserTarget, 'now' | 'dirtySince'>): number {
  return Math.min(LONGEST_LOOK_MS, Math.max(FIRST_LOOK_MS, (now - dirtySince) / 2));
}

/** Whether a group there could take the account, and comes before roles in that organization (null: of the site, after all groups). */
function concerns(
  place: string | null,
  organizationId: string | null,
  { account }: ObservedUser,
  context: PlanContext,
): boolean {
  const home = homeOf({ settings: place === null ? {} : { organization: place } }, context);
  if (home === null || account?.organization_ids.includes(home) !== true) return false;
  return organizationId === null || organizationId === home;
}
