import type { CoderConnection, CoderGroup } from '../../coder/index.js';
import type { Adoptions, GroupTarget, TargetStore } from '../../directory/index.js';
import type { Contexts } from '../contexts.js';
import { homeOf, planGroup, wantedGroupName } from '../planner/index.js';
import type { PlanContext } from '../planner/index.js';
import type { Refusals } from '../ports.js';
import { SNAPSHOT_MAX_AGE_MS } from '../users/observe-user.js';
import { ofPlan } from './outcome.js';
import type { AdoptionOutcome } from './outcome.js';
import { nextOf, ownersOf } from './report.js';
import type { ReportPage, ReportQuery } from './report.js';
import { listing } from './unlisted.js';

/** A group in Coder that has the name which a group of the directory is to have. */
export interface GroupMatch extends AdoptionOutcome {
  readonly id: string;
  readonly connection: string;
  readonly displayName: string;
  readonly group: {
    readonly groupId: string;
    readonly name: string;
    readonly displayName: string;
    readonly source: string;
    readonly members: number;
  };
  readonly linkedTo: { readonly connection: string; readonly name: string } | null;
}

interface Found {
  readonly target: GroupTarget;
  readonly group: CoderGroup;
  readonly context: PlanContext;
}

/** As UserReport, for groups: by name, with one list of each organization's groups. */
export class GroupReport {
  constructor(
    private readonly adoptions: Pick<Adoptions, 'groups' | 'owners'>,
    private readonly store: Pick<TargetStore, 'placeOf' | 'readGroup'>,
    private readonly coder: Pick<CoderConnection, 'groups'>,
    private readonly contexts: Pick<Contexts, 'of'>,
    private readonly refusals: Refusals,
  ) {}

  /** @throws CoderUnlisted */
  page(query: ReportQuery): Promise<ReportPage<GroupMatch>> {
    return listing(this.compare(query));
  }

  private async compare(query: ReportQuery): Promise<ReportPage<GroupMatch>> {
    // Where Coder keeps no groups, there are none to be adopted.
    if (this.refusals.groupsRefused() !== null) return { matches: [], compared: 0, next: null };
    const unlinked = await this.adoptions.groups(query);
    const found: Found[] = [];
    for (const { id } of unlinked) {
      const one = await this.find(id);
      if (one) found.push(one);
    }
    const owners = await ownersOf(
      this.adoptions,
      'group',
      found.map(({ group }) => group.id),
    );
    const matches = found.map((one) => tell(one, owners.get(one.group.id) ?? null));
    return { matches, compared: unlinked.length, next: nextOf(unlinked, query.limit) };
  }

  private async find(id: string): Promise<Found | null> {
    const place = await this.store.placeOf(id);
    if (!place) return null;
    const context: PlanContext = {
      ...(await this.contexts.of(place)),
      takenUsernames: { has: () => false },
      refusedRoles: new Map(),
    };
    const home = homeOf(place, context);
    if (home === null) return null;
    const target = await this.store.readGroup(id, home);
    if (!target || target.link !== null || target.deleted) return null;
    const groups = await this.coder.groups(home).get(SNAPSHOT_MAX_AGE_MS);
    const group = groups.byName(wantedGroupName(target));
    return group ? { target, group, context } : null;
  }
}

function tell({ target, group, context }: Found, linkedTo: GroupMatch['linkedTo']): GroupMatch {
  return {
    id: target.id,
    connection: target.connection,
    displayName: target.displayName,
    group: {
      groupId: group.id,
      name: group.name,
      displayName: group.display_name ?? '',
      source: group.source,
      members: group.total_member_count ?? group.members.length,
    },
    linkedTo,
    ...ofPlan(planGroup(target, { group: null, sameName: group }, context), linkedTo),
  };
}
