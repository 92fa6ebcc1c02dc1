import { claimValues, mapped, type ReadClaims } from './claim-values.js';
import { Decisions, shown, untouched, type Read } from './decision.js';
import { compileFilter, type CompiledFilter } from './regex.js';
import { isUnread, type GroupSyncSettings, type Unread } from './settings.js';

/** A group that is there, or one to be made: Coder inserts the raw name, past its own rules for names. */
export type ClaimedGroup = { readonly id: string } | { readonly create: string };

/** A group of the organization. */
export interface GroupInOrganization {
  readonly id: string;
  readonly name: string;
}

/** The one group that all are in. Nobody joins or leaves it, and no other can have its name. */
const EVERYONE = 'Everyone';

/**
 * Groups of one organization that the claims call for; all others of that organization are to be left. A value is renamed,
 * then filtered, then means what the mapping says (an empty list: nothing), else the group of exactly that name.
 */
export function claimedGroups(
  settings: GroupSyncSettings | Unread,
  read: ReadClaims,
  organization: { readonly groups: readonly GroupInOrganization[] },
): Read<ClaimedGroup> {
  if (isUnread(settings)) return untouched(settings.unread);
  const { field, regexFilter } = settings;
  if (field === '') return untouched('group sync has no field: it is off');
  const claim = claimValues(read, field);
  if (claim.kind === 'unreadable') return untouched(claim.why);
  const filter = regexFilter === null ? null : compileFilter(regexFilter);
  if (filter && 'refused' in filter) {
    return untouched(`the filter ${shown(regexFilter ?? '')} is none that RE2 takes: ${filter.refused}`);
  }
  if (claim.kind === 'missing')
    return new Decisions<ClaimedGroup>().read(`the claim ${shown(field)} is missing`);
  return decide(settings, claim.values, filter, organization.groups);
}

function decide(
  settings: GroupSyncSettings,
  values: readonly string[],
  filter: Exclude<CompiledFilter, { refused: string }> | null,
  groups: readonly GroupInOrganization[],
): Read<ClaimedGroup> {
  const found = new Decisions<ClaimedGroup>();
  const byName = new Map(groups.map((group) => [group.name, group]));
  const byId = new Map(groups.map((group) => [group.id.toLowerCase(), group]));
  for (const value of values) {
    const renamed = mapped(settings.legacyMapping, value);
    const name = renamed ?? value;
    const because = `claim ${shown(settings.field)}, value ${shown(value)}${renamed === undefined ? '' : `, renamed to ${shown(name)}`}`;
    if (filter && !filter.matches(name)) {
      found.drop(value, `${shown(name)} does not match the filter ${shown(settings.regexFilter ?? '')}`);
      continue;
    }
    const ids = mapped(settings.mapping, name);
    if (ids) fromMapping(found, value, ids, byId, because);
    else fromName(found, value, name, byName.get(name), settings.autoCreate, because);
  }
  return found.read();
}

function fromMapping(
  found: Decisions<ClaimedGroup>,
  value: string,
  ids: readonly string[],
  byId: ReadonlyMap<string, GroupInOrganization>,
  because: string,
): void {
  if (ids.length === 0) found.drop(value, 'it is mapped to nothing');
  for (const id of ids) {
    const group = byId.get(id.toLowerCase());
    if (!group) found.drop(value, `it is mapped to the group ${id}, which this organization does not have`);
    else if (group.name === EVERYONE) found.drop(value, 'everybody in the organization is in Everyone');
    else found.want(group.id, { id: group.id }, `${because}: mapped to the group ${shown(group.name)}`);
  }
}

function fromName(
  found: Decisions<ClaimedGroup>,
  value: string,
  name: string,
  group: GroupInOrganization | undefined,
  autoCreate: boolean,
  because: string,
): void {
  if (name === EVERYONE) found.drop(value, 'everybody in the organization is in Everyone');
  else if (group) found.want(group.id, { id: group.id }, `${because}: the group of this name`);
  else if (autoCreate) found.want(`new ${name}`, { create: name }, `${because}: a group to be made`);
  else found.drop(value, `the organization has no group ${shown(name)}, and missing groups are not made`);
}
