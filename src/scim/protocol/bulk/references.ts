import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../../common/index.js';
import { invalidValue } from '../errors.js';
import type { BulkOperation } from './request.js';

const PREFIX = 'bulkId:';
/** A reference inside the path of a PATCH operation: `members[value eq "bulkId:ada"]`. */
const IN_PATH = /"bulkId:([^"\\]+)"/g;

/** Where a reference stands, for messages. */
export interface Reference {
  readonly bulkId: string;
  readonly at: string;
}

/** The bulkIds that an operation refers to (RFC 7644 section 3.7.2): by its path, and by whole strings anywhere in its data. */
export function referencesOf({ target, data }: BulkOperation): Reference[] {
  const found: Reference[] = [];
  const ofPath = target === undefined ? undefined : referenceIn(target);
  if (ofPath !== undefined) found.push({ bulkId: ofPath, at: 'path' });
  if (data !== undefined) collect(data, '', found);
  return found;
}

function collect(value: Json, at: string, found: Reference[]): void {
  if (typeof value === 'string') {
    const bulkId = referenceIn(value);
    if (bulkId !== undefined) found.push({ bulkId, at });
    else if (isPathOfPatch(at)) {
      for (const [, inPath = ''] of value.matchAll(IN_PATH)) found.push({ bulkId: inPath, at });
    }
  } else if (isJsonArray(value)) value.forEach((inner, i) => collect(inner, `${at}[${i}]`, found));
  else if (isJsonObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      collect(inner, at === '' ? key.slice(0, 100) : `${at}.${key.slice(0, 100)}`, found);
    }
  }
}

function referenceIn(text: string): string | undefined {
  return text.startsWith(PREFIX) && text.length > PREFIX.length ? text.slice(PREFIX.length) : undefined;
}

function isPathOfPatch(at: string): boolean {
  return /^operations\[\d+\]\.path$/i.test(at);
}

/**
 * The operation with ids in the place of its references.
 *
 * @throws ScimError 400 invalidValue for a reference to nothing
 */
export function resolved(operation: BulkOperation, ids: ReadonlyMap<string, string>): BulkOperation {
  for (const { bulkId, at } of referencesOf(operation)) {
    if (!ids.has(bulkId)) {
      throw invalidValue(at, `no POST of this request has the bulkId ${JSON.stringify(bulkId.slice(0, 64))}`);
    }
  }
  const { target, data } = operation;
  return {
    ...operation,
    ...(target === undefined ? {} : { target: idFor(target, ids) }),
    ...(data === undefined ? {} : { data: replaced(data, '', ids) as JsonObject }),
  };
}

function replaced(value: Json, at: string, ids: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') {
    return isPathOfPatch(at)
      ? value.replace(IN_PATH, (_, bulkId: string) => JSON.stringify(ids.get(bulkId) ?? bulkId))
      : idFor(value, ids);
  }
  if (isJsonArray(value)) return value.map((inner, i) => replaced(inner, `${at}[${i}]`, ids));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      replaced(inner, at === '' ? key : `${at}.${key}`, ids),
    ]),
  );
}

function idFor(text: string, ids: ReadonlyMap<string, string>): string {
  const bulkId = referenceIn(text);
  return (bulkId === undefined ? undefined : ids.get(bulkId)) ?? text;
}
