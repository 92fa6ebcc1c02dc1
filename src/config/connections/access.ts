import { fold, type AccessRules, type Grant } from '../../common/index.js';
import type { PolicyConfig } from '../policy.js';
import type { GrantSettings, PolicySettings, RulesSettings } from './policy-settings.js';

/** The policy of a connection: what the file says, else what the environment does. */
export function policyOf(settings: PolicySettings | undefined, usual: PolicyConfig): PolicyConfig {
  if (settings == null) return usual;
  const { protectedUsers, protectedGroups, siteRoles, organizationRoles, ...plain } = settings;
  const stated = Object.fromEntries(Object.entries(plain).filter(([, value]) => value != null));
  return {
    ...usual,
    ...stated,
    ...(protectedUsers != null && { protectedUsers: list(protectedUsers).map(fold) }),
    ...(protectedGroups != null && { protectedGroups: list(protectedGroups).map(fold) }),
    ...(siteRoles != null && { siteRoles: list(siteRoles) }),
    ...(organizationRoles != null && { organizationRoles: list(organizationRoles) }),
  };
}

export const NO_RULES: AccessRules = { groups: new Map(), roles: new Map() };

export function rulesOf(settings: RulesSettings | undefined): AccessRules {
  if (settings == null) return NO_RULES;
  return { groups: grants(settings.groups), roles: grants(settings.roles) };
}

/** By folded names, as SCIM compares them. Of two names that differ in case alone both count. */
function grants(settings: Readonly<Record<string, GrantSettings>> | null | undefined): Map<string, Grant> {
  const found = new Map<string, Grant>();
  for (const [name, stated] of Object.entries(settings ?? {})) {
    const grant = grantOf(stated);
    const other = found.get(fold(name));
    found.set(fold(name), other ? merged(other, grant) : grant);
  }
  return found;
}

function grantOf({ siteRoles, organizations, organizationRoles }: GrantSettings): Grant {
  return {
    siteRoles: list(siteRoles),
    organizations: list(organizations),
    organizationRoles: isMapping(organizationRoles)
      ? Object.entries(organizationRoles).flatMap(([organization, roles]) =>
          list(roles).map((role) => ({ organization, role })),
        )
      : list(organizationRoles).map((role) => ({ role })),
  };
}

function isMapping(
  value: GrantSettings['organizationRoles'],
): value is Readonly<Record<string, string | string[]>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merged(left: Grant, right: Grant): Grant {
  return {
    siteRoles: [...left.siteRoles, ...right.siteRoles],
    organizations: [...left.organizations, ...right.organizations],
    organizationRoles: [...left.organizationRoles, ...right.organizationRoles],
  };
}

function list(stated: string | readonly string[] | null | undefined): readonly string[] {
  return typeof stated === 'string' ? [stated] : (stated ?? []);
}
