import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../../common/index.js';
import { invalidValue } from '../errors.js';
import type { BulkOperation } from './request.js';

const PREFIX = 'bulkId:';
/** A reference inside the path of a PATCH operation: `members[value eq "bulkId:ada"]`. */
const IN_PATH = /"bulkId:([^"\\]+)"/g;
/** Characters of a place that are told: whoever nests more deeply knows what they did. */
const PLACE_LENGTH = 200;

/** Where a value stands: keys and indexes, from the outside. */
type Place = readonly (string | number)[];

/**
 * The bulkIds that an operation refers to (RFC 7644 section 3.7.2), each with the place where it stands first: in its path, as a
 * whole string anywhere in its data, or in the value filter of a PATCH path.
 */
export function referencesOf({ target, data }: BulkOperation): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const ofPath = target === undefined ? undefined : referenceIn(target);
  if (ofPath !== undefined) found.set(ofPath, 'path');
  if (data !== undefined) collect(data, [], found);
  return found;
}

function collect(value: Json, place: (string | number)[], found: Map<string, string>): void {
  if (typeof value === 'string') {
    for (const bulkId of referencesIn(value, place)) {
      if (!found.has(bulkId)) found.set(bulkId, textOf(place));
    }
    return;
  }
  for (const [key, inner] of entriesOf(value)) {
    place.push(key);
    collect(inner, place, found);
    place.pop();
  }
}

/**
 * The operation with ids in the place of its references.
 *
 * @throws ScimError 400 invalidValue for a reference to nothing
 */
export function resolved(operation: BulkOperation, ids: ReadonlyMap<string, string>): BulkOperation {
  const references = referencesOf(operation);
  if (references.size === 0) return operation;
  for (const [bulkId, at] of references) {
    if (!ids.has(bulkId)) {
      throw invalidValue(at, `no POST of this request has the bulkId ${JSON.stringify(bulkId.slice(0, 64))}`);
    }
  }
  const { target, data } = operation;
  return {
    ...operation,
    ...(target === undefined ? {} : { target: idFor(target, ids) }),
    ...(data === undefined ? {} : { data: replaced(data, [], ids) as JsonObject }),
  };
}

function replaced(value: Json, place: (string | number)[], ids: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') {
    return isPathOfPatch(place)
      ? value.replace(IN_PATH, (_, bulkId: string) => JSON.stringify(ids.get(bulkId) ?? bulkId))
      : idFor(value, ids);
  }
  const entries = entriesOf(value).map(([key, inner]): [string | number, Json] => {
    place.push(key);
    const after = replaced(inner, place, ids);
    place.pop();
    return [key, after];
  });
  if (isJsonArray(value)) return entries.map(([, inner]) => inner);
  return isJsonObject(value) ? Object.fromEntries(entries) : value;
}

function entriesOf(value: Json): (readonly [string | number, Json])[] {
  if (isJsonArray(value)) return value.map((inner, i) => [i, inner] as const);
  return isJsonObject(value) ? Object.entries(value) : [];
}

function referencesIn(text: string, place: Place): string[] {
  if (isPathOfPatch(place)) return [...text.matchAll(IN_PATH)].map(([, bulkId = '']) => bulkId);
  const bulkId = referenceIn(text);
  return bulkId === undefined ? [] : [bulkId];
}

function referenceIn(text: string): string | undefined {
  return text.startsWith(PREFIX) && text.length > PREFIX.length ? text.slice(PREFIX.length) : undefined;
}

function idFor(text: string, ids: ReadonlyMap<string, string>): string {
  const bulkId = referenceIn(text);
  return (bulkId === undefined ? undefined : ids.get(bulkId)) ?? text;
}

/** `Operations[0].path`. */
function isPathOfPatch(place: Place): boolean {
  const [first, second, third] = place;
  return (
    place.length === 3 &&
    typeof second === 'number' &&
    String(first).toLowerCase() === 'operations' &&
    String(third).toLowerCase() === 'path'
  );
}

function textOf(place: Place): string {
  let text = '';
  for (const key of place) {
    text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${key.slice(0, PLACE_LENGTH)}`;
    if (text.length > PLACE_LENGTH) break;
  }
  return text.slice(0, PLACE_LENGTH);
}
