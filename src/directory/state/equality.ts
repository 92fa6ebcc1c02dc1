import type { Json } from '../../common/index.js';
import { isJsonObject } from '../../common/index.js';

/** Whether two JSON values say the same. The order of an object's keys means nothing (RFC 8259 section 4), that of an array does. */
export function sameJson(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item: Json, at) => sameJson(item, (right as readonly Json[])[at] ?? null))
    );
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameJson(left[name] ?? null, right[name] ?? null))
  );
}

/** Names at the top of two objects whose values differ, or that only one of them has. */
export function differingNames(
  left: { readonly [key: string]: Json },
  right: { readonly [key: string]: Json },
): string[] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].filter((name) => {
    if (!Object.hasOwn(left, name) || !Object.hasOwn(right, name)) return true;
    return !sameJson(left[name] ?? null, right[name] ?? null);
  });
}
