import { isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import type { ClaimPathConfig, Config, ConnectionConfig, IdpSyncConfig } from '../../config/index.js';
import type { AllowListSettings, Unread } from '../../policy/index.js';
import type { CoderSettings } from './coder-settings.js';
import {
  effective,
  names,
  statedFor,
  type Effective,
  type SyncKind,
  type SyncSettingsOf,
} from './effective.js';

export interface Place {
  readonly id: string;
  readonly name: string;
}

/** One sync as it holds for one connection: of the deployment, or (groups, roles) of an organization. */
export type SyncDocument = {
  [K in SyncKind]: {
    readonly kind: K;
    readonly organization: Place | null;
    readonly rules: Effective<SyncSettingsOf<K>>;
  };
}[SyncKind];

/** All that a connection's claims are read by. */
export interface ConnectionDocuments {
  readonly connection: ConnectionConfig;
  readonly allowList: AllowListSettings | Unread;
  readonly documents: readonly SyncDocument[];
  /** Organizations that the file names and Coder does not have. */
  readonly unknown: readonly string[];
  readonly claims: ReadonlyMap<string, ClaimPathConfig>;
}

export interface AllDocuments {
  readonly organizations: readonly Place[];
  readonly features: ReadonlySet<string>;
  readonly connections: readonly ConnectionDocuments[];
}

/** No connection of this name. */
export class NoSuchConnection extends Error {
  constructor(name: string) {
    super(`There is no connection "${name.slice(0, 100)}".`);
    this.name = 'NoSuchConnection';
  }
}

/**
 * The documents of a connection, or of all that take claims or say something of IdP sync; where there is none, of the first
 * one. Coder is asked anew.
 *
 * @throws NoSuchConnection; CoderError where Coder is away
 */
export async function readDocuments(
  coder: CoderSettings,
  { connections: all }: Pick<Config, 'connections'>,
  name: string | undefined,
): Promise<AllDocuments> {
  const taking = all.filter(({ oidc, idpSync }) => oidc !== undefined || idpSync !== undefined);
  const usual = taking.length > 0 ? taking : all.slice(0, 1);
  const chosen = name === undefined ? usual : all.filter((one) => one.name === name);
  if (chosen.length === 0) throw new NoSuchConnection(name ?? '');
  coder.forget();
  const { organizations, features, allowList, organization, site } = await coder.deployment();
  const local = await Promise.all(
    organizations.map(async (one) => ({ ...one, ...(await coder.within(one.id)) })),
  );
  const connections = chosen.map((connection): ConnectionDocuments => {
    const config = connection.idpSync;
    const documents: SyncDocument[] = [
      {
        kind: 'organization',
        organization: null,
        rules: effective('organization', organization, config?.organization ?? {}, features),
      },
      {
        kind: 'siteRoles',
        organization: null,
        rules: effective('siteRoles', site, config?.siteRoles ?? {}, features),
      },
      ...local.flatMap(({ id, name: called, group, role }): SyncDocument[] => {
        const place = { id, name: called };
        const stated = statedFor(config, place);
        return [
          { kind: 'groups', organization: place, rules: effective('groups', group, stated.groups, features) },
          { kind: 'roles', organization: place, rules: effective('roles', role, stated.roles, features) },
        ];
      }),
    ];
    return {
      connection,
      allowList,
      documents,
      unknown: unknownOrganizations(config, organizations),
      claims: config?.claims ?? new Map(),
    };
  });
  return { organizations, features, connections };
}

function unknownOrganizations(config: IdpSyncConfig | undefined, known: readonly Place[]): string[] {
  const keys = [...(config?.organizations.keys() ?? [])];
  return keys.filter((key) => !known.some((one) => names(key, one)));
}

/** The settings' names here, and in Coder's API or (of site roles) flags. */
const KEYS: Readonly<Record<SyncKind, Readonly<Record<string, string>>>> = {
  organization: { field: 'field', mapping: 'mapping', assignDefault: 'organization_assign_default' },
  siteRoles: { field: 'field', mapping: 'mapping', defaults: 'default' },
  groups: {
    field: 'field',
    mapping: 'mapping',
    regexFilter: 'regex_filter',
    autoCreate: 'auto_create_missing_groups',
    legacyMapping: 'legacy_group_name_mapping',
  },
  roles: { field: 'field', mapping: 'mapping' },
};

/** Settings, or some of them, under Coder's names. */
export function inCodersNames(kind: SyncKind, settings: object): JsonObject {
  const given = new Map<string, unknown>(Object.entries(settings));
  return Object.fromEntries(
    Object.entries(KEYS[kind]).flatMap(([ours, theirs]) => {
      return given.has(ours) ? [[theirs, given.get(ours) as Json] as const] : [];
    }),
  );
}

/** Whether two values say the same, whatever the order of names. */
export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: Json | undefined): string {
  return JSON.stringify(value, (_, item: Json) =>
    isJsonObject(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** How a document is called in lists: `groups of coder`. */
export function titleOf({ kind, organization }: Pick<SyncDocument, 'kind' | 'organization'>): string {
  const what = { organization: 'organizations', siteRoles: 'site roles', groups: 'groups', roles: 'roles' }[
    kind
  ];
  return organization === null ? what : `${what} of ${organization.name}`;
}
