import type { Json, JsonObject } from '../../common/index.js';

const DEEPEST = 16;
const MOST_VALUES = 20_000;
const LONGEST_NAME = 512;
/** Bytes of JSON that are kept of a person. */
const LARGEST = 64 * 1024;
/** With the u flag a surrogate of a pair is not matched by itself. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/**
 * Why claims cannot be kept, or undefined. Bounded in depth (without recursion), number and size; `__proto__` is no
 * claim that anybody means; PostgreSQL stores no NUL and no lone surrogate.
 */
export function faultOf(claims: JsonObject): string | undefined {
  const open: { readonly value: Json; readonly depth: number }[] = [{ value: claims, depth: 0 }];
  let values = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (++values > MOST_VALUES) return `the claims have more than ${MOST_VALUES} values`;
    if (typeof value === 'string' && isUnstorable(value))
      return 'a claim has a NUL character or a lone surrogate';
    if (typeof value !== 'object' || value === null) continue;
    if (depth === DEEPEST) return `the claims are nested deeper than ${DEEPEST} levels`;
    for (const [name, inner] of Object.entries(value)) {
      const fault = Array.isArray(value) ? undefined : nameFault(name);
      if (fault !== undefined) return fault;
      open.push({ value: inner, depth: depth + 1 });
    }
  }
  return Buffer.byteLength(JSON.stringify(claims)) > LARGEST
    ? `the claims have more than ${LARGEST} bytes`
    : undefined;
}

function nameFault(name: string): string | undefined {
  if (name === '__proto__') return 'a claim has the name __proto__';
  if (name.length > LONGEST_NAME) return `a claim has a name of more than ${LONGEST_NAME} characters`;
  return isUnstorable(name) ? 'the name of a claim has a NUL character or a lone surrogate' : undefined;
}

function isUnstorable(text: string): boolean {
  return text.includes('\0') || LONE_SURROGATE.test(text);
}
