import type { AttributeDefinition } from '../schema/index.js';
import type { Comparison, Literal } from './ast.js';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** A day, or a time without a zone: no xsd:dateTime with a zone, and plain enough: both are read as UTC. */
const DAY = /^\d{4}-\d\d-\d\d$/;
const LOCAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?$/i;

const EQUALITY: readonly Comparison[] = ['eq', 'ne'];
const TEXT_ONLY: readonly Comparison[] = ['co', 'sw', 'ew'];
const ORDER: readonly Comparison[] = ['gt', 'ge', 'lt', 'le'];

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
    case 'binary':
      // RFC 7644 section 3.4.2.2, table 3.
      if (ORDER.includes(operator))
        return { problem: `${attribute.name} is binary, for which there is no ${operator}` };
      return typeof literal === 'string' ? { value: literal } : { problem: `${attribute.name} is a string` };
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
  const text = typeof literal === 'string' ? zoned(literal) : '';
  if (!isDateTime(text)) return { problem: `${name} is a dateTime` };
  return { value: new Date(text).toISOString() };
}

function zoned(text: string): string {
  if (DAY.test(text)) return `${text}T00:00:00Z`;
  return LOCAL_TIME.test(text) ? `${text}Z` : text;
}

/** Whether a string is an xsd:dateTime with a time zone (RFC 7643 section 2.3.5). */
export function isDateTime(text: string): boolean {
  return DATE_TIME.test(text) && Number.isFinite(Date.parse(text));
}
