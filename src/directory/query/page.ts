import type { Queryable } from '../../database/index.js';
import type { Page, PageRequest, Query } from '../model.js';
import type { Cursors } from './cursors.js';
import type { Lookups } from './lookups.js';
import { readPageOf } from './pages.js';
import type { Shape, UniqueLookup } from './shape.js';
import { sourceOf } from './source.js';
import type { SourceRow } from './source.js';

/** What pages are read with. */
export interface Reading {
  readonly database: Queryable;
  readonly lookups: Lookups;
  readonly cursors: Cursors;
}

/**
 * Reads a page of rows. Equality with a unique attribute is a prepared lookup, which reads the references as well.
 *
 * @param columns the list of what to select from `r`
 * @throws DirectoryError unsupportedQuery, invalidCursor, expiredCursor
 */
export async function readPage<Row extends SourceRow>(
  { database, lookups, cursors }: Reading,
  shape: Shape,
  columns: string,
  connectionId: string,
  page: PageRequest,
): Promise<Page<Row>> {
  const { query, sort, cursor, limit } = page;
  const lookup = (cursor?.at ?? '') === '' ? uniqueLookup(query, shape) : null;
  if (lookup) {
    const row = await lookUp<Row>(lookups, lookup, connectionId, page.withReferences);
    const rows = row === undefined ? [] : [row];
    const offset = cursor ? 0 : page.offset;
    return { total: rows.length, items: rows.slice(offset, offset + limit) };
  }
  const list = JSON.stringify([connectionId, shape.table, query ?? null, sort ?? null]);
  return readPageOf<Row>(database, cursors, sourceOf(shape, columns, connectionId, page), list, page);
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
