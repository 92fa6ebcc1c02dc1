import { isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import { badToken, Refusal } from '../refusal.js';

/** Texts longer than this name nobody. */
const LONGEST = 512;
/** With the u flag a surrogate of a pair is not matched by itself. */
const UNSTORABLE = /[\0\uD800-\uDFFF]/u;

export const NO_OBJECT: JsonObject = {};

/** What a hook does not understand, in words that repeat nothing of it. */
export function unusable(description: string): Refusal {
  return new Refusal('invalid_request', description);
}

/** @throws Refusal invalid_request where it is no JSON object */
export function parseObject(body: unknown): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch {
    throw unusable('the body must be JSON');
  }
  if (!isJsonObject(parsed)) throw unusable('the body must be a JSON object');
  return parsed;
}

/** The member of that name of its own; an object inherits some. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The object at that path; an empty one where there is none. */
export function objectAt(object: JsonObject, ...path: readonly string[]): JsonObject {
  let at = object;
  for (const name of path) {
    const next = memberOf(at, name);
    if (!isJsonObject(next)) return NO_OBJECT;
    at = next;
  }
  return at;
}

/** A text that can be kept and compared; null: none. */
export function textAt(object: JsonObject, name: string): string | null {
  const value = memberOf(object, name);
  const usable = typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST;
  return usable && !UNSTORABLE.test(value) ? value : null;
}

/** A time as ISO 8601 has it. */
export function timeAt(object: JsonObject, name: string): Date | null {
  const text = textAt(object, name);
  if (text === null || !/^\d{4}-\d\d-\d\dT/.test(text)) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** What is wrong with claims is the body's fault here: the caller has proven who it is. */
export function fromBody<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Refusal && error.code === 'invalid_token' ? unusable(error.description) : error;
  }
}

/** Whoever calls has not proven who it is. One answer for everything; why is for the log. */
export function unauthenticated(cause: unknown): Refusal {
  const { code, description } = badToken('the request is not authenticated');
  return new Refusal(code, description, undefined, { cause });
}
