import type { JsonObject } from '../../common/index.js';
import { ERROR_SCHEMA } from './urns.js';

/** A row of {@link ERRORS}. */
interface ErrorDefinition {
  readonly status: number;
  /** The keyword of RFC 7644 section 3.12, table 9, or of RFC 9865 section 2.1; only 400 and 409 have one. */
  readonly scimType?: string;
  /** When it is answered, for people; docs/scim.md shows it. */
  readonly when: string;
}

/** Every error that SCIM answers. There are no others: {@link ScimError} is made from a row of this table. */
export const ERRORS = {
  invalidFilter: {
    status: 400,
    scimType: 'invalidFilter',
    when: 'A filter cannot be read, or compares what cannot be compared; with the position.',
  },
  mutability: {
    status: 400,
    scimType: 'mutability',
    when: 'A PATCH aims at a readOnly or immutable attribute, or removes a required one.',
  },
  invalidSyntax: {
    status: 400,
    scimType: 'invalidSyntax',
    when: 'The body is no JSON, is nested too deeply, or is not the message that belongs here.',
  },
  invalidPath: {
    status: 400,
    scimType: 'invalidPath',
    when: 'The path of a PATCH or bulk operation cannot be read, or does not fit the attribute.',
  },
  noTarget: {
    status: 400,
    scimType: 'noTarget',
    when: 'A PATCH removes without a path, or its value filter selects nothing and describes nothing either.',
  },
  invalidValue: {
    status: 400,
    scimType: 'invalidValue',
    when: 'A value has the wrong type or form, is missing where one is required, or Coder cannot have it.',
  },
  invalidCursor: { status: 400, scimType: 'invalidCursor', when: 'A cursor was not made for this list.' },
  expiredCursor: { status: 400, scimType: 'expiredCursor', when: 'A cursor is too old.' },
  invalidCount: {
    status: 400,
    scimType: 'invalidCount',
    when: 'With a cursor, the count is no size of a page.',
  },
  unauthorized: { status: 401, when: 'There is no good token; with WWW-Authenticate.' },
  forbidden: { status: 403, when: 'The token, or the endpoint, does not allow this.' },
  notFound: { status: 404, when: 'There is no such resource in this connection, or no such endpoint.' },
  methodNotAllowed: { status: 405, when: 'The endpoint does not take this method; with Allow.' },
  notAcceptable: { status: 406, when: 'The Accept header excludes JSON.' },
  uniqueness: {
    status: 409,
    scimType: 'uniqueness',
    when: 'Another resource has this userName, displayName or externalId, or Coder has the place taken.',
  },
  conflict: {
    status: 409,
    when: 'A bulk operation refers to one that failed or that was not carried out.',
  },
  preconditionFailed: { status: 412, when: 'If-Match or If-None-Match does not hold.' },
  payloadTooLarge: { status: 413, when: 'The body, or the number of operations in it, is too large.' },
  unsupportedMediaType: { status: 415, when: 'The body is not application/scim+json or application/json.' },
  tooManyRequests: { status: 429, when: 'There were too many requests; with Retry-After.' },
  internal: { status: 500, when: 'Something failed that nobody foresaw; the log tells why.' },
  notImplemented: { status: 501, when: 'The RFC has this endpoint, and the bridge does not serve it.' },
  unavailable: { status: 503, when: 'The database is away, or the bridge is stopping; with Retry-After.' },
} as const satisfies Readonly<Record<string, ErrorDefinition>>;

export type ErrorName = keyof typeof ERRORS;

/** The keywords of 400. */
export type ScimType = {
  [Name in ErrorName]: (typeof ERRORS)[Name] extends { readonly status: 400; readonly scimType: infer Type }
    ? Type
    : never;
}[ErrorName];

/**
 * A refusal as it goes over the wire. `detail` is read by the IdP's admin: it says what is wrong, where, and what was
 * expected, without the values of people, stack traces or secrets.
 */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: string | undefined;

  /** @param headers that belong to the refusal, e.g. `Allow`, `Retry-After`, `WWW-Authenticate` */
  constructor(
    readonly kind: ErrorName,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'ScimError';
    const definition: ErrorDefinition = ERRORS[kind];
    this.status = definition.status;
    this.scimType = definition.scimType;
  }

  /** The error message of RFC 7644 section 3.12; `status` is a JSON string there. */
  body(): JsonObject {
    return {
      schemas: [ERROR_SCHEMA],
      status: String(this.status),
      ...(this.scimType === undefined ? {} : { scimType: this.scimType }),
      detail: this.detail,
    };
  }
}

/** The row without a keyword for a status that a server's framework chose; undefined for one that is not in the table. */
export function errorOfStatus(status: number): ErrorName | undefined {
  const names = Object.keys(ERRORS) as ErrorName[];
  return names.find((name) => ERRORS[name].status === status && !('scimType' in ERRORS[name]));
}

/** 400 with a keyword. */
export function badRequest(scimType: ScimType, detail: string): ScimError {
  return new ScimError(scimType, detail);
}

/** 400 `invalidValue` for the value at `at` (an attribute path as a person would write it). */
export function invalidValue(at: string, problem: string): ScimError {
  return badRequest('invalidValue', `${at}: ${problem}`);
}
