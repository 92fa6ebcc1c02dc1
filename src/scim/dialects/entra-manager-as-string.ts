import { isJsonArray } from '../../common/index.js';
import { findAttribute, type Dialect } from '../protocol/index.js';

/**
 * Entra ID states a single-valued complex attribute by its value alone, or as an array of one:
 *
 *     illegal  {"op":"Add","path":"urn:…:enterprise:2.0:User:manager","value":"u-17"}
 *     illegal  {"op":"Add","path":"urn:…:enterprise:2.0:User:manager","value":[{"value":"u-17"}]}
 *     legal    {"op":"add","path":"urn:…:enterprise:2.0:User:manager","value":{"value":"u-17"}}
 *
 * The empty string stays: it unassigns.
 */
export const entraManagerAsString: Dialect = {
  name: 'entra-manager-as-string',
  from: ['Entra ID'],
  illegal:
    '{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"u-17"}',
  legal:
    '{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"u-17"}}',
  always: true,
  value(attribute, value) {
    const { type, multiValued, subAttributes } = attribute;
    if (type !== 'complex' || multiValued || !findAttribute(subAttributes, 'value')) return value;
    const one = isJsonArray(value) ? (value[0] ?? null) : value;
    return typeof one === 'string' && one !== '' ? { value: one } : one;
  },
};
