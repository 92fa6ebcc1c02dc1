import { claimedKey } from '../../../common/index.js';
import type { ClaimedMembership, DecidedClaims, TiedSubject } from '../../../directory/index.js';
import { GROUP_NAME_LIMIT, isCoderGroupName, syncedAccess } from '../../../policy/index.js';
import type {
  ClaimedGroup,
  Decision,
  GroupInOrganization,
  IdpSyncRules,
  Read,
  ReadClaims,
} from '../../../policy/index.js';
import { decidedIn, NOTHING_WITHIN, rememberable } from './remembered.js';
import type { ClaimedNothing, Decided, Places } from './remembered.js';

export type { ClaimedNothing } from './remembered.js';

/** A fact that claims state. */
export type ClaimedFact = Decision<string> & {
  /** Of whose claims. */
  readonly subjectId: string;
  /** Coder's id; null: of the whole site. */
  readonly organizationId: string | null;
};

/** What the claims of a user come to, added up over the subjects. */
export interface ClaimedAccess {
  /** Their `value` is Coder's id. */
  readonly organizations: readonly ClaimedFact[];
  readonly siteRoles: readonly ClaimedFact[];
  readonly organizationRoles: readonly ClaimedFact[];
  readonly groups: readonly (ClaimedMembership & { readonly subjectId: string })[];
  readonly nothing: readonly ClaimedNothing[];
  /** To be remembered. */
  readonly decided: readonly DecidedClaims[];
  /** A group is missing on a list from before the claims came: it has to be looked for again soon. */
  readonly isBehind?: boolean;
}

export const NOTHING_CLAIMED: ClaimedAccess = {
  organizations: [],
  siteRoles: [],
  organizationRoles: [],
  groups: [],
  nothing: [],
  decided: [],
};

/** What deciding on claims needs to know. */
export interface ClaimsWorld extends Places {
  readonly rules: IdpSyncRules;
  /** Null: Coder shows none. */
  readonly defaultOrganizationId: string | null;
  /** Ids of organizations that other sources state. */
  readonly others: readonly string[];
  /** Null: they could not be listed. */
  groups(organizationId: string): readonly GroupInOrganization[] | null;
  roles(organizationId: string): readonly string[];
  /** The claims as the configured paths read them. */
  read(claims: ReadClaims): ReadClaims;
  /** Why the bridge leaves a group of this name alone; null: it does not. */
  protection(groupName: string): string | null;
}

/**
 * Decides on a user's claims by Coder's rules. A part that is untouched (its claim cannot be read, or its sync is off) stays what it
 * last came to. Pure.
 */
export function decideOnClaims(subjects: readonly TiedSubject[], world: ClaimsWorld): ClaimedAccess {
  const parts = subjects.map((subject) => decideOn(subject, world));
  return {
    organizations: parts.flatMap((part) => part.organizations),
    siteRoles: parts.flatMap((part) => part.siteRoles),
    organizationRoles: parts.flatMap((part) => part.organizationRoles),
    groups: parts.flatMap((part) => part.groups),
    nothing: parts.flatMap((part) => part.nothing),
    decided: parts.flatMap((part) => part.decided),
  };
}

/** Ids of organizations in whose groups the claims put somebody when they were last decided on. */
export function rememberedPlaces(subjects: readonly TiedSubject[]): string[] {
  return subjects.flatMap(({ decided }) =>
    [...decidedIn(decided).within].flatMap(([id, { groups }]) => (groups.length > 0 ? [id] : [])),
  );
}

/** What the claims last came to, for whoever must not wait until they are decided on. Memberships of groups stay as they are recorded. */
export function rememberedClaims(subjects: readonly TiedSubject[]): ClaimedAccess {
  const parts = subjects.map(({ id, decided }) => ({ subjectId: id, ...decidedIn(decided) }));
  const facts = (
    list: readonly Decision<string>[],
    subjectId: string,
    organizationId: string | null,
  ): ClaimedFact[] => list.map((decision) => ({ ...decision, subjectId, organizationId }));
  return {
    ...NOTHING_CLAIMED,
    organizations: parts.flatMap((part) => facts(part.organizations, part.subjectId, null)),
    siteRoles: parts.flatMap((part) => facts(part.siteRoles, part.subjectId, null)),
    organizationRoles: parts.flatMap(({ within, subjectId }) =>
      [...within].flatMap(([organizationId, { roles }]) => facts(roles, subjectId, organizationId)),
    ),
  };
}

/** The groups, each once. */
export function membershipsOf({ groups }: ClaimedAccess): ClaimedMembership[] {
  const once = new Map<string, ClaimedMembership>();
  for (const { coderId, organizationId, name, because } of groups) {
    const group = { coderId, organizationId, name, because };
    if (!once.has(claimedKey(group))) once.set(claimedKey(group), group);
  }
  return [...once.values()];
}

