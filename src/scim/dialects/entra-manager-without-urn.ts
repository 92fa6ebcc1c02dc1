import { isJsonObject, type Json } from '../../common/index.js';
import { ENTERPRISE_USER_SCHEMA, type Dialect, type PatchOperation } from '../protocol/index.js';

const BARE = /^manager(?=$|[.[])/i;

/**
 * Older configurations of Entra ID name the manager without the URN of its schema:
 *
 *     illegal  {"op":"Add","path":"manager","value":"u-17"}
 *     legal    {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":…}
 */
export const entraManagerWithoutUrn: Dialect = {
  name: 'entra-manager-without-urn',
  from: ['Entra ID'],
  illegal: '{"op":"add","path":"manager","value":{"value":"u-17"}}',
  legal:
    '{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"u-17"}}',
  always: true,
  operation(operation, { type }) {
    if (type.name !== 'User') return [operation];
    const { op, path, value } = operation;
    if (path !== undefined) return [{ ...operation, path: path.trim().replace(BARE, qualified) }];
    if (!isJsonObject(value)) return [operation];
    const key = Object.keys(value).find((candidate) => candidate.toLowerCase() === 'manager');
    if (key === undefined) return [operation];
    const rest: [string, Json][] = Object.entries(value).filter(([other]) => other !== key);
    const manager: PatchOperation = { op, path: qualified('manager'), value: value[key] ?? null };
    return rest.length > 0 ? [{ op, value: Object.fromEntries(rest) }, manager] : [manager];
  },
};

function qualified(name: string): string {
  return `${ENTERPRISE_USER_SCHEMA}:${name}`;
}
