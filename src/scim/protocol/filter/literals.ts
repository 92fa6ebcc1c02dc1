import type { AttributeDefinition } from '../schema/index.js';
import type { Comparison, Literal } from './ast.js';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

const EQUALITY: readonly Comparison[] = ['eq', 'ne'];
const TEXT_ONLY: readonly Comparison[] = ['co', 'sw', 'ew'];

/**
 * A filter's value as one of the attribute's type, or what is wrong with it. Booleans may be quoted: Entra sends
 * `[primary eq "True"]`.
 */
export function typedLiteral(
  attribute: AttributeDefinition,
  operator: Comparison,
  literal: Literal,
): { readonly value: Literal } | { readonly problem: string } {
  if (literal === null) {
    return EQUALITY.includes(operator)
      ? { value: null }
      : { problem: `null can be compared with eq and ne only, not with ${operator}` };
  }
  switch (attribute.type) {
    case 'boolean':
      return booleanLiteral(attribute.name, operator, literal);
    case 'integer':
    case 'decimal':
      if (TEXT_ONLY.includes(operator))
        return { problem: `${attribute.name} is a number, for which there is no ${operator}` };
      return typeof literal === 'number' ? { value: literal } : { problem: `${attribute.name} is a number` };
    case 'dateTime':
      return dateTimeLiteral(attribute.name, operator, literal);
    default:
      return typeof literal === 'string' ? { value: literal } : { problem: `${attribute.name} is a string` };
  }
}

function booleanLiteral(name: string, operator: Comparison, literal: string | number | boolean) {
  if (!EQUALITY.includes(operator))
    return { problem: `${name} is a boolean, for which there is no ${operator}` };
  if (typeof literal === 'boolean') return { value: literal };
  const word = String(literal).toLowerCase();
  return word === 'true' || word === 'false'
    ? { value: word === 'true' }
    : { problem: `${name} is a boolean` };
}

function dateTimeLiteral(name: string, operator: Comparison, literal: string | number | boolean) {
  if (TEXT_ONLY.includes(operator))
    return { problem: `${name} is a dateTime, for which there is no ${operator}` };
  if (typeof literal !== 'string' || !isDateTime(literal)) return { problem: `${name} is a dateTime` };
  return { value: new Date(literal).toISOString() };
}

/** Whether a string is an xsd:dateTime with a time zone (RFC 7643 section 2.3.5). */
export function isDateTime(text: string): boolean {
  return DATE_TIME.test(text) && Number.isFinite(Date.parse(text));
}
