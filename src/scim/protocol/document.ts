import { documentText, isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import { invalidValue } from './errors.js';
import { valueOf } from './json-text.js';
import { LIMITS } from './limits.js';
import {
  commonAttributes,
  findAttribute,
  findExtension,
  type AttributeDefinition,
  type ResourceTypeDefinition,
  type SchemaDefinition,
} from './schema/index.js';
import type { Tolerance } from './tolerance.js';
import { checkRequiredParts, readValue } from './values.js';

/**
 * Reads the body of a POST or PUT into a document: names in the schema's spelling, types checked, unassigned and
 * readOnly attributes (`id`, `meta`, `groups`, …) left out, as is everything the schemas do not know (RFC 7644 section
 * 3.3). Extensions are found by their key, whether or not `schemas` lists them: Entra's custom ones are not listed.
 *
 * @param apart attributes that are not part of the document (the members of groups)
 * @throws ScimError 400 invalidValue with the path
 */
export function readDocument(
  type: ResourceTypeDefinition,
  body: JsonObject,
  tolerance: Tolerance,
  apart: readonly AttributeDefinition[] = [],
): JsonObject {
  checkSchemas(type, body, tolerance);
  const document: Record<string, Json> = {};
  for (const [key, stated] of Object.entries(body)) {
    const extension = findExtension(type, key);
    const read = extension
      ? readExtension(extension, stated, tolerance)
      : readCore(type, key, stated, tolerance, apart);
    if (read === undefined) continue;
    if (read.value === undefined) delete document[read.name];
    else document[read.name] = read.value;
  }
  return checkDocument(type, document);
}

/** RFC 7643 section 3: `schemas` names the schema of the resource. */
function checkSchemas(type: ResourceTypeDefinition, body: JsonObject, tolerance: Tolerance): void {
  if (tolerance.permits('anySchemas')) return;
  const schemas = valueOf(body, 'schemas');
  const wanted = type.schema.id.toLowerCase();
  const isWanted = (urn: Json) => typeof urn === 'string' && urn.toLowerCase() === wanted;
  const named = Array.isArray(schemas) && schemas.some(isWanted);
  if (!named) throw invalidValue('schemas', `must name ${type.schema.id}`);
}

interface Read {
  readonly name: string;
  readonly value: Json | undefined;
}

function readCore(
  type: ResourceTypeDefinition,
  key: string,
  stated: Json,
  tolerance: Tolerance,
  apart: readonly AttributeDefinition[],
): Read | undefined {
  const attribute = findAttribute(type.schema.attributes, key) ?? findAttribute(commonAttributes, key);
  if (attribute === undefined || attribute.mutability === 'readOnly' || apart.includes(attribute))
    return undefined;
  return { name: attribute.name, value: readValue(attribute, stated, attribute.name, tolerance) };
}

function readExtension(extension: SchemaDefinition, stated: Json, tolerance: Tolerance): Read {
  if (stated === null) return { name: extension.id, value: undefined };
  if (!isJsonObject(stated)) throw invalidValue(extension.id, 'must be an object');
  const result: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(stated)) {
    const attribute = findAttribute(extension.attributes, key);
    if (attribute === undefined || attribute.mutability === 'readOnly') continue;
    const value = readValue(attribute, inner, `${extension.id}:${attribute.name}`, tolerance);
    if (value !== undefined) result[attribute.name] = value;
  }
  return { name: extension.id, value: Object.keys(result).length === 0 ? undefined : result };
}

/**
 * What holds for every stored document: required attributes are there, and it is not too large.
 *
 * @throws ScimError 400 invalidValue
 */
export function checkDocument(type: ResourceTypeDefinition, document: JsonObject): JsonObject {
  for (const attribute of type.schema.attributes) {
    if (!attribute.required) continue;
    const value = document[attribute.name];
    if (typeof value !== 'string' || value.trim() === '') throw invalidValue(attribute.name, 'is required');
  }
  for (const extension of type.extensions) checkExtension(extension, document[extension.id]);
  const text = documentText(document);
  // A UTF-16 unit takes three bytes at most, so that most documents need not be measured.
  if (
    text.length * 3 > LIMITS.documentBytes &&
    new TextEncoder().encode(text).length > LIMITS.documentBytes
  ) {
    throw invalidValue(type.name, `is larger than ${LIMITS.documentBytes} bytes`);
  }
  return document;
}

/** Required attributes of an extension, and required parts of its values, are there where the extension is. */
function checkExtension(extension: SchemaDefinition, data: Json | undefined): void {
  if (!isJsonObject(data)) return;
  for (const attribute of extension.attributes) {
    const at = `${extension.id}:${attribute.name}`;
    const value = data[attribute.name];
    if (value !== undefined) checkRequiredParts(attribute, value, at);
    else if (attribute.required) throw invalidValue(at, 'is required');
  }
}

/** URNs of the schemas of which the document holds data: the core and any extension that is there (RFC 7643 section 3). */
export function schemasOf(type: ResourceTypeDefinition, document: JsonObject): string[] {
  return [
    type.schema.id,
    ...type.extensions.filter(({ id }) => document[id] !== undefined).map(({ id }) => id),
  ];
}
