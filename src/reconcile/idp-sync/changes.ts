import type { Json } from '../../common/index.js';
import type { ConnectionConfig } from '../../config/index.js';
import { isAllowed, isUnread, type Unread } from '../../policy/index.js';
import {
  inCodersNames,
  sameValue,
  titleOf,
  type AllDocuments,
  type Place,
  type SyncDocument,
} from './documents.js';
import type { SyncKind } from './effective.js';

/** One setting that changes in Coder, under Coder's name. */
export interface ChangedKey {
  readonly key: string;
  readonly before: Json;
  readonly after: Json;
}

/** A document of Coder that is to be written. */
export interface PlannedChange {
  readonly sync: SyncKind;
  readonly title: string;
  readonly organization: Place | null;
  /** Connections by whose settings it is. */
  readonly connections: readonly string[];
  readonly keys: readonly ChangedKey[];
  /** What follows, for people. */
  readonly notes: readonly string[];
  /** Why it cannot be written; null: it can. */
  readonly blocked: string | null;
}

/** A document with what each connection's file says of it. */
export interface SharedDocument {
  readonly kind: SyncKind;
  readonly title: string;
  readonly organization: Place | null;
  readonly inCoder: object | Unread;
  readonly stated: readonly Statement[];
}

interface Statement {
  readonly connection: string;
  readonly settings: object;
  /** Roles that the mapping gives and the connection's policy does not let be granted. */
  readonly notAllowed: readonly string[];
}

/** Coder has one document where every connection has its own. */
export function shared({ connections }: AllDocuments): SharedDocument[] {
  const found = new Map<string, SharedDocument>();
  for (const { connection, documents } of connections) {
    for (const document of documents) {
      const key = `${document.kind} ${document.organization?.id ?? ''}`;
      const stated = {
        connection: connection.name,
        settings: document.rules.stated,
        notAllowed: rolesNotAllowed(document, connection),
      };
      const before = found.get(key);
      found.set(key, before ? { ...before, stated: [...before.stated, stated] } : first(document, stated));
    }
  }
  return [...found.values()];
}

function rolesNotAllowed({ kind, rules }: SyncDocument, { policy }: ConnectionConfig): string[] {
  if (kind !== 'roles' || isUnread(rules.settings)) return [];
  const roles = new Set(Object.values(rules.settings.mapping).flat());
  return [...roles].filter((role) => !isAllowed('organizationRole', role, policy));
}

function first(document: SyncDocument, stated: Statement): SharedDocument {
  const { kind, organization, rules } = document;
  return { kind, title: titleOf(document), organization, inCoder: rules.inCoder, stated: [stated] };
}

const FLAGS_ONLY: Readonly<Partial<Record<SyncKind, string>>> = {
  siteRoles: 'Coder takes these from the flags CODER_OIDC_USER_ROLE_* of its server only.',
};
const LEGACY = 'legacy_group_name_mapping';

/** What writing the file's settings to Coder changes. What the file does not say stays as it is there. */
export function pushChanges(documents: AllDocuments): PlannedChange[] {
  return shared(documents).flatMap((document) => {
    const { kind, inCoder } = document;
    const stated = document.stated.filter(({ settings }) => Object.keys(settings).length > 0);
    if (stated.length === 0) return [];
    const about = { ...basics(document), connections: stated.map(({ connection }) => connection) };
    if (isUnread(inCoder)) return unreadable(document, inCoder);
    const present = inCodersNames(kind, inCoder);
    const disagreement = disagreementOf(kind, stated);
    const wanted = inCodersNames(
      kind,
      Object.assign({}, ...stated.map(({ settings }) => settings)) as object,
    );
    const keys = Object.keys(wanted).flatMap((key): ChangedKey[] =>
      sameValue(present[key], wanted[key])
        ? []
        : [{ key, before: present[key] ?? null, after: wanted[key] ?? null }],
    );
    if (keys.length === 0) return [];
    const blocked = disagreement ?? FLAGS_ONLY[kind] ?? refusedKey(keys);
    const lost = blocked === null && kind === 'groups' ? lostNames(present[LEGACY]) : [];
    return [{ ...about, keys: [...keys, ...lost], notes: pushNotes(kind, keys, lost), blocked }];
  });
}

function disagreementOf(kind: SyncKind, stated: readonly Statement[]): string | null {
  const seen = new Map<string, { readonly connection: string; readonly value: Json | undefined }>();
  for (const { connection, settings } of stated) {
    for (const [key, value] of Object.entries(inCodersNames(kind, settings))) {
      const other = seen.get(key);
      if (other && !sameValue(other.value, value))
        return `The connections ${other.connection} and ${connection} say different things of ${key}: name one with --connection.`;
      seen.set(key, { connection, value });
    }
  }
  return null;
}

function refusedKey(keys: readonly ChangedKey[]): string | null {
  if (!keys.some(({ key }) => key === LEGACY)) return null;
  return `Coder takes ${LEGACY} from the flag CODER_OIDC_GROUP_MAPPING of its server only: put the ids into the mapping, or take it out of the file.`;
}

