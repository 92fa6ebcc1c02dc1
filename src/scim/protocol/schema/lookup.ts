import { commonAttributes } from './common-attributes.js';
import type { AttributeDefinition, ResourceTypeDefinition, SchemaDefinition } from './definition.js';

/** An attribute found by its name; `extension` is null for attributes of the core schema and common ones. */
export interface ResolvedAttribute {
  readonly kind: 'attribute';
  readonly extension: SchemaDefinition | null;
  readonly attribute: AttributeDefinition;
  readonly sub: AttributeDefinition | null;
}

/** The URN of a schema by itself: the whole resource (null), or the whole of an extension. */
export interface ResolvedSchema {
  readonly kind: 'schema';
  readonly extension: SchemaDefinition | null;
}

const indexes = new WeakMap<readonly AttributeDefinition[], ReadonlyMap<string, AttributeDefinition>>();

/** An attribute of a list by its name in any case (RFC 7643 section 2.1). */
export function findAttribute(
  attributes: readonly AttributeDefinition[] | undefined,
  name: string,
): AttributeDefinition | undefined {
  if (attributes === undefined) return undefined;
  let index = indexes.get(attributes);
  if (index === undefined) {
    const inLowerCase = attributes.map((attribute) => [attribute.name.toLowerCase(), attribute] as const);
    index = new Map([...inLowerCase, ...attributes.map((attribute) => [attribute.name, attribute] as const)]);
    indexes.set(attributes, index);
  }
  // Most clients spell names as the schema does.
  return index.get(name) ?? index.get(name.toLowerCase());
}

/** An extension of the type by its URN in any case. */
export function findExtension(type: ResourceTypeDefinition, urn: string): SchemaDefinition | undefined {
  // Most keys of a body are plain names.
  if (!urn.includes(':')) return undefined;
  const folded = urn.toLowerCase();
  return type.extensions.find((extension) => extension.id.toLowerCase() === folded);
}

/**
 * Resolves a name as it stands in filters, paths and `attributes`: `userName`, `name.givenName`, either with the URN of
 * its schema before it (RFC 7644 section 3.10), or such a URN alone. Undefined for what the schemas do not know.
 */
export function resolveName(
  type: ResourceTypeDefinition,
  name: string,
): ResolvedAttribute | ResolvedSchema | undefined {
  if (!name.includes(':')) return inSchema(type, null, name);
  for (const schema of [type.schema, ...type.extensions]) {
    const extension = schema === type.schema ? null : schema;
    const rest = afterUrn(name, schema.id);
    if (rest === '') return { kind: 'schema', extension };
    if (rest !== undefined) return inSchema(type, extension, rest);
  }
  return undefined;
}

/** What follows the URN and a colon; '' when the name is the URN itself; undefined when it is another. */
function afterUrn(name: string, urn: string): string | undefined {
  if (name.slice(0, urn.length).toLowerCase() !== urn.toLowerCase()) return undefined;
  if (name.length === urn.length) return '';
  return name[urn.length] === ':' ? name.slice(urn.length + 1) || undefined : undefined;
}

function inSchema(
  type: ResourceTypeDefinition,
  extension: SchemaDefinition | null,
  name: string,
): ResolvedAttribute | undefined {
  const [first = '', second, ...rest] = name.split('.', 3);
  if (rest.length > 0) return undefined;
  const attribute =
    findAttribute((extension ?? type.schema).attributes, first) ??
    (extension === null ? findAttribute(commonAttributes, first) : undefined);
  if (attribute === undefined) return undefined;
  if (second === undefined) return { kind: 'attribute', extension, attribute, sub: null };
  const sub = findAttribute(attribute.subAttributes, second);
  return sub === undefined ? undefined : { kind: 'attribute', extension, attribute, sub };
}

/** The name a person would write for an attribute, e.g. `name.givenName`, for messages. */
export function displayPath(found: Omit<ResolvedAttribute, 'kind'>): string {
  const prefix = found.extension === null ? '' : `${found.extension.id}:`;
  return `${prefix}${found.attribute.name}${found.sub === null ? '' : `.${found.sub.name}`}`;
}
