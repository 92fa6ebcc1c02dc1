import { isJsonArray, isJsonObject, type Json } from '../../common/index.js';
import type { Dialect } from '../protocol/index.js';

/**
 * Older configurations of Entra ID name a role's `display` `displayName`:
 *
 *     illegal  {"roles":[{"value":"Admin","displayName":"Administrator"}]}
 *     legal    {"roles":[{"value":"Admin","display":"Administrator"}]}
 */
export const entraRoleDisplayName: Dialect = {
  name: 'entra-role-display-name',
  from: ['Entra ID'],
  illegal: '{"userName":"ada","roles":[{"value":"Admin","displayName":"Administrator"}]}',
  legal: '{"userName":"ada","roles":[{"value":"Admin","display":"Administrator"}]}',
  always: true,
  value(attribute, value) {
    return attribute.name === 'roles' && isJsonArray(value) ? value.map(renamed) : value;
  },
};

function renamed(element: Json): Json {
  if (!isJsonObject(element) || element['display'] !== undefined) return element;
  const { displayName, ...rest } = element;
  return displayName === undefined ? element : { ...rest, display: displayName };
}
