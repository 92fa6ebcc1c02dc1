import { isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import { commonAttributes, resolveName, type ResourceTypeDefinition } from './schema/index.js';

/** Names by level: an attribute or an extension, then its attributes or sub-attributes; `true` means all of it. */
type Tree = Map<string, Tree | true>;

/** Which attributes of a resource an answer shows (RFC 7644 section 3.9). */
export interface Projection {
  /** Whether anything of a top-level attribute is shown, so that what is not need not be read. */
  shows(name: string): boolean;
  apply(resource: JsonObject): JsonObject;
}

/** Everything that is returned by default. */
export const wholeResource: Projection = { shows: () => true, apply: (resource) => resource };

/**
 * Compiles `attributes` and `excludedAttributes`. They exclude each other by the RFC; given both, `attributes` holds.
 * What is returned always (`id`, `schemas`) stays; names the schemas do not know are passed over.
 */
export function projectionOf(
  type: ResourceTypeDefinition,
  attributes: readonly string[],
  excluded: readonly string[],
): Projection {
  if (attributes.length > 0) {
    const tree = treeOf(type, attributes);
    for (const name of alwaysReturned) tree.set(name, true);
    return { shows: (name) => tree.has(name), apply: (resource) => pick(tree, resource) };
  }
  if (excluded.length === 0) return wholeResource;
  const tree = treeOf(type, excluded);
  for (const name of alwaysReturned) tree.delete(name);
  return { shows: (name) => tree.get(name) !== true, apply: (resource) => drop(tree, resource) };
}

const alwaysReturned = commonAttributes
  .filter(({ returned }) => returned === 'always')
  .map(({ name }) => name);

function treeOf(type: ResourceTypeDefinition, names: readonly string[]): Tree {
  const tree: Tree = new Map();
  for (const name of names) {
    const found = resolveName(type, name.trim());
    if (found === undefined) continue;
    if (found.kind === 'attribute') {
      const { extension, attribute, sub } = found;
      insert(tree, [...(extension ? [extension.id] : []), attribute.name, ...(sub ? [sub.name] : [])]);
    } else if (found.extension) insert(tree, [found.extension.id]);
    else for (const attribute of type.schema.attributes) insert(tree, [attribute.name]);
  }
  return tree;
}

function insert(tree: Tree, [first, ...rest]: readonly string[]): void {
  if (first === undefined) return;
  const present = tree.get(first);
  if (present === true) return;
  if (rest.length === 0) {
    tree.set(first, true);
    return;
  }
  const below: Tree = present ?? new Map();
  tree.set(first, below);
  insert(below, rest);
}

function pick(tree: Tree, object: JsonObject): JsonObject {
  return select(object, (key, value) => {
    const below = tree.get(key);
    if (below === undefined) return undefined;
    return below === true ? value : each(value, (inner) => pick(below, inner));
  });
}

function drop(tree: Tree, object: JsonObject): JsonObject {
  return select(object, (key, value) => {
    const below = tree.get(key);
    if (below === undefined) return value;
    return below === true ? undefined : each(value, (inner) => drop(below, inner));
  });
}

function select(object: JsonObject, choose: (key: string, value: Json) => Json | undefined): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    const chosen = choose(key, value);
    if (chosen !== undefined) result[key] = chosen;
  }
  return result;
}

/** Applied to an object or to each object of an array; nothing is left of one that is empty then. */
function each(value: Json, project: (object: JsonObject) => JsonObject): Json | undefined {
  if (Array.isArray(value)) {
    const elements = value.flatMap((element: Json) => each(element, project) ?? []);
    return elements.length === 0 ? undefined : elements;
  }
  if (!isJsonObject(value)) return value;
  const result = project(value);
  return Object.keys(result).length === 0 ? undefined : result;
}
