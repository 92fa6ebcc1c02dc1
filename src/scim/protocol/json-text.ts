import { isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import { badRequest } from './errors.js';
import { LIMITS } from './limits.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Reads a request body. Its depth is measured on the text, so that no nesting reaches a recursive function.
 *
 * @throws ScimError 400 invalidSyntax: no JSON, nested too deeply
 */
export function parseJson(text: string): Json {
  if (deeperThan(text, LIMITS.jsonDepth)) {
    throw badRequest('invalidSyntax', `the body is nested more than ${LIMITS.jsonDepth} levels deep`);
  }
  try {
    // RFC 8259 section 8.1: a byte order mark may be ignored.
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as Json;
  } catch {
    // The engine's message quotes the text, which may hold personal data.
    throw badRequest('invalidSyntax', 'the body is not valid JSON');
  }
}

/** A body that must be an object. @throws ScimError 400 invalidSyntax */
export function requireObject(body: unknown): JsonObject {
  if (body === undefined) throw badRequest('invalidSyntax', 'the request needs a body');
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'the body must be a JSON object');
  return body;
}

/** The value of a key in any case (RFC 7643 section 2.1); the exact spelling goes first. */
export function valueOf(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const folded = name.toLowerCase();
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === folded);
  return key === undefined ? undefined : object[key];
}

/** Whether `schemas` of a message names this URN, in any case (RFC 7643 section 3.1). */
export function namesSchema(body: JsonObject, urn: string): boolean {
  const schemas = valueOf(body, 'schemas');
  const folded = urn.toLowerCase();
  return (
    Array.isArray(schemas) &&
    schemas.some((stated: Json) => typeof stated === 'string' && stated.toLowerCase() === folded)
  );
}

function deeperThan(text: string, limit: number): boolean {
  // What opens no more often than that is no deeper either: true of most bodies, and found without looking at each character.
  if (occurrences(text, '{', limit) + occurrences(text, '[', limit) <= limit) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++depth > limit) return true;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth--;
  }
  return false;
}

/** How often a character stands in the text, counted a little beyond `most`. */
function occurrences(text: string, character: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0 && count <= most; at = text.indexOf(character, at + 1))
    count++;
  return count;
}
