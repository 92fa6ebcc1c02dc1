import type { JsonObject } from '../../common/index.js';
import { isUnread } from '../../policy/index.js';
import { inCodersNames, titleOf, type AllDocuments, type SyncDocument } from './documents.js';
import { onInCoder, type SyncKind } from './effective.js';

/** One sync of a connection, for people. Settings have Coder's names. */
export interface ReportedSync {
  readonly sync: SyncKind;
  readonly title: string;
  readonly organization: { readonly id: string; readonly name: string } | null;
  /** What holds; null: it is not known. */
  readonly settings: JsonObject | null;
  /** Names of the settings that the file says; all others are Coder's. */
  readonly fromFile: readonly string[];
  /** Whether the bridge carries it out: it has a field, and nothing speaks against it. */
  readonly driven: boolean;
  /** Why the bridge leaves it alone; null: it does not, or there is no field. */
  readonly leftAlone: string | null;
  /** Whether Coder's own login carries it out too. */
  readonly atLogin: boolean;
}

export interface ConnectionReport {
  readonly connection: string;
  readonly takesClaims: boolean;
  readonly syncs: readonly ReportedSync[];
  /** Groups of whom alone Coder lets in, by this claim; null: everybody, or it is not known. */
  readonly allowList: { readonly field: string; readonly groups: readonly string[] } | null;
  /** Claims that the bridge finds by a path, beyond what Coder can. */
  readonly claims: Readonly<
    Record<
      string,
      { readonly path: readonly string[]; readonly separator: string | null; readonly absent: string }
    >
  >;
}

export interface RulesReport {
  readonly connections: readonly ConnectionReport[];
}

/** The settings that hold, and where they come from. */
export function rulesReport({ connections, features }: AllDocuments): RulesReport {
  return {
    connections: connections.map(({ connection, documents, allowList, claims }) => ({
      connection: connection.name,
      takesClaims: connection.oidc !== undefined,
      syncs: documents.map((document) => reported(document, features)),
      allowList: isUnread(allowList) || allowList.groups.length === 0 ? null : allowList,
      claims: Object.fromEntries(
        [...claims].map(([name, { paths, separator, absentIsEmpty }]) => [
          name,
          { path: paths, separator, absent: absentIsEmpty ? 'empty' : 'unknown' },
        ]),
      ),
    })),
  };
}

function reported(document: SyncDocument, features: ReadonlySet<string>): ReportedSync {
  const { kind, organization, rules } = document;
  const { settings, inCoder, stated, leftAlone } = rules;
  const known = !isUnread(settings);
  return {
    sync: kind,
    title: titleOf(document),
    organization,
    settings: known ? inCodersNames(kind, settings) : null,
    fromFile: Object.keys(inCodersNames(kind, stated)),
    driven: known && settings.field !== '' && leftAlone === null,
    leftAlone,
    atLogin: onInCoder(kind, inCoder, features),
  };
}