function decideOn(subject: TiedSubject, world: ClaimsWorld): ClaimedAccess {
  const before = decidedIn(subject.decided);
  const nothing: ClaimedNothing[] = [];
  const settle = <T>(
    read: Read<T>,
    of: ClaimedNothing['of'],
    organizationId: string | null,
    otherwise: readonly Decision<T>[],
  ): readonly Decision<T>[] => {
    const about = { subjectId: subject.id, of, organizationId };
    if (read.kind === 'untouched') {
      nothing.push({ ...about, value: null, why: read.why });
      return otherwise;
    }
    nothing.push(...read.dropped.map(({ value, why }) => ({ ...about, value, why })));
    if (read.note !== undefined) nothing.push({ ...about, value: null, why: read.note });
    return read.wanted;
  };
  const synced = syncedAccess(world.rules, world.read(subject), {
    defaultOrganizationId: world.defaultOrganizationId ?? '',
    exists: (id) => world.organizationId(id) !== null,
    present: [...before.organizations.map(({ value }) => value), ...world.others],
    others: world.others,
    groups: (id) => world.groups(id) ?? [],
    roles: (id) => world.roles(id),
  });
  const decided: Decided = {
    organizations: settle(synced.organizations, 'organizations', null, before.organizations),
    siteRoles: settle(synced.siteRoles, 'siteRoles', null, before.siteRoles),
    within: new Map(
      [...synced.inOrganizations].map(([id, { groups, roles }]) => {
        const kept = before.within.get(id) ?? NOTHING_WITHIN;
        return [
          id,
          {
            groups: settle(groups, 'groups', id, kept.groups),
            roles: settle(roles, 'organizationRoles', id, kept.roles),
          },
        ];
      }),
    ),
  };
  return accessOf(subject.id, decided, nothing, world);
}

function accessOf(
  subjectId: string,
  { organizations, siteRoles, within }: Decided,
  nothing: ClaimedNothing[],
  world: ClaimsWorld,
): ClaimedAccess {
  const fact = (organizationId: string | null) => (decision: Decision<string>) => ({
    ...decision,
    subjectId,
    organizationId,
  });
  const groups = [...within].flatMap(([organizationId, part]) =>
    part.groups.flatMap((decision) => {
      const group = placed(decision.value, organizationId, world);
      const about = { subjectId, of: 'groups', organizationId } as const;
      if ('why' in group) nothing.push({ ...about, ...group });
      return 'why' in group ? [] : [{ ...group, because: decision.because, subjectId }];
    }),
  );
  return {
    organizations: organizations.flatMap(({ value, because }) => {
      const id = world.organizationId(value);
      return id === null ? [] : [fact(null)({ value: id, because })];
    }),
    siteRoles: siteRoles.map(fact(null)),
    organizationRoles: [...within].flatMap(([id, { roles }]) => roles.map(fact(id))),
    groups,
    nothing,
    decided: [
      {
        subjectId,
        decided: {
          ...rememberable({ organizations, siteRoles, within }, nothing, world),
          missing: missingIn(nothing),
        },
        missingGroups: missingIn(nothing),
      },
    ],
  };
}

/** Where a group that claims call for is, or why it comes to nothing after all. */
function placed(
  group: ClaimedGroup,
  organizationId: string,
  world: ClaimsWorld,
): Omit<ClaimedMembership, 'because'> | { readonly value: string; readonly why: string } {
  const known = world.groups(organizationId);
  if (known === null && 'id' in group) return { coderId: group.id, organizationId, name: group.id };
  // One that was to be made may be there by now.
  const found = known?.find((one) => ('id' in group ? one.id === group.id : one.name === group.create));
  if (found === undefined && 'id' in group)
    return { value: group.id, why: 'the organization has no such group any more' };
  const name = found?.name ?? ('create' in group ? group.create : '');
  if (found?.id === organizationId)
    return { value: name, why: 'everybody in the organization is in Everyone' };
  const protection = world.protection(name);
  if (protection !== null) return { value: name, why: protection };
  if (found === undefined && !isCoderGroupName(name))
    return { value: name, why: 'the group is to be made, and Coder does not take this name for one' };
  return { coderId: found?.id ?? null, organizationId, name: name.slice(0, 2 * GROUP_NAME_LIMIT) };
}

/** More than this many are not waited for. */
const MOST_MISSING = 500;

/** Values that no group answers to now: one may come. */
function missingIn(nothing: readonly ClaimedNothing[]): string[] {
  const values = nothing.flatMap(({ of, value }) =>
    of === 'groups' && value !== null && value.length <= GROUP_NAME_LIMIT ? [value] : [],
  );
  return [...new Set(values)].slice(0, MOST_MISSING).toSorted();
}
