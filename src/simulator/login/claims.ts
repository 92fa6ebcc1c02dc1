import type { Json, JsonObject } from '../../common/index.js';

/** What a claim holds: its values, nothing at all, or something that cannot be read. */
export type ClaimValues =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Only top-level names count: no paths, no dots. The values are a copy. */
export function claimValues(claims: JsonObject, field: string): ClaimValues {
  if (!Object.hasOwn(claims, field)) return { kind: 'missing' };
  const value: Json | undefined = claims[field];
  if (value === null || value === undefined || value === '') return { kind: 'values', values: [] };
  if (typeof value === 'string') {
    if (value.includes(',')) return unreadable('a string with a comma may be a list');
    return { kind: 'values', values: [value] };
  }
  if (!Array.isArray(value)) return unreadable(`it is of type ${typeof value}`);
  const list: readonly unknown[] = value;
  const values = list.filter((item) => typeof item === 'string');
  if (values.length < list.length) return unreadable('it holds more than strings');
  return { kind: 'values', values };
}

function unreadable(why: string): ClaimValues {
  return { kind: 'unreadable', why };
}
