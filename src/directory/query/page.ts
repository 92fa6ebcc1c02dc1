import type { Queryable } from '../../database/index.js';
import type { Page, PageRequest, Query } from '../model.js';
import { compileQuery } from './compile.js';
import type { Lookups } from './lookups.js';
import { Parameters } from './parameters.js';
import type { Shape, UniqueLookup } from './shape.js';

/**
 * Reads a page of rows, ordered by id: a UUIDv7 begins with the time of creation. Equality with a unique attribute is a
 * prepared lookup, which reads the references as well. The total is counted only where the page itself does not tell it.
 *
 * @param columns the list of what to select from `r`
 * @throws DirectoryError unsupportedQuery
 */
export async function readPage<Row extends object>(
  database: Queryable,
  shape: Shape,
  columns: string,
  lookups: Lookups,
  connectionId: string,
  page: PageRequest,
): Promise<Page<Row>> {
  const lookup = uniqueLookup(page.query, shape);
  if (lookup) {
    const row = await lookUp<Row>(lookups, lookup, connectionId, page.withReferences);
    const rows = row === undefined ? [] : [row];
    return { total: rows.length, items: rows.slice(page.offset, page.offset + page.limit) };
  }
  const parameters = new Parameters([connectionId]);
  const condition = page.query ? ` AND ${compileQuery(page.query, shape, parameters)}` : '';
  const from = `FROM ${shape.table} r WHERE r.connection_id = $1::uuid AND r.deleted_at IS NULL${condition}`;
  const values = parameters.values;
  const items =
    page.limit === 0
      ? []
      : await database.query<Row>(
          `SELECT ${columns} ${from} ORDER BY r.id LIMIT $${values.length + 1}::bigint OFFSET $${values.length + 2}::bigint`,
          [...values, page.limit, page.offset],
        );
  const ended = items.length < page.limit && (items.length > 0 || page.offset === 0);
  if (ended) return { total: page.offset + items.length, items };
  const [counted] = await database.query<{ total: number }>(`SELECT count(*) AS total ${from}`, values);
  return { total: counted?.total ?? 0, items };
}

interface Lookup {
  readonly of: UniqueLookup;
  readonly value: string;
}

function uniqueLookup(query: Query | undefined, shape: Shape): Lookup | null {
  if (query?.kind !== 'compare' || query.operator !== 'eq' || typeof query.value !== 'string') return null;
  const of = shape.unique.get(query.attribute.path.join('.'));
  return of ? { of, value: query.value } : null;
}

async function lookUp<Row extends object>(
  lookups: Lookups,
  { of, value }: Lookup,
  connectionId: string,
  withReferences: boolean,
): Promise<Row | undefined> {
  const key = of.key(value);
  return key === null ? undefined : lookups.by<Row>(of, connectionId, key, withReferences);
}
