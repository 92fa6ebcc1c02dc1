import { DatabaseUnavailable, DirectoryError, type Failure } from '../../../directory/index.js';
import { errorOfStatus, LIMITS, ScimError } from '../../protocol/index.js';

/** Seconds after which a client may try again when the database is away. */
const RETRY_AFTER = '5';
/** Ids named in a message: enough to find the fault, few enough to be read. */
const NAMED_SUBJECTS = 10;

/** The refusal that an error comes to on the wire; undefined for what nobody foresaw. */
export function toScimError(error: unknown): ScimError | undefined {
  if (error instanceof ScimError) return error;
  if (error instanceof DirectoryError) return fromDirectory(error);
  if (error instanceof DatabaseUnavailable) {
    return unavailable('the database cannot be reached now; try again');
  }
  return undefined;
}

function unavailable(detail: string): ScimError {
  return new ScimError('unavailable', detail, { 'retry-after': RETRY_AFTER });
}

/** The refusal for what nobody foresaw: no details. */
export function internalError(): ScimError {
  return new ScimError('internal', 'the request could not be carried out; the log tells why');
}

function fromDirectory({ code, message, subjects }: DirectoryError): ScimError {
  switch (code) {
    case 'notFound':
      return new ScimError('notFound', 'there is no resource with this id');
    case 'userNameTaken':
      return taken('userName', 'user');
    case 'displayNameTaken':
      return taken('displayName', 'group');
    case 'externalIdTaken':
      return taken('externalId', 'resource');
    case 'unknownMember':
      return new ScimError('invalidValue', `members: no users of this connection: ${listed(subjects)}`);
    case 'unsupportedQuery':
      return new ScimError('invalidFilter', `filter: ${message}`);
    case 'invalidCursor':
    case 'expiredCursor':
    case 'invalidValue':
      return new ScimError(code, message);
  }
}

function taken(attribute: string, what: string): ScimError {
  return new ScimError('uniqueness', `${attribute} is taken by another ${what} of this connection`);
}

function listed(ids: readonly string[]): string {
  const named = ids.slice(0, NAMED_SUBJECTS).map((id) => id.slice(0, 64));
  const more = ids.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * The refusal that Coder's comes to for a push that waited. What Coder refuses for a reason of its own (`refused`) is
 * 400 invalidValue too: to the IdP it says that this resource, as stated, cannot be had, and that others can.
 */
export function fromFailure({ kind, detail }: Failure): ScimError {
  return kind === 'uniqueness' ? new ScimError('uniqueness', detail) : new ScimError('invalidValue', detail);
}

/** A refusal by its status alone, for those that Fastify and Nest make before any handler runs. */
export function fromStatus(status: number): ScimError {
  switch (status) {
    case 400:
      return new ScimError('invalidSyntax', 'the request is malformed');
    case 404:
      return new ScimError('notFound', 'there is no such endpoint');
    case 413:
      return tooLargeFor(LIMITS.bodyBytes);
    case 414:
      return new ScimError('notFound', 'there is no resource with an id of this length');
    case 415:
      return unsupportedType();
    case 503:
      return unavailable('the service is stopping or starting; try again');
    default:
      return status >= 500
        ? internalError()
        : new ScimError(errorOfStatus(status) ?? 'invalidSyntax', 'the request was refused');
  }
}

/** 413 for a body of more bytes than that. */
export function tooLargeFor(limit: number): ScimError {
  return new ScimError('payloadTooLarge', `the body is larger than ${limit} bytes`);
}

/** 406 where the Accept header excludes JSON. */
export function notAcceptable(): ScimError {
  return new ScimError('notAcceptable', 'Accept: the answer is application/scim+json, which it excludes');
}

/** 415 for a body of another type. */
export function unsupportedType(): ScimError {
  return new ScimError('unsupportedMediaType', 'the body must be application/scim+json or application/json');
}

/** What the log may know of an unforeseen error: its kind and where it came from. Messages may quote what was stored. */
export function withoutValues(error: unknown): { error: string; code?: string; stack?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return { error: error.name, ...code, stack: stack.slice(0, 20).map((line) => line.trim()) };
}
