import { isJsonArray } from '../../common/index.js';
import type { Json, JsonObject } from '../../common/index.js';
import { canonicalJson } from '../../journal/index.js';

/** What is said of a person at one time. */
export interface Said {
  readonly claims: JsonObject;
  readonly unreadable: Readonly<Record<string, string>>;
}

/** Names of claims whose values differ, or that only one of them has. The order of values and repetitions mean nothing. */
export function changedClaims(before: JsonObject, after: JsonObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => {
    const [left, right] = [valuesOf(before, name), valuesOf(after, name)];
    return left.size !== right.size || [...left].some((value) => !right.has(value));
  });
}

/** Whether a claim lost a value. One that cannot be read now has lost none. */
export function losesValues(before: JsonObject, { claims, unreadable }: Said): boolean {
  return Object.keys(before).some((name) => {
    if (Object.hasOwn(unreadable, name)) return false;
    const left = valuesOf(claims, name);
    return [...valuesOf(before, name)].some((value) => !left.has(value));
  });
}

/** Values of a claim as texts that tell one from another; a claim that is there and empty differs from one that is missing. */
function valuesOf(claims: JsonObject, name: string): Set<string> {
  // A claim may be called as something that every object inherits.
  if (!Object.hasOwn(claims, name)) return new Set();
  const value: Json = claims[name] ?? null;
  return new Set(isJsonArray(value) ? ['array', ...value.map(canonicalJson)] : [canonicalJson(value)]);
}
