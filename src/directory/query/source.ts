import type { Queryable } from '../../database/index.js';
import type { PageRequest, Query } from '../model.js';
import { livesIn } from '../push/sql.js';
import { compileQuery, indexFor } from './compile.js';
import { isAfter, keyText, orderBy, reversed } from './keyset.js';
import type { Place } from './keyset.js';
import { Parameters } from './parameters.js';
import type { Shape } from './shape.js';
import { compileSort } from './sorting.js';
import type { Order } from './sorting.js';

/** Rows that a list is made of, all of its pages. */
export interface Source {
  /** FROM and WHERE over the row `r`, for the page and for the total alike. */
  readonly from: string;
  /** The parameters of `from`. */
  readonly values: readonly unknown[];
  readonly order: Order;
  /** The parameters of `from` and of `order`. */
  readonly parameters: readonly unknown[];
  /** What is read of `r`, its id among it. */
  readonly columns: string;
  /** The table of `r` where its columns are wide, so that those of passed-over rows are better left alone. */
  readonly table: string | null;
}

/** Which of a source's rows are read. */
export interface Span {
  readonly limit: number;
  readonly offset?: number;
  /** Rows that come after it; before it in the opposite order. */
  readonly place?: Place | undefined;
  readonly backwards?: boolean;
}

/** A row that was read. */
export interface SourceRow {
  readonly id: string;
  /** Where the order has a key: the row's, as a cursor holds it. */
  readonly sort_key?: string | null;
}

/**
 * The living resources of a connection that a request means.
 *
 * @param columns the list of what to select from `r`
 * @throws DirectoryError unsupportedQuery
 */
export function sourceOf(
  shape: Shape,
  columns: string,
  connectionId: string,
  { query, sort }: Pick<PageRequest, 'query' | 'sort'>,
): Source {
  const parameters = new Parameters([connectionId]);
  const condition = query ? ` AND ${compileQuery(query, shape, parameters)}` : '';
  const values = [...parameters.values];
  const order = compileSort(sort, shape, parameters);
  return {
    from: `FROM ${shape.table} r WHERE ${livingIn(query, shape)}${condition}`,
    values,
    order,
    parameters: parameters.values,
    columns,
    table: shape.table,
  };
}

/**
 * SQL: whether `r` lives in the connection $1, written so that the index that serves the search best is the only one: a planner
 * without statistics takes any that begins with the connection, or that holds living rows only, for a good one.
 */
function livingIn(query: Query | undefined, shape: Shape): string {
  const index = query && indexFor(query, shape);
  if (index === 'list') return livesIn('r', '$1');
  return `r.connection_id ${index === 'unique' ? 'IS NOT DISTINCT FROM' : '='} $1::uuid AND r.deleted_at IS NULL`;
}

/** Rows of a source in its order; backwards in the opposite one. */
export async function readRows<Row extends SourceRow>(
  database: Queryable,
  source: Source,
  span: Span,
): Promise<Row[]> {
  if (span.limit === 0) return [];
  const parameters = new Parameters(source.parameters);
  const text = statementOf(source, span, parameters);
  return database.query<Row>(text, parameters.values);
}

function statementOf(source: Source, span: Span, parameters: Parameters): string {
  const { from, columns, table } = source;
  const order = span.backwards ? reversed(source.order) : source.order;
  const { key } = order;
  const beyond = span.place ? ` AND ${isAfter(order, span.place, parameters)}` : '';
  const offset = span.offset ? ` OFFSET ${parameters.add(span.offset, 'bigint')}` : '';
  const rows = `${from}${beyond} ${orderBy(order)} LIMIT ${parameters.add(span.limit, 'bigint')}${offset}`;
  if (table === null || (!key && offset === '')) {
    return `SELECT ${columns}${key ? `, ${keyText(key.sql, key)} AS sort_key` : ''} ${rows}`;
  }
  // Ordered and passed over are ids and keys only; the documents are read of those rows alone that are answered.
  const keys = key ? `, ${key.sql} AS k` : '';
  return `
SELECT ${columns}${key ? `, ${keyText('p.k', key)} AS sort_key` : ''}
  FROM (SELECT r.id${keys} ${rows}) p
       CROSS JOIN LATERAL (SELECT o.* FROM ${table} o WHERE o.id = p.id OFFSET 0) r
 ${orderBy(order, { key: 'p.k', id: 'p.id' })}`;
}

/** How many rows a source has. */
export async function countRows(database: Queryable, { from, values }: Source): Promise<number> {
  const [counted] = await database.query<{ total: number }>(`SELECT count(*) AS total ${from}`, values);
  return counted?.total ?? 0;
}
