import type { AttributeReference, Sort } from '../model.js';
import { unsupported } from './comparisons.js';
import { DATE_TIME } from './documents.js';
import type { Parameters, SqlType } from './parameters.js';
import type { Column, Relation, Shape } from './shape.js';

/** What rows are ordered by: an SQL expression over the row `r`, NULL where there is no value. */
export interface SortKey {
  readonly sql: string;
  readonly type: Extract<SqlType, 'text' | 'uuid' | 'boolean' | 'numeric' | 'timestamptz'>;
  readonly nullable: boolean;
}

/** The order of rows. Without a key it is that of their ids, which also orders rows of one key. */
export interface Order {
  readonly key: SortKey | null;
  readonly descending: boolean;
}

/** The order of ages. */
export const BY_ID: Order = { key: null, descending: false };

/** Characters by which strings of documents are ordered: a cursor holds them. Columns are bounded anyway. */
const KEY_LENGTH = 256;

/**
 * Compiles an order. PostgreSQL's own places for NULL, last and in descending order first, are those of RFC 7644 section
 * 3.4.2.3.
 *
 * @throws DirectoryError unsupportedQuery: a complex attribute, or one that is not stored
 */
export function compileSort(sort: Sort | undefined, shape: Shape, parameters: Parameters): Order {
  if (!sort) return BY_ID;
  const { attribute, descending } = sort;
  if (attribute === null || isId(attribute)) return { key: null, descending };
  return { key: keyOf(attribute, shape, parameters), descending };
}

function isId({ path }: AttributeReference): boolean {
  return path.length === 1 && path[0] === 'id';
}

function keyOf(attribute: AttributeReference, shape: Shape, parameters: Parameters): SortKey {
  const [name = '', ...rest] = attribute.path;
  const relation = shape.relations.get(name);
  if (relation) return relationKey(attribute, relation, rest);
  const column = shape.columns.get(attribute.path.join('.'));
  if (column) return columnKey(column, attribute);
  if (name === 'meta' || attribute.type === 'complex') throw unsupported(attribute, 'has no order');
  return documentKey(attribute, parameters);
}

function columnKey(column: Column, { caseExact }: AttributeReference): SortKey {
  switch (column.kind) {
    case 'text': {
      const sql = (caseExact ? undefined : column.folded) ?? column.exact;
      return { sql, type: 'text', nullable: column.optional ?? false };
    }
    case 'dateTime':
      return { sql: column.sql, type: 'timestamptz', nullable: false };
    default:
      return { sql: column.sql, type: column.kind, nullable: false };
  }
}

/** The first element counts; they are shown in the order of their main sub-attribute, an id. */
function relationKey(attribute: AttributeReference, relation: Relation, rest: readonly string[]): SortKey {
  const column = relation.columns.get(rest.join('.') || relation.main);
  const main = relation.columns.get(relation.main);
  if (!column || main?.kind !== 'uuid') throw unsupported(attribute, 'has no order');
  const { sql, type } = columnKey(column, attribute);
  return { sql: `(SELECT ${sql} ${relation.from} ORDER BY ${main.sql} LIMIT 1)`, type, nullable: true };
}

function documentKey(attribute: AttributeReference, parameters: Parameters): SortKey {
  const source = attribute.caseExact || attribute.type === 'dateTime' ? 'r.document' : 'r.search';
  const value = attribute.single
    ? `(${source} #> ${parameters.add(attribute.path, 'text[]')})`
    : firstValue(source, attribute, parameters);
  const text = `(${value} #>> '{}')`;
  switch (attribute.type) {
    case 'boolean':
      return { sql: `(${value} = 'true'::jsonb)`, type: 'boolean', nullable: true };
    case 'integer':
    case 'decimal': {
      const sql = `(CASE WHEN jsonb_typeof(${value}) = 'number' THEN ${text}::numeric END)`;
      return { sql, type: 'numeric', nullable: true };
    }
    case 'dateTime': {
      const sql = `(CASE WHEN ${text} ~ '${DATE_TIME}' THEN ${text}::timestamptz END)`;
      return { sql, type: 'timestamptz', nullable: true };
    }
    default:
      return { sql: `NULLIF(left(${text}, ${KEY_LENGTH}), '') COLLATE "C"`, type: 'text', nullable: true };
  }
}

function firstValue(source: string, attribute: AttributeReference, parameters: Parameters): string {
  const values = pathsOf(attribute).map(
    (path) => `jsonb_path_query_first(${source}, ${parameters.add(path, 'jsonpath')})`,
  );
  return `coalesce(${values.join(', ')})`;
}

/** SQL/JSON paths of the value that counts, the first that leads somewhere. Names take the escapes of JSON. */
function pathsOf({ path, multiValued }: AttributeReference): string[] {
  const steps = path.map((name) => `.${JSON.stringify(name)}`);
  if (!multiValued) return [`lax $${steps.join('')}[*]`];
  const [list = '', ...rest] = steps;
  const value = rest.join('');
  return [`lax $${list}[*] ? (@."primary" == true)${value}`, `lax $${list}[*]${value}`];
}
