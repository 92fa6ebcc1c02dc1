import type { PageRequest } from '../model.js';
import { compileQuery } from './compile.js';
import { keyText } from './keyset.js';
import { Parameters } from './parameters.js';
import type { Shape } from './shape.js';
import { compileSort } from './sorting.js';
import type { Order, SortKey } from './sorting.js';
import type { Source } from './source.js';

/** What is asked of one kind of resources, of several that are listed together. */
export interface MixedPart extends Pick<PageRequest, 'query' | 'sort'> {
  readonly shape: Shape;
  /** Names the kind in the rows. */
  readonly kind: string;
}

/**
 * The living resources of several kinds, in one order: rows of `kind` and `id`.
 *
 * @param parts whose orders have one direction
 * @throws DirectoryError unsupportedQuery
 */
export function mixedSource(connectionId: string, parts: readonly MixedPart[]): Source {
  const parameters = new Parameters([connectionId]);
  const compiled = parts.map(({ shape, kind, query, sort }) => ({
    shape,
    kind,
    condition: query ? ` AND ${compileQuery(query, shape, parameters)}` : '',
    order: compileSort(sort, shape, parameters),
  }));
  const order = commonOrder(compiled.map((part) => part.order));
  const selects = compiled.map(
    (part) => `
SELECT '${part.kind}'::text AS kind, r.id${order.key ? `, ${keyOf(part.order.key, order.key)} AS k` : ''}
  FROM ${part.shape.table} r WHERE r.connection_id = $1::uuid AND r.deleted_at IS NULL${part.condition}`,
  );
  const values = parameters.values;
  return {
    from: `FROM (${selects.join('\nUNION ALL')}) r WHERE true`,
    values,
    order,
    parameters: values,
    columns: 'r.kind, r.id',
    table: null,
  };
}

/** Where kinds have values of different types, they are ordered as texts. */
function commonOrder(orders: readonly Order[]): Order {
  const descending = orders.some((order) => order.descending);
  const types = new Set(orders.flatMap(({ key }) => key?.type ?? []));
  const [only] = types;
  if (only === undefined) return { key: null, descending };
  const type = types.size === 1 ? only : 'text';
  return { key: { sql: type === 'text' ? 'r.k COLLATE "C"' : 'r.k', type, nullable: true }, descending };
}

function keyOf(own: SortKey | null, common: SortKey): string {
  if (own === null) return `NULL::${common.type}`;
  return own.type === common.type ? own.sql : keyText(own.sql, own);
}
