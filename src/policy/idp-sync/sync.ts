import { admission } from './allow-list.js';
import type { ReadClaims } from './claim-values.js';
import { untouched, type Read } from './decision.js';
import { claimedGroups, type ClaimedGroup, type GroupInOrganization } from './groups.js';
import { claimedOrganizations, type KnownOrganizations } from './organizations.js';
import { claimedRoles, claimedSiteRoles } from './roles.js';
import type { IdpSyncRules } from './settings.js';

/** What the rules need to know of Coder and of the person. */
export interface SyncWorld extends KnownOrganizations {
  /** Ids of the organizations that the person is in; they count where the claims do not decide. */
  readonly present: readonly string[];
  /** Ids of the organizations that other sources state: the person is in them whatever the claims say. */
  readonly others: readonly string[];
  groups(organizationId: string): readonly GroupInOrganization[];
  /** Names of the roles that members can have, without the implied one. */
  roles(organizationId: string): readonly string[];
}

/** What a person's claims come to, all in all. */
export interface SyncedAccess {
  readonly organizations: Read<string>;
  readonly siteRoles: Read<string>;
  /** Of each organization that the person is in afterwards. */
  readonly inOrganizations: ReadonlyMap<
    string,
    { readonly groups: Read<ClaimedGroup>; readonly roles: Read<string> }
  >;
}

/**
 * Coder's order at a login: who may come in, organizations, then groups and roles in each organization that the person is in
 * by then. What fails Coder's login changes nothing at all.
 */
export function syncedAccess(rules: IdpSyncRules, read: ReadClaims, world: SyncWorld): SyncedAccess {
  const organizations = claimedOrganizations(rules.organization, read, world);
  const siteRoles = claimedSiteRoles(rules.site, read);
  const refusal = loginRefusal(rules, read, organizations, siteRoles);
  if (refusal !== null) {
    const why = `Coder would refuse the login: ${refusal}`;
    const both = { groups: untouched<ClaimedGroup>(why), roles: untouched<string>(why) };
    const ids = new Set([...world.present, ...world.others]);
    return {
      organizations: untouched(why),
      siteRoles: untouched(why),
      inOrganizations: new Map([...ids].map((id) => [id, both])),
    };
  }
  const then =
    organizations.kind === 'untouched' ? world.present : organizations.wanted.map(({ value }) => value);
  const inOrganizations = new Map(
    [...new Set([...then, ...world.others])].map((id) => [id, within(id, rules, read, world)]),
  );
  return { organizations, siteRoles, inOrganizations };
}

function loginRefusal(
  rules: IdpSyncRules,
  read: ReadClaims,
  ...reads: readonly Read<string>[]
): string | null {
  const allowed = admission(rules.allowList, read);
  if (!allowed.admitted && !allowed.withheld) return allowed.why;
  for (const one of reads) if (one.kind === 'untouched' && one.refusesLogin) return one.why;
  return null;
}

function within(
  id: string,
  rules: IdpSyncRules,
  read: ReadClaims,
  world: SyncWorld,
): { readonly groups: Read<ClaimedGroup>; readonly roles: Read<string> } {
  const settings = rules.organizations.get(id);
  if (!settings) {
    const why = 'the settings of this organization are not known';
    return { groups: untouched(why), roles: untouched(why) };
  }
  return {
    groups: claimedGroups(settings.group, read, { groups: world.groups(id) }),
    roles: claimedRoles(settings.role, read, { roles: world.roles(id) }),
  };
}
