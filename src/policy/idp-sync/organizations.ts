import { claimValues, mapped, type ReadClaims } from './claim-values.js';
import { Decisions, shown, untouched, type Read } from './decision.js';
import { isUnread, type OrganizationSyncSettings, type Unread } from './settings.js';

/** What of Coder's organizations the rules need to know. */
export interface KnownOrganizations {
  readonly defaultOrganizationId: string;
  exists(organizationId: string): boolean;
}

/**
 * Ids of the organizations that the claims call for. Values mean what the mapping says and nothing else: organizations are
 * never looked for by name. A missing claim leaves the default one at most; one that Coder cannot read fails its login.
 */
export function claimedOrganizations(
  settings: OrganizationSyncSettings | Unread,
  read: ReadClaims,
  known: KnownOrganizations,
): Read<string> {
  if (isUnread(settings)) return untouched(settings.unread);
  const { field, mapping, assignDefault } = settings;
  if (field === '') return untouched('organization sync has no field: it is off');
  const claim = claimValues(read, field);
  if (claim.kind === 'unreadable') {
    return { ...untouched<string>(claim.why), ...(claim.cause === 'parse' && { refusesLogin: true }) };
  }
  const found = new Decisions<string>();
  const { defaultOrganizationId } = known;
  if (assignDefault) {
    found.want(defaultOrganizationId, defaultOrganizationId, 'everybody is in the default organization');
  }
  if (claim.kind === 'missing') return found.read(`the claim ${shown(field)} is missing`);
  for (const value of claim.values) {
    const ids = mapped(mapping, value);
    if (!ids) found.drop(value, 'the mapping has no such value, and organizations go by the mapping alone');
    else if (ids.length === 0) found.drop(value, 'it is mapped to nothing');
    for (const id of ids ?? []) {
      if (known.exists(id)) found.want(id, id, `claim ${shown(field)}, value ${shown(value)}: mapped`);
      else found.drop(value, `it is mapped to the organization ${id}, which does not exist`);
    }
  }
  return found.read();
}
