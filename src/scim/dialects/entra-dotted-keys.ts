import { isJsonObject } from '../../common/index.js';
import {
  findExtension,
  parsePath,
  resolveName,
  type Dialect,
  type PatchOperation,
  type ResourceTypeDefinition,
} from '../protocol/index.js';

/**
 * Entra ID, with the flag aadOptscim062020, puts paths where names of attributes belong:
 *
 *     illegal  {"op":"replace","value":{"displayName":"Ada","name.familyName":"King","urn:…:User:employeeNumber":"43"}}
 *     legal    {"op":"replace","value":{"displayName":"Ada"}},
 *              {"op":"replace","path":"name.familyName","value":"King"},
 *              {"op":"replace","path":"urn:…:User:employeeNumber","value":"43"}
 */
export const entraDottedKeys: Dialect = {
  name: 'entra-dotted-keys',
  from: ['Entra ID'],
  illegal:
    '{"op":"replace","value":{"displayName":"Ada","name.familyName":"King","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"43"}}',
  legal:
    '[{"op":"replace","value":{"displayName":"Ada"}},{"op":"replace","path":"name.familyName","value":"King"},{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":"43"}]',
  always: true,
  operation(operation, { type }) {
    const { op, path, value } = operation;
    if (path !== undefined || !isJsonObject(value)) return [operation];
    const entries = Object.entries(value);
    const paths = entries.filter(([key]) => isPath(type, key));
    if (paths.length === 0) return [operation];
    const plain = entries.filter(([key]) => !isPath(type, key));
    const rest: PatchOperation[] = plain.length > 0 ? [{ op, value: Object.fromEntries(plain) }] : [];
    return [...rest, ...paths.map(([key, inner]) => ({ op, path: key, value: inner }))];
  },
};

/** A key that is no name but leads to an attribute the schemas know. */
function isPath(type: ResourceTypeDefinition, key: string): boolean {
  if (!/[.:[]/.test(key) || findExtension(type, key)) return false;
  try {
    const path = parsePath(key);
    return resolveName(type, path.name)?.kind === 'attribute';
  } catch {
    return false;
  }
}