/** Names that only the flags have go with the first saving: then the flags do not count any more. */
function lostNames(names: Json | undefined): ChangedKey[] {
  const none = names === undefined || sameValue(names, {});
  return none ? [] : [{ key: LEGACY, before: names, after: {} }];
}

function pushNotes(kind: SyncKind, keys: readonly ChangedKey[], lost: readonly ChangedKey[]): string[] {
  const field = keys.find(({ key }) => key === 'field');
  const on = field && field.before === '' && field.after !== '';
  const alone = kind === 'groups' ? '' : ', and the bridge leaves it alone';
  return [
    ...(on ? [`Coder's own login syncs it from then on${alone}.`] : []),
    ...(field && field.after === '' ? ["Coder's own login syncs it no more."] : []),
    ...(lost.length > 0
      ? ['Coder goes by its saved settings from then on, and no more by the flags of its server.']
      : []),
  ];
}

/**
 * What has to change so that the bridge alone carries out what Coder's own login does now.
 *
 * @param only the connection that it is asked for; others that go by Coder's field are told of, and stop nothing
 */
export function handOverChanges(documents: AllDocuments, only?: string): PlannedChange[] {
  return shared(documents).flatMap((document) => {
    const { kind, inCoder, stated } = document;
    if (isUnread(inCoder)) return unreadable(document, inCoder);
    const present = inCodersNames(kind, inCoder);
    if (present['field'] === '') return [];
    const lost = kind === 'groups' ? lostNames(present[LEGACY]) : [];
    const keys: ChangedKey[] = [{ key: 'field', before: present['field'] ?? '', after: '' }, ...lost];
    const missing = stated.flatMap(({ connection, settings }) => {
      const said = inCodersNames(kind, settings);
      const absent = keys.filter(
        ({ key }) => !Object.hasOwn(said, key) || (key === 'field' && said[key] === ''),
      );
      return absent.length > 0 ? [{ connection, absent }] : [];
    });
    const asked = missing.filter(({ connection }) => only === undefined || connection === only);
    const others = missing.filter((one) => !asked.includes(one));
    const change: PlannedChange = {
      ...basics(document),
      connections: stated.map(({ connection }) => connection),
      keys,
      notes: [
        ...handOverNotes(kind, lost),
        ...policyNotes(stated),
        ...others.map(
          ({ connection }) => `The connection ${connection} goes by Coder's settings, and does it no more.`,
        ),
      ],
      blocked:
        kind === 'siteRoles'
          ? 'Coder takes it from a flag: unset CODER_OIDC_USER_ROLE_FIELD on its server.'
          : asked.length > 0
            ? missingText(document, asked)
            : null,
    };
    return [change];
  });
}

function handOverNotes(kind: SyncKind, lost: readonly ChangedKey[]): string[] {
  const after: Readonly<Record<SyncKind, string>> = {
    organization: "Coder's login leaves organizations alone; they can be changed by hand again.",
    siteRoles: "Coder's login leaves site roles alone; they can be changed by hand again.",
    groups: "Coder's login leaves these groups alone, and who was added by others than claims stays.",
    roles: "Coder's login leaves these roles alone; they can be changed by hand again.",
  };
  return [
    after[kind],
    'The mapping stays in Coder, and the bridge goes on reading it there.',
    ...(lost.length > 0 ? ['The names that the flag gives are in the file.'] : []),
  ];
}

/** Coder's login grants whatever is claimed; the bridge does not. */
function policyNotes(stated: readonly Statement[]): string[] {
  return stated.flatMap(({ connection, notAllowed }) =>
    notAllowed.length === 0
      ? []
      : [
          `The bridge does not grant what the policy of ${connection} does not list: ${notAllowed.join(', ')}.`,
        ],
  );
}

/** The bridge goes by Coder's field until the file has one: without it nobody would do it afterwards. */
function missingText(
  { kind, organization }: SharedDocument,
  missing: readonly { readonly connection: string; readonly absent: readonly ChangedKey[] }[],
): string {
  const lines = missing.flatMap(({ connection, absent }) => {
    const settings = absent.map(({ key, before }) => `${key}: ${JSON.stringify(before)}`).join(', ');
    const path =
      organization === null
        ? `${kind}: { ${settings} }`
        : `organizations: { ${JSON.stringify(organization.name)}: { ${kind}: { ${settings} } } }`;
    return [`connection ${connection}, idpSync: { ${path} }`];
  });
  return `Nobody would do it afterwards. Put into the file first, and start the bridge with it: ${lines.join('; ')}.`;
}

/** Of what the file speaks of: whether Coder does it too cannot be told. */
function unreadable(document: SharedDocument, { unread }: Unread): PlannedChange[] {
  const stating = document.stated.filter(({ settings }) => Object.keys(settings).length > 0);
  if (stating.length === 0) return [];
  const connections = stating.map(({ connection }) => connection);
  return [{ ...basics(document), connections, keys: [], notes: [], blocked: `${capital(unread)}.` }];
}

function basics({ kind, title, organization }: SharedDocument) {
  return { sync: kind, title, organization };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
