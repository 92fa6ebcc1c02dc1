import { isJsonObject, type Json, type JsonObject } from '../../../common/index.js';
import { badRequest, ScimError } from '../errors.js';
import { namesSchema, valueOf } from '../json-text.js';
import { LIMITS } from '../limits.js';
import type { Tolerance } from '../tolerance.js';
import { PATCH_OP_SCHEMA } from '../urns.js';
import type { PatchOperation } from './operation.js';

/**
 * Reads the PatchOp message of RFC 7644 section 3.5.2; names in any case.
 *
 * @throws ScimError 400 invalidSyntax (no such message), invalidValue (unknown op, no value), noTarget (remove without a
 * path), invalidPath; 413 with more operations than are done in one request
 */
export function readPatch(body: JsonObject, tolerance: Tolerance): PatchOperation[] {
  if (!namesSchema(body, PATCH_OP_SCHEMA)) {
    throw badRequest('invalidSyntax', `schemas must name ${PATCH_OP_SCHEMA}`);
  }
  const operations = valueOf(body, 'Operations');
  const fewest = tolerance.permits('noOperations') ? 0 : 1;
  if (!Array.isArray(operations) || operations.length < fewest) {
    throw badRequest('invalidSyntax', 'Operations must be an array with at least one operation');
  }
  if (operations.length > LIMITS.operations) {
    throw new ScimError('payloadTooLarge', `more than ${LIMITS.operations} operations in one request`);
  }
  return operations.map((operation: Json, i) => readOperation(operation, `Operations[${i}]`, tolerance));
}

function readOperation(stated: Json, at: string, tolerance: Tolerance): PatchOperation {
  if (!isJsonObject(stated)) throw badRequest('invalidSyntax', `${at} must be an object`);
  const op = readOp(valueOf(stated, 'op'), at, tolerance);
  const path = readPathText(valueOf(stated, 'path'), at);
  const value = valueOf(stated, 'value');
  if (op === 'remove') {
    if (path === undefined) throw badRequest('noTarget', `${at}: remove needs a path`);
  } else if (value === undefined) {
    throw badRequest('invalidValue', `${at}: ${op} needs a value`);
  } else if (path === undefined && !isJsonObject(value)) {
    throw badRequest('invalidValue', `${at}: without a path the value must be an object`);
  }
  return { op, ...(path === undefined ? {} : { path }), ...(value === undefined ? {} : { value }) };
}

function readOp(stated: Json | undefined, at: string, tolerance: Tolerance): PatchOperation['op'] {
  const anyCase = typeof stated === 'string' && tolerance.permits('capitalisedOperations');
  const op = anyCase ? stated.toLowerCase() : stated;
  if (op === 'add' || op === 'remove' || op === 'replace') return op;
  throw badRequest('invalidValue', `${at}: op must be add, remove or replace`);
}

function readPathText(stated: Json | undefined, at: string): string | undefined {
  if (stated === undefined || stated === null) return undefined;
  if (typeof stated !== 'string') throw badRequest('invalidPath', `${at}: path must be a string`);
  return stated.trim() === '' ? undefined : stated;
}
