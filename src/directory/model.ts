import type { JsonObject, StatedAccess, StatedSettings, TargetKind } from '../common/index.js';

/**
 * What the directory must know of a user apart from the document, read out of it by the face that speaks the
 * protocol. The directory itself never looks into the document except to search it.
 */
export interface UserState {
  readonly userName: string;
  readonly externalId: string | null;
  readonly active: boolean;
  /** The address chosen for Coder, or null where the document holds none. */
  readonly email: string | null;
  /** The name chosen for Coder, trimmed, at most 128 characters; '' where there is none. */
  readonly fullName: string;
  /** The whole document as the IdP stated it, without id, meta and what the server derives. */
  readonly document: JsonObject;
  /** Absent: nothing is stated. */
  readonly access?: StatedAccess;
}

/** As {@link UserState}, for a group. Members are not part of it. */
export interface GroupState {
  readonly displayName: string;
  readonly externalId: string | null;
  readonly document: JsonObject;
  /** Absent: nothing is stated. */
  readonly settings?: StatedSettings;
}

interface Stored {
  readonly id: string;
  readonly connectionId: string;
  /** Counts the changes of the resource (for meta.version); not the target's version. */
  readonly version: number;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

/** A group that a user is in. */
export interface GroupReference {
  readonly id: string;
  readonly displayName: string;
}

/** A member of a group. */
export interface MemberReference {
  readonly id: string;
  readonly userName: string;
}

/** A user as stored. */
export interface StoredUser extends UserState, Stored {}

/** A group as stored. */
export interface StoredGroup extends GroupState, Stored {}

/** A resource as a reader gets it: what answers are made of, and no more. */
interface Shown {
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  /** The document as JSON text: nearly every reader passes it on as it is. */
  readonly document: string;
}

/** A user as it is shown; `groups` is present when it was asked for. */
export interface ShownUser extends Shown {
  readonly groups?: readonly GroupReference[];
}

/** A group as it is shown; `members` is present when it was asked for. */
export interface ShownGroup extends Shown {
  readonly members?: readonly MemberReference[];
}

/** Who pushes, for the journal and for isolation: everything is looked up within the connection. */
export interface PushContext {
  readonly connectionId: string;
  /** `scim`, `oidc`, ... */
  readonly source: string;
  readonly requestId: string;
}

/** One change of a group's members: set operations on rows, in the order given. */
export type MemberOperation =
  { readonly op: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] } | { readonly op: 'clear' };

/** A change of a group: of its document (a pure function of the present state), of its members, or of both. */
export interface GroupChange {
  /** Called with the row locked; answers the new state, or the same object when nothing changed. Throws to refuse. */
  readonly state?: (current: StoredGroup) => GroupState;
  readonly members?: readonly MemberOperation[];
}

/** What a push did: the resource after it, and the target version whose settling shows it in Coder (for SCIM_WAIT_MS). */
export interface Pushed<T> {
  readonly resource: T;
  readonly target: { readonly kind: TargetKind; readonly id: string; readonly version: number };
  readonly changed: boolean;
  /** A creation that came to somebody whom claims had made: the resource has the id that it had. */
  readonly takenOver?: true;
}

/** A resource's attribute, resolved against the schema by the face. */
export interface AttributeReference {
  /** Names as they stand in the document, e.g. `['emails', 'value']`; `['id']`, `['meta', 'created']` are known apart. */
  readonly path: readonly string[];
  readonly type:
    'string' | 'boolean' | 'integer' | 'decimal' | 'dateTime' | 'reference' | 'binary' | 'complex';
  readonly caseExact: boolean;
  /** Whether the first name of the path is multi-valued. */
  readonly multiValued: boolean;
  /** Whether no name of the path is multi-valued, so that there is one value at most: it is found with less work. */
  readonly single?: boolean;
}

export type ComparisonOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** A search, free of any protocol; compiled to SQL, never evaluated over rows in memory. */
export type Query =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Query[] }
  | { readonly kind: 'not'; readonly term: Query }
  | {
      readonly kind: 'compare';
      readonly attribute: AttributeReference;
      readonly operator: ComparisonOperator;
      readonly value: string | number | boolean | null;
    }
  | { readonly kind: 'present'; readonly attribute: AttributeReference }
  /** One element of a multi-valued attribute for which `where` holds; its attributes are relative to the element. */
  | { readonly kind: 'some'; readonly attribute: AttributeReference; readonly where: Query }
  /** Nothing matches (an attribute that is unknown or never stored). */
  | { readonly kind: 'nothing' };

/**
 * The order of a list: by an attribute's value, and by id among equals. Of several values the primary one counts, else the
 * first. Resources without a value come last, or first where the order is descending (RFC 7644 section 3.4.2.3).
 */
export interface Sort {
  /** Null: one that no resource has. */
  readonly attribute: AttributeReference | null;
  readonly descending: boolean;
}

export interface PageCursor {
  readonly at: string;
  /** For which the page's own cursors are good. */
  readonly seconds: number;
}

/** A page of a list, ordered by id (which is by age) where no order is asked for. */
export interface PageRequest {
  readonly query?: Query | undefined;
  readonly sort?: Sort | undefined;
  /** Rows to pass over; of no account where there is a cursor. */
  readonly offset: number;
  /** Pages by cursors: this one begins where `at` says, which another page had; '' at the beginning. */
  readonly cursor?: PageCursor | undefined;
  /** Rows to answer; 0 answers the total only. */
  readonly limit: number;
  /** Whether to read `groups` of users, or `members` of groups. */
  readonly withReferences: boolean;
}

export interface Page<T> {
  /** Of all pages; with a cursor as it was counted for the first one. */
  readonly total: number;
  readonly items: readonly T[];
  /** Cursors of the pages after and before, where there are such pages; only where the request had a cursor. */
  readonly next?: string;
  readonly previous?: string;
}

/** A push that the directory refuses. */
export class DirectoryError extends Error {
  constructor(
    readonly code:
      | 'notFound'
      | 'userNameTaken'
      | 'externalIdTaken'
      | 'displayNameTaken'
      | 'unknownMember'
      | 'unsupportedQuery'
      | 'invalidCursor'
      | 'expiredCursor'
      | 'invalidValue',
    message: string,
    /** Ids of the members that are unknown, or the attribute. */
    readonly subjects: readonly string[] = [],
  ) {
    super(message);
    this.name = 'DirectoryError';
  }
}

/** How the target's settling ended, for a push that waits. */
export type Settled =
  | { readonly outcome: 'applied' }
  | { readonly outcome: 'failed'; readonly failure: Failure }
  | { readonly outcome: 'pending' };

/** Why a target is failed, for people and for the wire. */
export interface Failure {
  /** `uniqueness`: something else has the place (409); `invalidValue`: what was stated cannot be (400); `refused`: the rest. */
  readonly kind: 'uniqueness' | 'invalidValue' | 'refused';
  /** What was tried, e.g. `createUser`. */
  readonly step: string;
  /** One or two sentences for a person, without secrets. */
  readonly detail: string;
  /** The HTTP status of Coder's refusal, where there was one. */
  readonly status?: number;
  /** Of a group: ids of the users who alone are refused; everybody else's membership arrived. Absent: it concerns all. */
  readonly members?: readonly string[];
}
