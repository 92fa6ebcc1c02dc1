import type { Parameters } from './parameters.js';
import type { Order, SortKey } from './sorting.js';

/** A place in an order, between two rows: at a row, which may be gone meanwhile. */
export interface Place {
  readonly id: string;
  /** The row's key as {@link keyText} has it. */
  readonly key: string | null;
}

/** SQL: ORDER BY of the row `r`. */
export function orderBy({ key, descending }: Order, names = { key: key?.sql, id: 'r.id' }): string {
  const direction = descending ? ' DESC' : '';
  return `ORDER BY ${key ? `${names.key}${direction}, ` : ''}${names.id}${direction}`;
}

/** The order in which the same rows come from the other end. */
export function reversed({ key, descending }: Order): Order {
  return { key, descending: !descending };
}

/**
 * SQL: whether the row `r` comes after a place. Both parts of the order have one direction, so that a comparison of rows
 * says it, which an index on the key can answer.
 */
export function isAfter({ key, descending }: Order, place: Place, parameters: Parameters): string {
  const beyond = descending ? '<' : '>';
  const id = parameters.add(place.id, 'uuid');
  if (!key) return `r.id ${beyond} ${id}`;
  if (place.key === null) {
    // NULL comes last; descending, it comes first.
    return descending ? `(${key.sql} IS NOT NULL OR r.id < ${id})` : `(${key.sql} IS NULL AND r.id > ${id})`;
  }
  const rest = `(${key.sql}, r.id) ${beyond} (${parameters.add(place.key, key.type)}, ${id})`;
  return key.nullable && !descending ? `(${rest} OR ${key.sql} IS NULL)` : rest;
}

/** SQL: a key as text that any server reads back as the same value. */
export function keyText(sql: string, { type }: SortKey): string {
  return type === 'timestamptz'
    ? `to_char(${sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    : `(${sql})::text`;
}
