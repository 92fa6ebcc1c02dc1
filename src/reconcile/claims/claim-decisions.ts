import { GoneError, RejectedError } from '../../coder/index.js';
import type { GroupsSnapshot } from '../../coder/index.js';
import { claimedKey, fold } from '../../common/index.js';
import type { UserTarget } from '../../directory/index.js';
import { isUnread, matchesAny } from '../../policy/index.js';
import type { GroupInOrganization, IdpSyncRules } from '../../policy/index.js';
import type { SyncSettings } from '../idp-sync/index.js';
import type { Organizations } from '../organizations.js';
import { decideOnClaims, rememberedPlaces, wantedAccess } from '../planner/index.js';
import type { ClaimedAccess, ClaimsWorld, PlanContext } from '../planner/index.js';
import type { RoleNames } from './role-names.js';

/** A list of groups may be this old. */
const LISTED_MS = 30_000;
/** Where a group is missing on a list from before the claims, it is listed anew, but no sooner than this. */
const MISSING_MS = 1_000;

/** The groups of an organization, listed for many decisions. */
type GroupList = Pick<GroupsSnapshot, 'get' | 'stale'>;

/** What planning knows of a connection before it knows of claims. */
type Context = Omit<PlanContext, 'takenUsernames' | 'refusedRoles' | 'claimed'>;

/** Reads what the rules need to know of Coder, and decides on a user's claims by them. */
export class ClaimDecisions {
  constructor(
    private readonly rules: Pick<SyncSettings, 'of' | 'read'>,
    private readonly organizations: Organizations,
    private readonly groupsOf: (organizationId: string) => GroupList,
    private readonly roleNames: Pick<RoleNames, 'of'>,
  ) {}

  /** @throws CoderError where Coder must be asked and cannot */
  async of(target: UserTarget, context: Context): Promise<ClaimedAccess> {
    const changed = target.subjects.flatMap(({ groupsChangedMs }) => groupsChangedMs ?? []);
    const access = await this.decide(target, context, Math.max(0, Math.min(LISTED_MS, ...changed)));
    const since = target.now - target.pushedAt;
    const newer = wasMade(target, access) ? MISSING_MS : since;
    if (!this.isBehind(access, newer)) return access;
    const again = await this.decide(target, context, Math.max(MISSING_MS, newer));
    return { ...again, isBehind: this.isBehind(again, since) };
  }

  /** Whether a group is missing on a list that is older than what was pushed: somebody may have made it a moment ago. */
  private isBehind({ groups, nothing }: ClaimedAccess, sinceMs: number): boolean {
    const places = [
      ...groups.flatMap(({ coderId, organizationId }) => (coderId === null ? [organizationId] : [])),
      ...nothing.flatMap(({ of, value, organizationId }) =>
        of === 'groups' && value !== null && organizationId !== null ? [organizationId] : [],
      ),
    ];
    return [...new Set(places)].some((id) => this.groupsOf(id).stale(sinceMs));
  }

  private async decide(target: UserTarget, context: Context, maxAgeMs: number): Promise<ClaimedAccess> {
    const { connection, subjects } = target;
    const others = wantedAccess(target, {
      ...context,
      takenUsernames: { has: () => false },
      refusedRoles: new Map(),
    }).organizationIds;
    const basis = await this.rules.of(connection, others, target.settingsChangedMs);
    await this.organizations.know(['default', ...mappedOrganizations(basis)]);
    const organizationId = (id: string): string | null => this.organizations.idOf(id);
    const ids = new Set([...others, ...mappedOrganizations(basis).flatMap((id) => organizationId(id) ?? [])]);
    const defaultOrganizationId = organizationId('default') ?? context.organizationId;
    if (defaultOrganizationId !== null) ids.add(defaultOrganizationId);
    const rules = await this.rules.of(connection, [...ids], target.settingsChangedMs);
    const lists = await this.lists(rules, ids, new Set(rememberedPlaces(subjects)), maxAgeMs);
    const world: ClaimsWorld = {
      rules: lists.rules,
      defaultOrganizationId,
      organizationId,
      organizationName: (id) => this.organizations.nameOf(id),
      others,
      groups: (id) => lists.groups.get(id) ?? null,
      roles: (id) => lists.roles.get(id) ?? [],
      read: (claims) => this.rules.read(connection, claims),
      protection: (name) =>
        matchesAny(fold(name), context.policy.protectedGroups) ? 'the group is protected by policy' : null,
    };
    return decideOnClaims(subjects, world);
  }

  /** The lists that the settings call for. What Coder refuses to list is left as it is. */
  private async lists(
    rules: IdpSyncRules,
    ids: ReadonlySet<string>,
    remembered: ReadonlySet<string>,
    maxAgeMs: number,
  ): Promise<Lists> {
    const groups = new Map<string, readonly GroupInOrganization[]>();
    const roles = new Map<string, readonly string[]>();
    const organizations = new Map(rules.organizations);
    for (const id of ids) {
      const settings = organizations.get(id);
      if (!settings) continue;
      const { group, role } = settings;
      const unused = isOff(group) && !remembered.has(id);
      const listed = unused ? [] : await orRefusal(() => this.listGroups(id, maxAgeMs));
      const named = isOff(role) ? [] : await orRefusal(() => this.roleNames.of(id));
      organizations.set(id, {
        group: 'unread' in listed && !isOff(group) ? listed : group,
        role: 'unread' in named ? named : role,
      });
      if (!('unread' in listed)) groups.set(id, listed);
      if (!('unread' in named)) roles.set(id, named);
    }
    return { rules: { ...rules, organizations }, groups, roles };
  }

  private async listGroups(organizationId: string, maxAgeMs: number): Promise<GroupInOrganization[]> {
    const view = await this.groupsOf(organizationId).get(maxAgeMs);
    return [...view.all()].map(({ id, name }) => ({ id, name }));
  }
}

/** Whether a group is to be made that is not recorded as such: it may be one that was made since the list was. */
function wasMade({ claimedGroups }: UserTarget, { groups }: ClaimedAccess): boolean {
  const recorded = new Set(claimedGroups.map(({ key }) => key));
  return recorded.size > 0 && groups.some((one) => one.coderId === null && !recorded.has(claimedKey(one)));
}

interface Lists {
  readonly rules: IdpSyncRules;
  readonly groups: ReadonlyMap<string, readonly GroupInOrganization[]>;
  readonly roles: ReadonlyMap<string, readonly string[]>;
}

function isOff(settings: { readonly field: string } | { readonly unread: string }): boolean {
  return isUnread(settings) || settings.field === '';
}

function mappedOrganizations({ organization }: IdpSyncRules): string[] {
  return isUnread(organization) ? [] : Object.values(organization.mapping).flat();
}

async function orRefusal<T extends object>(list: () => Promise<T>): Promise<T | { readonly unread: string }> {
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof RejectedError || error instanceof GoneError)) throw error;
    return { unread: `Coder does not list them: ${error.message}` };
  }
}
