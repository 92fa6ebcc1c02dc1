import { isJsonObject, type JsonObject } from '../../common/index.js';

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** The exact schema, and at least one operation. */
export function isPatchOp(body: JsonObject): boolean {
  const { schemas, Operations } = body;
  return (
    Array.isArray(schemas) && schemas[0] === PATCH_OP && Array.isArray(Operations) && Operations.length > 0
  );
}

/** What the operations make of `active`: undefined when they do not touch it, null when it is no boolean. */
export function activeAfter(body: JsonObject): boolean | null | undefined {
  let active: boolean | undefined;
  const operations: unknown = body['Operations'];
  for (const operation of Array.isArray(operations) ? (operations as unknown[]) : []) {
    if (!isJsonObject(operation)) continue;
    const next = effect(operation);
    if (next === null) return null;
    active = next ?? active;
  }
  return active;
}

/** Replace counts, and the removal of `active`, which suspends; additions and all the rest are taken and dropped. */
function effect(operation: JsonObject): boolean | null | undefined {
  const op = lower(operation['op']);
  const path = lower(operation['path']);
  const value = operation['value'];
  if (op === 'remove') return path === 'active' ? false : undefined;
  if (op !== 'replace') return undefined;
  if (path === 'active') return truth(value);
  if (path || !isJsonObject(value)) return undefined;
  const key = Object.keys(value).find((name) => name.toLowerCase() === 'active');
  return key === undefined ? undefined : truth(value[key]);
}

/** Booleans, also as strings; null: it is none. */
export function truth(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = lower(value);
  return text === 'true' ? true : text === 'false' ? false : null;
}

function lower(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}
