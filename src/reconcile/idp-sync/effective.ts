import { fold } from '../../common/index.js';
import type { IdpSyncConfig } from '../../config/index.js';
import { isUnread } from '../../policy/index.js';
import type {
  GroupSyncSettings,
  OrganizationSyncSettings,
  RoleSyncSettings,
  SiteRoleSettings,
  Unread,
} from '../../policy/index.js';

/** The settings that hold for a connection's claims, and where they come from. */
export interface Effective<T> {
  /** What holds, whoever carries it out. */
  readonly settings: T | Unread;
  /** What Coder's own login goes by. */
  readonly inCoder: T | Unread;
  /** What the file says. */
  readonly stated: Partial<T>;
  /** Why the bridge leaves it alone all the same; null: it does not. */
  readonly leftAlone: string | null;
}

type Syncs = {
  readonly organization: OrganizationSyncSettings;
  readonly siteRoles: SiteRoleSettings;
  readonly groups: GroupSyncSettings;
  readonly roles: RoleSyncSettings;
};
/** The four syncs. */
export type SyncKind = keyof Syncs;
export type SyncSettingsOf<K extends SyncKind> = Syncs[K];

const UNSET: Syncs = {
  organization: { field: '', mapping: {}, assignDefault: false },
  siteRoles: { field: '', mapping: {}, defaults: [] },
  groups: { field: '', mapping: {}, regexFilter: null, autoCreate: false, legacyMapping: {} },
  roles: { field: '', mapping: {} },
};

/** What Coder's licence must have for a sync to do anything. */
const FEATURE: Readonly<Record<SyncKind, string>> = {
  organization: 'multiple_organizations',
  siteRoles: 'user_role_management',
  groups: 'template_rbac',
  roles: 'user_role_management',
};

/** Groups may be changed while Coder's login syncs them too. */
const REFUSED_BY: Readonly<Record<SyncKind, string | null>> = {
  groups: null,
  organization:
    "Coder's own organization sync is on, and refuses to have people of OIDC added: see idp-bridge rules hand-over",
  siteRoles:
    "Coder's own sync of site roles is on, and refuses to have those of people of OIDC changed: unset CODER_OIDC_USER_ROLE_FIELD",
  roles:
    "Coder's own role sync is on in this organization, and refuses to have roles of people of OIDC changed: see idp-bridge rules hand-over",
};

/**
 * The file's keys in the place of Coder's. Where Coder's cannot be read, the file must say both what claim and what it means:
 * half of it would take access away by mistake.
 */
export function effective<K extends SyncKind>(
  kind: K,
  inCoder: Syncs[K] | Unread,
  stated: Partial<Syncs[K]>,
  features: ReadonlySet<string>,
): Effective<Syncs[K]> {
  const settings = merged(kind, inCoder, stated);
  return { settings, inCoder, stated, leftAlone: leftAlone(kind, settings, inCoder, features) };
}

/** What would hold if Coder's were these. */
export function merged<K extends SyncKind>(
  kind: K,
  inCoder: Syncs[K] | Unread,
  stated: Partial<Syncs[K]>,
): Syncs[K] | Unread {
  if (!isUnread(inCoder)) return { ...inCoder, ...stated };
  if (stated.field === undefined || stated.mapping === undefined) return inCoder;
  return { ...UNSET[kind], ...stated };
}

function leftAlone<K extends SyncKind>(
  kind: K,
  settings: Syncs[K] | Unread,
  inCoder: Syncs[K] | Unread,
  features: ReadonlySet<string>,
): string | null {
  if (isUnread(settings)) return settings.unread;
  if (settings.field === '') return null;
  if (!features.has(FEATURE[kind])) return `Coder's licence does not have the feature ${FEATURE[kind]}`;
  if (isUnread(inCoder) || inCoder.field === '') return null;
  return REFUSED_BY[kind];
}

/** What the bridge goes by. */
export function applied<T extends object>({ settings, leftAlone: why }: Effective<T>): T | Unread {
  return why === null ? settings : { unread: why };
}

/** Whether Coder's own login carries out this sync now. */
export function onInCoder(
  kind: SyncKind,
  inCoder: { readonly field: string } | Unread,
  features: ReadonlySet<string>,
): boolean {
  return !isUnread(inCoder) && inCoder.field !== '' && features.has(FEATURE[kind]);
}

/** What the file says of an organization, under its name or its id. */
export function statedFor(
  config: IdpSyncConfig | undefined,
  organization: { readonly id: string; readonly name: string },
): { readonly groups: Partial<GroupSyncSettings>; readonly roles: Partial<RoleSyncSettings> } {
  const found = [...(config?.organizations ?? [])].filter(([key]) => names(key, organization));
  return {
    groups: Object.assign({}, ...found.map(([, { groups }]) => groups)) as Partial<GroupSyncSettings>,
    roles: Object.assign({}, ...found.map(([, { roles }]) => roles)) as Partial<RoleSyncSettings>,
  };
}

/** Whether a key of the file means this organization. */
export function names(key: string, { id, name }: { readonly id: string; readonly name: string }): boolean {
  return fold(key) === fold(name) || fold(key) === id.toLowerCase();
}
