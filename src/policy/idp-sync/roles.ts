import { SITE_ROLES } from '../access.js';
import { claimValues, mapped, type ClaimValues, type ReadClaims } from './claim-values.js';
import { Decisions, shown, untouched, type Read } from './decision.js';
import {
  isUnread,
  type RoleSyncSettings,
  type SiteRoleSettings,
  type SyncMapping,
  type Unread,
} from './settings.js';

/**
 * Roles in one organization that the claims call for, sorted; all others are to be taken. A value means what the mapping
 * says (an empty list: nothing), else the role of that name. What is no role there is left out.
 */
export function claimedRoles(
  settings: RoleSyncSettings | Unread,
  read: ReadClaims,
  /** Names of the roles that members of the organization can have, without the implied one. */
  organization: { readonly roles: readonly string[] },
): Read<string> {
  if (isUnread(settings)) return untouched(settings.unread);
  if (settings.field === '') return untouched('role sync has no field: it is off');
  const claim = claimValues(read, settings.field);
  if (claim.kind === 'unreadable') return untouched(claim.why);
  const known = new Set(organization.roles);
  return decide(settings, claim, new Decisions<string>(), (role) => {
    if (known.has(role)) return null;
    if (role === 'organization-member') return 'every member has it';
    return SITE_ROLES.has(role) ? 'it is a role of the site' : 'the organization has no such role';
  });
}

/**
 * Roles of the site that the claims call for, sorted: the defaults, and what values mean. One that Coder cannot read fails
 * its login.
 */
export function claimedSiteRoles(settings: SiteRoleSettings | Unread, read: ReadClaims): Read<string> {
  if (isUnread(settings)) return untouched(settings.unread);
  if (settings.field === '') return untouched('the sync of site roles has no field: it is off');
  const claim = claimValues(read, settings.field);
  if (claim.kind === 'unreadable') {
    return { ...untouched<string>(claim.why), ...(claim.cause === 'parse' && { refusesLogin: true }) };
  }
  const refusal = (role: string): string | null => {
    if (SITE_ROLES.has(role)) return null;
    return role === 'member' ? 'everybody has it' : 'it is no role of the site';
  };
  const found = new Decisions<string>();
  for (const role of settings.defaults) add(found, role, role, 'a default for everybody', refusal);
  return decide(settings, claim, found, refusal);
}

/** @param refusal why a name is no role that can be given; null: it is one */
function decide(
  { field, mapping }: { readonly field: string; readonly mapping: SyncMapping },
  claim: Exclude<ClaimValues, { kind: 'unreadable' }>,
  found: Decisions<string>,
  refusal: (role: string) => string | null,
): Read<string> {
  if (claim.kind === 'missing') return sorted(found.read(`the claim ${shown(field)} is missing`));
  for (const value of claim.values) {
    const roles = mapped(mapping, value);
    if (roles?.length === 0) found.drop(value, 'it is mapped to nothing');
    const how = roles ? 'mapped' : 'the role of this name';
    for (const role of roles ?? [value]) {
      add(found, value, role, `claim ${shown(field)}, value ${shown(value)}: ${how}`, refusal);
    }
  }
  return sorted(found.read());
}

function add(
  found: Decisions<string>,
  value: string,
  role: string,
  because: string,
  refusal: (role: string) => string | null,
): void {
  const why = refusal(role);
  if (why === null) found.want(role, role, because);
  else found.drop(value, role === value ? why : `${shown(role)}: ${why}`);
}

function sorted(read: Read<string>): Read<string> {
  if (read.kind === 'untouched') return read;
  return {
    ...read,
    wanted: read.wanted.toSorted((left, right) =>
      left.value < right.value ? -1 : Number(left.value > right.value),
    ),
  };
}
