import { isJsonObject, type Json } from '../../../common/index.js';
import type { AttributeOperation } from './prepare.js';

/** A document being changed. Its nested values are replaced, never altered: they belong to the document it came from. */
export type Draft = Record<string, Json>;

/** The value of the attribute that the operation is aimed at, or undefined. */
export function currentValue(draft: Draft, { extension, attribute }: AttributeOperation): Json | undefined {
  const container = extension === null ? draft : draft[extension.id];
  if (!isJsonObject(container) || !Object.hasOwn(container, attribute.name)) return undefined;
  return container[attribute.name];
}

/** Sets it, or takes it away (undefined). An extension without attributes is no longer there. */
export function setValue(
  draft: Draft,
  { extension, attribute }: AttributeOperation,
  value: Json | undefined,
): void {
  if (extension === null) {
    assign(draft, attribute.name, value);
    return;
  }
  const present = draft[extension.id];
  const container: Draft = isJsonObject(present) ? { ...present } : {};
  assign(container, attribute.name, value);
  assign(draft, extension.id, Object.keys(container).length === 0 ? undefined : container);
}

/** The name is always one of the schemas', never the client's, so it cannot reach a prototype. */
function assign(object: Draft, name: string, value: Json | undefined): void {
  if (value === undefined) delete object[name];
  else object[name] = value;
}

/** A copy with one key set or taken away; undefined when nothing is left. */
export function withKey(element: Json | undefined, name: string, value: Json | undefined): Draft | undefined {
  const copy: Draft = isJsonObject(element) ? { ...element } : {};
  assign(copy, name, value);
  return Object.keys(copy).length === 0 ? undefined : copy;
}
