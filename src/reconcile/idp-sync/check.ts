import { GoneError, RejectedError } from '../../coder/index.js';
import type { CoderClient } from '../../coder/index.js';
import { isUuid } from '../../common/index.js';
import type { ConnectionConfig } from '../../config/index.js';
import { compileFilter, isAllowed, isUnread, SITE_ROLES } from '../../policy/index.js';
import type { GroupSyncSettings, SyncMapping } from '../../policy/index.js';
import {
  titleOf,
  type AllDocuments,
  type ConnectionDocuments,
  type Place,
  type SyncDocument,
} from './documents.js';
import { onInCoder } from './effective.js';

/** Something that a person should look at. */
export interface Finding {
  /** An error does not do what it says; a note is for knowing. */
  readonly severity: 'error' | 'note';
  readonly connection: string;
  /** `groups of coder`. */
  readonly where: string;
  readonly message: string;
}

/** What of Coder's client tells which groups and roles there are. */
export type NamesSource = Pick<CoderClient, 'listGroups' | 'listOrganizationRoles'>;

/** What is known of Coder to check against. Null: Coder would not list it, so that nothing can be said. */
interface Known {
  readonly organizations: readonly Place[];
  readonly features: ReadonlySet<string>;
  /** Of each organization that has group sync: names of its groups by their ids. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, string> | null>;
  /** Of each organization that has role sync: names of its roles. */
  readonly roles: ReadonlyMap<string, ReadonlySet<string> | null>;
}

const NOT_LISTED = 'Coder would not list what there is, so that names and ids are not checked.';

type Say = (severity: Finding['severity'], message: string) => void;

/** Names, ids and filters of all settings that hold, against what Coder has. @throws CoderError */
export async function checkRules(documents: AllDocuments, names: NamesSource): Promise<readonly Finding[]> {
  const known = await lookUp(documents, names);
  return documents.connections.flatMap((one) => checkConnection(one, known));
}

async function lookUp(
  { organizations, features, connections }: AllDocuments,
  names: NamesSource,
): Promise<Known> {
  const all = connections.flatMap(({ documents }) => documents);
  const idsOf = (kind: 'groups' | 'roles'): string[] => {
    const on = all.filter(
      (one) => one.kind === kind && !isUnread(one.rules.settings) && one.rules.settings.field !== '',
    );
    return [...new Set(on.flatMap(({ organization }) => organization?.id ?? []))];
  };
  const [groups, roles] = await Promise.all([
    listed(idsOf('groups'), async (id) => {
      return new Map((await names.listGroups(id)).map((group) => [group.id, group.name]));
    }),
    listed(idsOf('roles'), async (id) => {
      return new Set((await names.listOrganizationRoles(id)).map(({ name }) => name));
    }),
  ]);
  return { organizations, features, groups, roles };
}

async function listed<T>(
  ids: readonly string[],
  list: (id: string) => Promise<T>,
): Promise<ReadonlyMap<string, T | null>> {
  const lists = ids.map(async (id) => {
    try {
      return [id, await list(id)] as const;
    } catch (error) {
      // Without the licence for groups Coder refuses to list them.
      if (error instanceof RejectedError || error instanceof GoneError) return [id, null] as const;
      throw error;
    }
  });
  return new Map(await Promise.all(lists));
}

function checkConnection(
  { connection, documents, unknown, claims, allowList }: ConnectionDocuments,
  known: Known,
): Finding[] {
  const findings: Finding[] = [];
  const sayOf =
    (where: string): Say =>
    (severity, message) =>
      findings.push({ severity, connection: connection.name, where, message });
  for (const key of unknown)
    sayOf('organizations')('error', `Coder has no organization ${quoted(key)}, which the file names.`);
  for (const document of documents) checkDocument(document, connection, known, sayOf(titleOf(document)));
  const fields = new Set([
    ...documents.flatMap(({ rules: { settings } }) => (isUnread(settings) ? [] : [settings.field])),
    ...(isUnread(allowList) ? [] : [allowList.field]),
  ]);
  for (const name of claims.keys())
    if (!fields.has(name))
      sayOf('claims')('note', `No sync has the field ${quoted(name)}, so that its path is not used.`);
  if (connection.oidc === undefined)
    sayOf('claims')('note', 'The connection takes no claims: it has no oidc.');
  return findings;
}

