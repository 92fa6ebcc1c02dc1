import { fold, isUuid } from '../../common/index.js';
import { DirectoryError } from '../model.js';
import type { AttributeReference, ComparisonOperator } from '../model.js';
import { isStorable } from '../state/checks.js';
import type { Parameters } from './parameters.js';
import type { Column } from './shape.js';

/** What a comparison compares with. */
export interface Comparison {
  readonly attribute: AttributeReference;
  /** `ne` is the negation of `eq`, and not among them. */
  readonly operator: Exclude<ComparisonOperator, 'ne'>;
  readonly value: string | number | boolean;
}

const ORDER = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;
type Ordering = keyof typeof ORDER;

/** @returns the error for a search that has no meaning, or none here */
export function unsupported(attribute: AttributeReference, why: string): DirectoryError {
  const name = attribute.path.join('.');
  return new DirectoryError('unsupportedQuery', `${name || 'the element'} ${why}`, [name]);
}

function ordering({ attribute, operator }: Comparison): Ordering {
  if (operator in ORDER) return operator as Ordering;
  throw unsupported(attribute, `cannot be compared by ${operator}`);
}

/** The value as text; other types do not compare with strings. */
export function textValue({ attribute, value }: Comparison): string {
  if (typeof value !== 'string') throw unsupported(attribute, 'is compared with a value that is no string');
  if (!isStorable(value)) throw unsupported(attribute, 'is compared with a character that is never stored');
  return value;
}

/** The value as a boolean; "True" and "False" are accepted, as Entra ID sends them in quotes. */
export function booleanValue({ attribute, operator, value }: Comparison): boolean {
  if (operator !== 'eq') throw unsupported(attribute, `cannot be compared by ${operator}`);
  const folded = typeof value === 'string' ? fold(value) : value;
  if (folded === true || folded === 'true') return true;
  if (folded === false || folded === 'false') return false;
  throw unsupported(attribute, 'is compared with a value that is no boolean');
}

/** The value as a point in time, ISO 8601 in UTC. */
export function dateTimeValue(comparison: Comparison): string {
  const [, local, zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?$/.exec(textValue(comparison)) ?? [];
  const time = local === undefined ? NaN : Date.parse(local + (zone ?? 'Z'));
  const utc = Number.isNaN(time) ? '' : new Date(time).toISOString();
  // A year before 1 or after 9999 has another form, and none in the database's type.
  if (!/^(?!0000)\d{4}-/.test(utc))
    throw unsupported(comparison.attribute, 'is compared with a value that is no dateTime');
  return utc;
}

/** SQL: a text compared by any operator; `sql` has collation "C". */
export function compareText(
  sql: string,
  comparison: Comparison,
  value: string,
  parameters: Parameters,
): string {
  const parameter = parameters.add(value, 'text');
  switch (comparison.operator) {
    case 'co':
      return `strpos(${sql}, ${parameter}) > 0`;
    case 'sw':
      return `starts_with(${sql}, ${parameter})`;
    case 'ew':
      return `right(${sql}, char_length(${parameter})) = ${parameter}`;
    default:
      return `${sql} ${ORDER[comparison.operator]} ${parameter}`;
  }
}

/** SQL: a number or a point in time compared by an operator of order. */
export function compareOrdered(sql: string, comparison: Comparison, parameter: string): string {
  return `${sql} ${ORDER[ordering(comparison)]} ${parameter}`;
}

function compareUuid(sql: string, comparison: Comparison, parameters: Parameters): string {
  const value = textValue(comparison);
  // eq by the index; ids are stored in lower case and compare exactly.
  if (comparison.operator !== 'eq')
    return compareText(`(${sql}::text) COLLATE "C"`, comparison, value, parameters);
  if (!isUuid(value) || value !== value.toLowerCase()) return 'false';
  return `${sql} = ${parameters.add(value, 'uuid')}`;
}

/** SQL of a comparison with a column: true or false, never NULL. */
export function compareColumn(column: Column, comparison: Comparison, parameters: Parameters): string {
  switch (column.kind) {
    case 'uuid':
      return compareUuid(column.sql, comparison, parameters);
    case 'boolean':
      return booleanValue(comparison) ? column.sql : `NOT ${column.sql}`;
    case 'dateTime':
      return compareOrdered(column.sql, comparison, parameters.add(dateTimeValue(comparison), 'timestamptz'));
    case 'text': {
      const value = textValue(comparison);
      const folded = comparison.attribute.caseExact ? undefined : column.folded;
      const sql = folded ?? column.exact;
      const test = compareText(sql, comparison, folded === undefined ? value : fold(value), parameters);
      return `(${sql} IS NOT NULL AND ${test})`;
    }
  }
}
