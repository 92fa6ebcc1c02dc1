import type { Json } from '../../../common/index.js';
import { typedLiteral, type Filter } from '../filter/index.js';
import { findAttribute, type AttributeDefinition } from '../schema/index.js';
import type { Tolerance } from '../tolerance.js';
import { readValue } from '../values.js';
import type { AttributeOperation } from './prepare.js';

/** The element that the operation's filter describes by its `eq` and `and` terms; undefined for any other filter. */
export function elementFrom(
  operation: AttributeOperation,
  tolerance: Tolerance,
): Record<string, Json> | undefined {
  const { where, attribute, at } = operation;
  return where && describe(where, attribute, at, tolerance);
}

function describe(
  filter: Filter,
  attribute: AttributeDefinition,
  at: string,
  tolerance: Tolerance,
): Record<string, Json> | undefined {
  if (filter.kind === 'and') {
    const element: Record<string, Json> = {};
    for (const term of filter.terms) {
      const part = describe(term, attribute, at, tolerance);
      if (part === undefined) return undefined;
      Object.assign(element, part);
    }
    return element;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return undefined;
  const sub = findAttribute(attribute.subAttributes, filter.attribute.name);
  if (sub === undefined || sub.mutability === 'readOnly') return undefined;
  const literal = typedLiteral(sub, 'eq', filter.value);
  if (!('value' in literal)) return undefined;
  const value = readValue(sub, literal.value, `${at}.${sub.name}`, tolerance);
  return value === undefined ? {} : { [sub.name]: value };
}
