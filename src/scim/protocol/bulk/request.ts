import { isJsonObject, type Json, type JsonObject } from '../../../common/index.js';
import { badRequest, invalidValue, ScimError } from '../errors.js';
import { namesSchema, valueOf } from '../json-text.js';
import { LIMITS } from '../limits.js';
import { resourceTypes, type ResourceTypeDefinition } from '../schema/index.js';
import { BULK_REQUEST_SCHEMA } from '../urns.js';

/** What an operation does. */
export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation of a bulk request that can be carried out. */
export interface BulkOperation {
  readonly method: BulkMethod;
  readonly type: ResourceTypeDefinition;
  /** Of a POST, unique in the request. */
  readonly bulkId?: string;
  /** Id of the resource, or `bulkId:` and that of the operation that creates it; absent in a POST. */
  readonly target?: string;
  /** The entity tag that the resource must have. */
  readonly version?: string;
  /** The body; absent in a DELETE. */
  readonly data?: JsonObject;
}

/** An operation as it was stated: one that can be carried out, or why it cannot. */
export interface StatedOperation {
  /** As stated, for the answer. */
  readonly method: string;
  readonly bulkId?: string;
  readonly operation: BulkOperation | ScimError;
}

/** A bulk request (RFC 7644 section 3.7). */
export interface BulkRequest {
  /** After so many errors nothing more is done; Infinity where it was not stated. */
  readonly failOnErrors: number;
  readonly operations: readonly StatedOperation[];
}

const METHODS: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE'] satisfies readonly BulkMethod[];

/**
 * Reads a bulk request. What is wrong with one operation is that operation's error.
 *
 * @throws ScimError 400 invalidSyntax, invalidValue (failOnErrors); 413 for too many operations
 */
export function readBulk(body: JsonObject): BulkRequest {
  if (!namesSchema(body, BULK_REQUEST_SCHEMA)) {
    throw badRequest('invalidSyntax', `schemas must name ${BULK_REQUEST_SCHEMA}`);
  }
  const operations = valueOf(body, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0) {
    throw badRequest('invalidSyntax', 'Operations must be an array with at least one operation');
  }
  if (operations.length > LIMITS.bulkOperations) {
    throw new ScimError(
      'payloadTooLarge',
      `Operations holds ${operations.length} operations; at most ${LIMITS.bulkOperations} (maxOperations) are carried out`,
    );
  }
  const failOnErrors = readFailOnErrors(valueOf(body, 'failOnErrors'));
  const known = new Set<string>();
  return {
    failOnErrors,
    operations: operations.map((operation: Json, i) => readStated(operation, `Operations[${i}]`, known)),
  };
}

function readFailOnErrors(stated: Json | undefined): number {
  if (stated === undefined || stated === null) return Infinity;
  if (!Number.isSafeInteger(stated) || Number(stated) < 0) {
    throw invalidValue('failOnErrors', 'must be an integer, 1 or more');
  }
  return stated === 0 ? Infinity : Number(stated);
}

function readStated(stated: Json, at: string, known: Set<string>): StatedOperation {
  const object = isJsonObject(stated) ? stated : {};
  const method = valueOf(object, 'method');
  const bulkId = valueOf(object, 'bulkId');
  return {
    method: typeof method === 'string' ? method.slice(0, 16).toUpperCase() : '',
    ...(typeof bulkId === 'string' ? { bulkId: bulkId.slice(0, LIMITS.indexedString) } : {}),
    operation: attempt(() => {
      if (!isJsonObject(stated)) throw badRequest('invalidSyntax', `${at} must be an object`);
      return readOperation(stated, at, known);
    }),
  };
}

function attempt(read: () => BulkOperation): BulkOperation | ScimError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
}

function readOperation(stated: JsonObject, at: string, known: Set<string>): BulkOperation {
  const method = readMethod(valueOf(stated, 'method'), at);
  const { type, target } = readPath(valueOf(stated, 'path'), method, at);
  const bulkId = valueOf(stated, 'bulkId');
  const version = valueOf(stated, 'version') ?? undefined;
  const data = valueOf(stated, 'data') ?? undefined;
  if (version !== undefined && typeof version !== 'string') {
    throw invalidValue(`${at}.version`, 'must be an entity tag, as meta.version shows it');
  }
  if (method !== 'DELETE' && !isJsonObject(data)) {
    throw badRequest('invalidSyntax', `${at}.data must be an object: the body of the ${method}`);
  }
  return {
    method,
    type,
    ...(method === 'POST' ? { bulkId: readBulkId(bulkId, at, known) } : {}),
    ...(target === undefined ? {} : { target }),
    ...(version === undefined || method === 'POST' ? {} : { version }),
    ...(isJsonObject(data) && method !== 'DELETE' ? { data } : {}),
  };
}

function readMethod(stated: Json | undefined, at: string): BulkMethod {
  const method = typeof stated === 'string' ? stated.toUpperCase() : '';
  if (!METHODS.includes(method))
    throw badRequest('invalidSyntax', `${at}.method must be one of ${METHODS.join(', ')}`);
  return method as BulkMethod;
}

function readBulkId(stated: Json | undefined, at: string, known: Set<string>): string {
  if (typeof stated !== 'string' || stated === '' || stated.length > LIMITS.indexedString) {
    throw invalidValue(
      `${at}.bulkId`,
      `must be a string of 1 to ${LIMITS.indexedString} characters in a POST`,
    );
  }
  if (known.has(stated)) throw invalidValue(`${at}.bulkId`, 'is that of another operation');
  known.add(stated);
  return stated;
}

/** `/Users` of a POST; `/Users/{id}`, also `/Users/bulkId:{bulkId}`, of the others. */
function readPath(stated: Json | undefined, method: BulkMethod, at: string) {
  const wanted = method === 'POST' ? '/Users or /Groups' : '/Users/{id} or /Groups/{id}';
  const fault = () => badRequest('invalidPath', `${at}.path must be ${wanted}`);
  if (typeof stated !== 'string' || stated.length > LIMITS.filterLength) throw fault();
  const [path = ''] = stated.split('?', 1);
  const [endpoint = '', ...rest] = path.replace(/^\//, '').split('/');
  if (endpoint.toLowerCase() === 'bulk')
    throw badRequest('invalidPath', `${at}.path: /Bulk may not stand in a bulk request`);
  const type = resourceTypes.find((one) => one.endpoint.toLowerCase() === `/${endpoint}`.toLowerCase());
  // A slash at the end leaves an empty segment.
  const segments = rest.filter((segment) => segment !== '');
  if (type === undefined || segments.length !== (method === 'POST' ? 0 : 1)) throw fault();
  const target = segments[0] === undefined ? undefined : decoded(segments[0]);
  return { type, target };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
