import { fold } from '../../common/index.js';
import type { Json, JsonObject } from '../../common/index.js';

function shadow(value: Json): Json {
  if (typeof value === 'string') return fold(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => shadow(item));
  const copy: Record<string, Json> = {};
  for (const [name, item] of Object.entries(value as JsonObject)) {
    // A key named __proto__ is a key like any other. An object without a prototype would be simpler, and slow to stringify.
    if (name === '__proto__') Object.defineProperty(copy, name, { value: shadow(item), enumerable: true });
    else copy[name] = shadow(item);
  }
  return copy;
}

/**
 * The document with every string value folded (names stay as they are). Stored beside it, so that a search without
 * regard to case needs no lower() in SQL, whose result differs by the database's locale.
 */
export function searchShadow(document: JsonObject): JsonObject {
  return shadow(document) as JsonObject;
}
