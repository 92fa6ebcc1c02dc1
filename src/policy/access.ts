import { fold, type AccessRules, type Grant, type StatedAccess } from '../common/index.js';

/** Roles of the whole deployment. `member` is implied, and never listed or granted. */
export const SITE_ROLES: ReadonlySet<string> = new Set(['owner', 'user-admin', 'template-admin', 'auditor']);

/** What decides on a person's access beside the groups themselves. */
export interface AccessSources {
  readonly stated: StatedAccess;
  /** Display names of the groups that the person is in. */
  readonly groups: readonly string[];
  readonly rules: AccessRules;
  /** Roles that may be granted; `*`: all, but for the site role owner, which has to be named. */
  readonly allowed: { readonly siteRoles: readonly string[]; readonly organizationRoles: readonly string[] };
}

/** A role or an organization, and where it comes from. */
export interface Wanted {
  /** Of organizations their name or id; of roles the role. */
  readonly value: string;
  /** Of roles in an organization: its name or id; null: the connection's own. Absent: of the site. */
  readonly organization?: string | null;
  /** For people: `User.roles "auditor"`, `rule of the group "Admins"`. The first of several. */
  readonly because: string;
}

/** What a person is to have in Coder beside groups. */
export interface DesiredAccess {
  /** Beside the connection's own organization. */
  readonly organizations: readonly Wanted[];
  readonly siteRoles: readonly Wanted[];
  readonly organizationRoles: readonly Wanted[];
  /** Stated, and not on the list of roles that may be granted. */
  readonly refused: readonly Wanted[];
}

const NONE: DesiredAccess = { organizations: [], siteRoles: [], organizationRoles: [], refused: [] };

/**
 * Everything that any source states, added up. A value of User.roles is what the rules make of it; without a rule it is a
 * site role of that name, else a role in the connection's organization.
 */
export function desiredAccess({ allowed, ...sources }: AccessSources): DesiredAccess {
  const given = givenAccess(sources);
  if (given.length === 0) return NONE;
  const may = (kind: Kind, role: string): boolean => isAllowed(kind, role, allowed);
  const roles = (kind: Kind): Wanted[] =>
    given.flatMap((one) => (one.kind === kind && may(kind, one.wanted.value) ? [one.wanted] : []));
  return {
    organizations: once(given.flatMap(({ kind, wanted }) => (kind === 'organization' ? [wanted] : []))),
    siteRoles: once(roles('siteRole')),
    organizationRoles: once(roles('organizationRole')),
    refused: once(
      given.flatMap(({ kind, wanted }) =>
        kind !== 'organization' && !may(kind, wanted.value) ? [wanted] : [],
      ),
    ),
  };
}

type Kind = 'organization' | 'siteRole' | 'organizationRole';

/** One thing that one source states. */
export interface Given {
  readonly kind: Kind;
  readonly wanted: Wanted;
  /** Of a rule of a group: that group's name. */
  readonly group?: string;
}

/** Each thing by each source that states it. */
export function givenAccess({ stated, groups, rules }: Omit<AccessSources, 'allowed'>): readonly Given[] {
  return [
    ...fromRoles(stated.roles ?? [], rules),
    ...fromExtension(stated),
    ...groups.flatMap((name) =>
      granted(rules.groups.get(fold(name)), `rule of the group ${quoted(name)}`).map((given) => ({
        ...given,
        group: name,
      })),
    ),
  ];
}

function fromRoles(roles: readonly string[], rules: AccessRules): Given[] {
  return roles.flatMap((role) => {
    const because = `User.roles ${quoted(role)}`;
    const rule = rules.roles.get(fold(role));
    if (rule) return granted(rule, because);
    const site = fold(role);
    return SITE_ROLES.has(site) ? [siteRole(site, because)] : [organizationRole(null, role, because)];
  });
}

function fromExtension({
  siteRoles = [],
  organizations = [],
  organizationRoles = [],
}: StatedAccess): Given[] {
  return [
    ...organizations.map((name) => organization(name, 'User organizations')),
    ...siteRoles.map((role) => siteRole(role, 'User siteRoles')),
    ...organizationRoles.map((one) => organizationRole(one.organization, one.role, 'User organizationRoles')),
  ];
}

function granted(grant: Grant | undefined, because: string): Given[] {
  if (!grant) return [];
  return [
    ...grant.organizations.map((name) => organization(name, because)),
    ...grant.siteRoles.map((role) => siteRole(role, because)),
    ...grant.organizationRoles.map((one) => organizationRole(one.organization ?? null, one.role, because)),
  ];
}

const organization = (value: string, because: string): Given => ({
  kind: 'organization',
  wanted: { value, because },
});
const siteRole = (value: string, because: string): Given => ({
  kind: 'siteRole',
  wanted: { value, because },
});
const organizationRole = (where: string | null, value: string, because: string): Given => ({
  kind: 'organizationRole',
  wanted: { value, organization: where, because },
});

/** Whether the policy lets a role be granted, and taken. */
export function isAllowed(kind: Kind, role: string, allowed: AccessSources['allowed']): boolean {
  if (kind === 'organization') return true;
  if (kind === 'organizationRole')
    return allowed.organizationRoles.some((one) => one === '*' || one === role);
  return allowed.siteRoles.some((one) => one === role || (one === '*' && role !== 'owner'));
}

function once(wanted: readonly Wanted[]): Wanted[] {
  const found = new Map<string, Wanted>();
  for (const one of wanted) {
    const key = JSON.stringify([one.value, one.organization === undefined ? false : one.organization]);
    if (!found.has(key)) found.set(key, one);
  }
  return [...found.values()];
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
