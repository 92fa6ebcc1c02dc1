import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import type { Dialect } from '../protocol/index.js';

/**
 * Entra ID, in its default dialect, sends an app role as JSON inside a string:
 *
 *     illegal  {"op":"Add","path":"roles","value":[{"value":"{\"id\":\"…\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"}]}
 *     legal    {"op":"add","path":"roles","value":[{"value":"Admin","display":"Admin"}]}
 */
export const entraStringifiedRoles: Dialect = {
  name: 'entra-stringified-roles',
  from: ['Entra ID'],
  illegal:
    '{"op":"add","path":"roles","value":[{"value":"{\\"id\\":\\"1\\",\\"value\\":\\"Admin\\",\\"displayName\\":\\"Admin\\"}"}]}',
  legal: '{"op":"add","path":"roles","value":[{"value":"Admin","display":"Admin"}]}',
  always: true,
  value(attribute, value) {
    return attribute.name === 'roles' && isJsonArray(value) ? value.map(unwrapped) : value;
  },
};

function unwrapped(element: Json): Json {
  if (!isJsonObject(element)) return element;
  const inner = parsed(element['value']);
  if (typeof inner?.['value'] !== 'string') return element;
  const display = inner['displayName'];
  return { ...element, value: inner['value'], ...(typeof display === 'string' ? { display } : {}) };
}

/** The object inside a string. Roles are short; anything longer is a value like any other. */
function parsed(value: Json | undefined): JsonObject | undefined {
  if (typeof value !== 'string' || !value.startsWith('{') || value.length > 2_000) return undefined;
  try {
    const inner: unknown = JSON.parse(value);
    return isJsonObject(inner) ? inner : undefined;
  } catch {
    return undefined;
  }
}
