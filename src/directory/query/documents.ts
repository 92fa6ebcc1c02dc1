import { fold } from '../../common/index.js';
import type { Json } from '../../common/index.js';
import type { AttributeReference, Query } from '../model.js';
import {
  booleanValue,
  compareOrdered,
  compareText,
  dateTimeValue,
  textValue,
  unsupported,
} from './comparisons.js';
import type { Comparison } from './comparisons.js';
import type { Parameters } from './parameters.js';

/** A JSON value that is searched in: SQL expressions for it as it was stated, and with folded strings. */
export interface JsonSource {
  readonly document: string;
  readonly search: string;
}

/**
 * The SQL/JSON path of an attribute's values. Lax mode opens arrays on the way, and `[*]` at the end; a name in double
 * quotes takes the escapes of JSON.
 */
export function jsonPath(path: readonly string[]): string {
  return `lax $${path.map((name) => `.${JSON.stringify(name)}`).join('')}[*]`;
}

/** SQL: a value at the attribute's path for which `test`, over the jsonb expression that it is given, holds. */
function someValue(
  source: string,
  path: readonly string[],
  parameters: Parameters,
  test: (value: string) => string,
): string {
  const name = parameters.alias();
  const values = `jsonb_path_query(${source}, ${parameters.add(jsonPath(path), 'jsonpath')})`;
  return `EXISTS (SELECT 1 FROM ${values} AS ${name}(v) WHERE ${test(`${name}.v`)})`;
}

/** SQL: whether there is a value at the attribute's path for which `test` holds: true or false, never NULL. */
export function holdsForValue(
  source: string,
  attribute: AttributeReference,
  parameters: Parameters,
  test: (value: string) => string,
): string {
  if (!attribute.single) return someValue(source, attribute.path, parameters, test);
  return `(${test(`(${source} #> ${parameters.add(attribute.path, 'text[]')})`)}) IS TRUE`;
}

/** SQL: not null, and not empty (RFC 7644 section 3.4.2.2, `pr`). */
export function isPresent(value: string): string {
  return `${value} NOT IN ('null', '""', '{}', '[]')`;
}

// Days as they are in the calendar (the leap years of four and of four hundred): a cast of anything else is an error.
/** A regular expression of PostgreSQL for what can be cast to a point in time. */
export const DATE_TIME = [
  '^(?!0000)(',
  '\\d{4}-(0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|\\d{4}-(0[469]|11)-(0[1-9]|[12]\\d|30)|\\d{4}-02-(0[1-9]|1\\d|2[0-8])|',
  '(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29',
  ')T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-](0\\d|1[0-4]):[0-5]\\d)$',
].join('');

const TEXT = (value: string): string => `(${value} #>> '{}')`;

/** SQL of a comparison with one JSON value: true or false, never NULL, never an error whatever is stored. */
function testValue(value: string, comparison: Comparison, parameters: Parameters): string {
  switch (comparison.attribute.type) {
    case 'complex':
      throw unsupported(comparison.attribute, 'has sub-attributes: name one');
    case 'boolean':
      return `${value} = '${booleanValue(comparison)}'::jsonb`;
    case 'integer':
    case 'decimal': {
      const number = Number(comparison.value);
      if (typeof comparison.value === 'boolean' || comparison.value === '' || !Number.isFinite(number)) {
        throw unsupported(comparison.attribute, 'is compared with a value that is no number');
      }
      const test = compareOrdered(
        `${TEXT(value)}::numeric`,
        comparison,
        parameters.add(String(number), 'numeric'),
      );
      return `CASE WHEN jsonb_typeof(${value}) = 'number' THEN ${test} ELSE false END`;
    }
    case 'dateTime': {
      const time = parameters.add(dateTimeValue(comparison), 'timestamptz');
      const test = compareOrdered(`${TEXT(value)}::timestamptz`, comparison, time);
      return `CASE WHEN jsonb_typeof(${value}) = 'string' AND ${TEXT(value)} ~ '${DATE_TIME}' THEN ${test} ELSE false END`;
    }
    default: {
      const stated = textValue(comparison);
      const wanted = comparison.attribute.caseExact ? stated : fold(stated);
      const test = compareText(`${TEXT(value)} COLLATE "C"`, comparison, wanted, parameters);
      return `(jsonb_typeof(${value}) = 'string' AND ${test})`;
    }
  }
}

/** SQL of a comparison with an attribute inside a JSON value. */
export function compareJson(source: JsonSource, comparison: Comparison, parameters: Parameters): string {
  const { attribute } = comparison;
  const exact = attribute.caseExact || attribute.type === 'dateTime';
  return holdsForValue(exact ? source.document : source.search, attribute, parameters, (value) =>
    testValue(value, comparison, parameters),
  );
}

/**
 * The element that contains everything a search asks of one element, when it asks for equality only: such a search is a
 * containment, which an index can answer. Null: it asks for more.
 */
export function elementOf(where: Query): Json | null {
  if (where.kind === 'and') {
    const parts = where.terms.map((term) => elementOf(term));
    if (parts.length === 0 || parts.some((part) => typeof part !== 'object' || part === null)) return null;
    const names = parts.flatMap((part) => Object.keys(part as object));
    // The same name twice asks for two values of one attribute.
    return new Set(names).size === names.length ? (Object.assign({}, ...parts) as Json) : null;
  }
  if (where.kind !== 'compare' || where.operator !== 'eq' || where.value === null) return null;
  const { attribute, operator, value } = where;
  if (attribute.multiValued || attribute.path.length > 1) return null;
  const wanted = equalValue({ attribute, operator, value });
  const [name] = attribute.path;
  return wanted === null || name === undefined ? wanted : { [name]: wanted };
}

/** The JSON value that an attribute equals in the folded document, for types whose equality is that of JSON. */
function equalValue(comparison: Comparison): string | boolean | null {
  const { type, caseExact } = comparison.attribute;
  if (type === 'boolean') return booleanValue(comparison);
  if ((type === 'string' || type === 'reference') && !caseExact) return fold(textValue(comparison));
  return null;
}
