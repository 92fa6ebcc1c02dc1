import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import { badRequest, invalidValue } from './errors.js';
import { isDateTime } from './filter/literals.js';
import { LIMITS } from './limits.js';
import { findAttribute, type AttributeDefinition } from './schema/index.js';
import { stringFault } from './strings.js';
import type { Tolerance } from './tolerance.js';

/**
 * Reads what a client states of an attribute, all of its values. Undefined means unassigned: null and an empty array (RFC
 * 7643 section 2.5). Names come out in the
 * schema's spelling; what the schema does not know, and what only the bridge may say, is left out.
 *
 * @param at where the value stands, for messages
 * @throws ScimError 400 invalidValue with the path
 */
export function readValue(
  attribute: AttributeDefinition,
  stated: Json,
  at: string,
  tolerance: Tolerance,
): Json | undefined {
  const value = tolerance.value(attribute, stated);
  if (value === null) return undefined;
  if (!attribute.multiValued) return readSingle(attribute, value, at, tolerance);
  if (!Array.isArray(value)) throw invalidValue(at, 'must be an array');
  checkCount(value, at);
  const elements = value.flatMap((element: Json, i) =>
    element === null ? [] : (readSingle(attribute, element, `${at}[${i}]`, tolerance) ?? []),
  );
  if (elements.length === 0) return undefined;
  const settled = singlePrimary(elements, () => false);
  if (settled !== elements && !tolerance.permits('severalPrimaries')) {
    throw invalidValue(at, 'has more than one primary value');
  }
  return settled;
}

/** Refuses more values than a document may hold. */
export function checkCount(elements: readonly Json[], at: string): void {
  if (elements.length > LIMITS.values) throw invalidValue(at, `holds more than ${LIMITS.values} values`);
}

/**
 * At most one value is primary (RFC 7643 section 2.4): the first of those that `isNew`, else the first.
 */
export function singlePrimary(elements: readonly Json[], isNew: (element: Json) => boolean): readonly Json[] {
  const marked = elements.filter((element) => isJsonObject(element) && element['primary'] === true);
  if (marked.length < 2) return elements;
  const chosen = marked.find(isNew) ?? marked[0];
  return elements.map((element) =>
    element !== chosen && isJsonObject(element) && element['primary'] === true
      ? { ...element, primary: false }
      : element,
  );
}

/** One value: of a single-valued attribute, or an element of a multi-valued one. */
function readSingle(
  attribute: AttributeDefinition,
  value: Json,
  at: string,
  tolerance: Tolerance,
): Json | undefined {
  if (attribute.type !== 'complex') return readSimple(attribute, value, at);
  if (!isJsonObject(value)) throw invalidValue(at, 'must be an object');
  const result: Record<string, Json> = {};
  let assigned = false;
  for (const key of Object.keys(value)) {
    const sub = subAttributeOf(attribute, key);
    const read = sub && readValue(sub, value[key] ?? null, `${at}.${sub.name}`, tolerance);
    if (sub === undefined || read === undefined) continue;
    result[sub.name] = read;
    assigned = true;
  }
  return assigned ? result : undefined;
}

/**
 * Refuses values of a complex attribute that lack a required sub-attribute. Not asked while values are read: a PATCH may
 * state a part, and only what comes of it has to be whole.
 *
 * @throws ScimError 400 invalidValue with the path
 */
export function checkRequiredParts(attribute: AttributeDefinition, stored: Json, at: string): void {
  const required = (attribute.subAttributes ?? []).filter((sub) => sub.required);
  if (required.length === 0) return;
  const elements: readonly Json[] = isJsonArray(stored) ? stored : [stored];
  elements.forEach((element, i) => {
    for (const { name } of required) {
      if (isJsonObject(element) && !Object.hasOwn(element, name)) {
        throw invalidValue(`${attribute.multiValued ? `${at}[${i}]` : at}.${name}`, 'is required');
      }
    }
  });
}

/**
 * The sub-attributes that an object states, unassigned ones (undefined) too, so that a merge can clear them. Ones that
 * only the bridge may say are passed over.
 */
export function readSubAttributes(
  attribute: AttributeDefinition,
  object: JsonObject,
  at: string,
  tolerance: Tolerance,
): { readonly sub: AttributeDefinition; readonly value: Json | undefined }[] {
  const result = [];
  for (const [key, stated] of Object.entries(object)) {
    const sub = subAttributeOf(attribute, key);
    if (sub === undefined) continue;
    result.push({ sub, value: readValue(sub, stated, `${at}.${sub.name}`, tolerance) });
  }
  return result;
}

/** The sub-attribute of that name, where a client may state it. */
function subAttributeOf(attribute: AttributeDefinition, key: string): AttributeDefinition | undefined {
  const sub = findAttribute(attribute.subAttributes, key);
  return sub?.mutability === 'readOnly' ? undefined : sub;
}

function readSimple(attribute: AttributeDefinition, value: Json, at: string): Json {
  const read = readTyped(attribute, value, at);
  const problem = attribute.check?.(read);
  if (problem !== undefined) throw invalidValue(at, problem);
  return read;
}

function readTyped(attribute: AttributeDefinition, value: Json, at: string): Json {
  switch (attribute.type) {
    case 'boolean':
      if (typeof value !== 'boolean') throw invalidValue(at, 'must be true or false');
      return value;
    case 'integer':
      if (!Number.isSafeInteger(value)) throw invalidValue(at, 'must be an integer');
      return value;
    case 'decimal':
      if (typeof value !== 'number') throw invalidValue(at, 'must be a number');
      return value;
    default:
      return readString(attribute, value, at);
  }
}

function readString(attribute: AttributeDefinition, value: Json, at: string): string {
  if (typeof value !== 'string') throw invalidValue(at, 'must be a string');
  const fault = stringFault(value);
  if (fault !== undefined) throw invalidValue(at, fault);
  if (attribute.maxLength !== undefined && value.length > attribute.maxLength) {
    throw invalidValue(at, `is longer than ${attribute.maxLength} characters`);
  }
  if (attribute.type === 'dateTime' && !isDateTime(value)) throw invalidValue(at, 'must be a dateTime');
  return value;
}

/** Refuses what may not be written at all. @throws ScimError 400 mutability */
export function refuseReadOnly(at: string): never {
  throw badRequest('mutability', `${at} is readOnly`);
}
