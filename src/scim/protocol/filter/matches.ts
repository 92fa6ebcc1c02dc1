import { fold, isJsonObject, type Json } from '../../../common/index.js';
import { findAttribute, type AttributeDefinition } from '../schema/index.js';
import type { Comparison, Filter, Literal } from './ast.js';
import { holds } from './holds.js';
import { typedLiteral } from './literals.js';

/**
 * Whether a value filter holds for one element of a multi-valued attribute, for PATCH paths. (Searches are compiled to
 * SQL and never come here.) What is unknown, or of another type, does not match.
 */
export function matches(filter: Filter, attribute: AttributeDefinition, element: Json): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.terms.every((term) => matches(term, attribute, element));
    case 'or':
      return filter.terms.some((term) => matches(term, attribute, element));
    case 'not':
      return !matches(filter.term, attribute, element);
    case 'some':
      return false;
    case 'present': {
      const found = subValue(attribute, element, filter.attribute.name);
      return found?.value !== undefined && found.value !== '';
    }
    case 'compare': {
      const found = subValue(attribute, element, filter.attribute.name);
      if (found === undefined) return false;
      const literal = typedLiteral(found.attribute, filter.operator, filter.value);
      return 'value' in literal && compare(found.attribute, filter.operator, found.value, literal.value);
    }
  }
}

function subValue(attribute: AttributeDefinition, element: Json, name: string) {
  const sub = findAttribute(attribute.subAttributes, name);
  if (sub === undefined || !isJsonObject(element)) return undefined;
  return { attribute: sub, value: Object.hasOwn(element, sub.name) ? element[sub.name] : undefined };
}

function compare(
  attribute: AttributeDefinition,
  operator: Comparison,
  value: Json | undefined,
  literal: Literal,
): boolean {
  // RFC 7643 section 2.5: unassigned and null are the same.
  const absent = value === undefined || value === null;
  if (literal === null) return operator === 'eq' ? absent : !absent;
  if (operator === 'ne') return !compare(attribute, 'eq', value, literal);
  // A primary that is not there is false.
  if (attribute.type === 'boolean') return (value === true) === literal;
  if (typeof value === 'number' && typeof literal === 'number') return holds(operator, value, literal);
  if (typeof value !== 'string' || typeof literal !== 'string') return false;
  return attribute.caseExact ? holds(operator, value, literal) : holds(operator, fold(value), fold(literal));
}