function checkDocument(document: SyncDocument, connection: ConnectionConfig, known: Known, say: Say): void {
  const { kind, organization, rules } = document;
  if (isUnread(rules.settings)) return say('error', `${capital(rules.settings.unread)}.`);
  if (rules.settings.field === '') {
    if (Object.keys(rules.stated).length > 0)
      say('note', 'It is off: neither the file nor Coder has a field.');
    return;
  }
  if (rules.leftAlone !== null) say('note', `${capital(rules.leftAlone)}.`);
  else if (onInCoder(kind, rules.inCoder, known.features))
    say(
      'note',
      "Coder's own login syncs this too, and at each login takes what does not come from claims: see idp-bridge rules hand-over.",
    );
  if (kind === 'organization') checkOrganizations(rules.settings.mapping, known, say);
  else if (kind === 'groups') checkGroups(rules.settings, organization, known, say);
  else if (kind === 'roles') {
    const roles = known.roles.get(organization?.id ?? '');
    if (!roles) return say('note', NOT_LISTED);
    checkRoles(rules.settings.mapping, 'organizationRole', (role) => roles.has(role), connection, say);
  } else {
    const { mapping, defaults } = rules.settings;
    checkRoles(mapping, 'siteRole', (role) => SITE_ROLES.has(role), connection, say);
    for (const role of defaults)
      if (!SITE_ROLES.has(role)) say('error', `The default ${quoted(role)} is no role of the site.`);
  }
}

function checkOrganizations(mapping: SyncMapping, { organizations }: Known, say: Say): void {
  const ids = new Set(organizations.map(({ id }) => id));
  each(mapping, (value, id) => {
    if (!isUuid(id)) say('error', `${quoted(value)} is mapped to ${quoted(id)}, which is no id.`);
    else if (!ids.has(id.toLowerCase()))
      say('error', `${quoted(value)} is mapped to ${id}, which is no organization of Coder.`);
  });
}

function checkGroups(settings: GroupSyncSettings, organization: Place | null, known: Known, say: Say): void {
  const { mapping, regexFilter } = settings;
  const filter = regexFilter === null ? null : compileFilter(regexFilter);
  if (filter && 'refused' in filter)
    say('error', `The filter ${quoted(regexFilter ?? '')} is none that RE2 takes: ${filter.refused}.`);
  else if (filter)
    for (const value of Object.keys(mapping))
      if (!filter.matches(value))
        say('note', `The filter keeps out ${quoted(value)}, so that its mapping is not used.`);
  const own = known.groups.get(organization?.id ?? '');
  if (!own) return say('note', NOT_LISTED);
  each(mapping, (value, stated) => {
    const id = stated.toLowerCase();
    const what = `${quoted(value)} is mapped to ${isUuid(stated) ? stated : quoted(stated)}`;
    if (!isUuid(stated)) say('error', `${what}, which is no id.`);
    else if (!own.has(id)) say('error', `${what}, which is ${elsewhere(id, known)}.`);
  });
}

function elsewhere(id: string, { groups, organizations }: Known): string {
  for (const { id: organization, name } of organizations) {
    const group = groups.get(organization)?.get(id);
    if (group !== undefined) return `the group ${quoted(group)} of ${name}`;
  }
  return 'no group of this organization';
}

function checkRoles(
  mapping: SyncMapping,
  kind: 'siteRole' | 'organizationRole',
  exists: (role: string) => boolean,
  { policy }: ConnectionConfig,
  say: Say,
): void {
  const refused = new Set<string>();
  each(mapping, (value, role) => {
    if (!exists(role))
      say('error', `${quoted(value)} is mapped to the role ${quoted(role)}, which does not exist there.`);
    else if (!isAllowed(kind, role, policy)) refused.add(role);
  });
  const key = kind === 'siteRole' ? 'siteRoles' : 'organizationRoles';
  for (const role of refused)
    say(
      'note',
      `The role ${quoted(role)} is not granted, as the connection's policy does not list it (${key}).`,
    );
}

function each(mapping: SyncMapping, look: (value: string, target: string) => void): void {
  for (const [value, targets] of Object.entries(mapping)) for (const target of targets) look(value, target);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
