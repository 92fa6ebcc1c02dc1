import { isJsonObject } from '../../common/index.js';
import type { Json } from '../../common/index.js';
import type { AttributeReference, Query } from '../model.js';
import { compareColumn, unsupported } from './comparisons.js';
import type { Comparison } from './comparisons.js';
import { compareJson, elementOf, holdsForValue, isPresent, jsonPath } from './documents.js';
import type { JsonSource } from './documents.js';
import type { Parameters } from './parameters.js';
import type { Column, IndexedList, Relation, Shape } from './shape.js';

/** Where the names of a search are looked for: a resource, an element of its document, or a row of a relation. */
interface Scope {
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** None: only what has a column is known. */
  readonly json?: JsonSource;
  readonly indexed?: ReadonlyMap<string, IndexedList>;
}

const NONE: ReadonlyMap<string, Relation> = new Map();

/**
 * Compiles a search over the row `r` to an SQL condition that is true or false, never NULL, so that `not` means what it says.
 * Values go to `parameters`.
 *
 * An absent attribute differs from every value (`ne`); of a multi-valued attribute one element that compares is enough,
 * for `ne` one that differs (RFC 7644 section 3.4.2.2). Equality with null is absence.
 *
 * @throws DirectoryError unsupportedQuery
 */
export function compileQuery(query: Query, shape: Shape, parameters: Parameters): string {
  const json = { document: 'r.document', search: 'r.search' };
  return compile(query, { ...shape, json }, parameters);
}

/**
 * The index that finds the few rows that a search can mean, whatever else it asks: that of a unique attribute, or that of a
 * list of the document; null where none does.
 */
export function indexFor(query: Query, shape: Shape): 'unique' | 'list' | null {
  if (query.kind === 'and') {
    const found = query.terms.map((term) => indexFor(term, shape));
    return found.find((index) => index === 'unique') ?? found.find((index) => index !== null) ?? null;
  }
  if (query.kind === 'compare') {
    if (query.operator !== 'eq' || query.value === null) return null;
    if (shape.unique.has(query.attribute.path.join('.'))) return 'unique';
    if (!query.attribute.multiValued) return null;
  } else if (query.kind !== 'some') return null;
  const [list, element] = elementwise(query.attribute);
  const where = query.kind === 'some' ? query.where : { ...query, attribute: element };
  const [name = '', ...rest] = query.kind === 'some' ? query.attribute.path : list.path;
  return rest.length === 0 && indexedValue(shape.indexed.get(name), elementOf(where)) !== null
    ? 'list'
    : null;
}

/** The value by which the index of a list finds what contains the element; null where it does not. */
function indexedValue(index: IndexedList | undefined, element: Json | null): string | null {
  const value = index && isJsonObject(element) ? element[index.by] : null;
  return typeof value === 'string' ? value : null;
}

function compile(query: Query, scope: Scope, parameters: Parameters): string {
  switch (query.kind) {
    case 'nothing':
      return 'false';
    case 'not':
      return `NOT (${compile(query.term, scope, parameters)})`;
    case 'and':
    case 'or': {
      if (query.terms.length === 0) return query.kind === 'and' ? 'true' : 'false';
      const terms = query.terms.map((term) => compile(term, scope, parameters));
      return `(${terms.join(query.kind === 'and' ? ' AND ' : ' OR ')})`;
    }
    case 'present':
      return present(query.attribute, scope, parameters);
    case 'some':
      return some(query.attribute, query.where, scope, parameters);
    case 'compare':
      return compare(query, scope, parameters);
  }
}

/** A multi-valued attribute, and what is asked of one of its elements. */
function elementwise(attribute: AttributeReference): [AttributeReference, AttributeReference] {
  const [name = '', ...rest] = attribute.path;
  return [
    { ...attribute, path: [name] },
    { ...attribute, path: rest, multiValued: false },
  ];
}

function isElementwise(attribute: AttributeReference, scope: Scope): boolean {
  return attribute.path.length > 0 && (attribute.multiValued || scope.relations.has(attribute.path[0] ?? ''));
}

function compare(query: Extract<Query, { kind: 'compare' }>, scope: Scope, parameters: Parameters): string {
  const { attribute, operator, value } = query;
  if (value === null) {
    // Compiled once: each compilation adds parameters, and one that the statement does not use has no type.
    if (operator === 'eq') return `NOT ${present(attribute, scope, parameters)}`;
    if (operator === 'ne') return present(attribute, scope, parameters);
    throw unsupported(attribute, `cannot be compared with null by ${operator}`);
  }
  if (isElementwise(attribute, scope)) {
    const [list, element] = elementwise(attribute);
    return some(list, { ...query, attribute: element }, scope, parameters);
  }
  if (operator === 'ne') {
    return `NOT (${compareOne({ attribute, operator: 'eq', value }, scope, parameters)})`;
  }
  return compareOne({ attribute, operator, value }, scope, parameters);
}

function compareOne(comparison: Comparison, scope: Scope, parameters: Parameters): string {
  const { attribute } = comparison;
  const column = scope.columns.get(attribute.path.join('.'));
  if (column) return compareColumn(column, comparison, parameters);
  if (!scope.json || attribute.path[0] === 'meta') throw unsupported(attribute, 'cannot be searched');
  return compareJson(scope.json, comparison, parameters);
}

function present(attribute: AttributeReference, scope: Scope, parameters: Parameters): string {
  const [name = ''] = attribute.path;
  const relation = scope.relations.get(name);
  if (relation) return `EXISTS (SELECT 1 ${relation.from})`;
  const column = scope.columns.get(attribute.path.join('.'));
  if (column?.kind === 'text') return `(${column.exact} IS NOT NULL AND ${column.exact} <> '')`;
  if (column || name === 'meta') return 'true';
  if (!scope.json) throw unsupported(attribute, 'cannot be searched');
  return holdsForValue(scope.json.document, attribute, parameters, isPresent);
}

function some(attribute: AttributeReference, where: Query, scope: Scope, parameters: Parameters): string {
  const [name = ''] = attribute.path;
  const relation = scope.relations.get(name);
  if (relation) {
    const inner = inRelation(where, relation);
    const condition = compile(inner, { columns: relation.columns, relations: NONE }, parameters);
    return `EXISTS (SELECT 1 ${relation.from} AND ${condition})`;
  }
  if (!scope.json) throw unsupported(attribute, 'cannot be searched');
  const element = attribute.path.length === 1 ? elementOf(where) : null;
  if (element !== null) {
    const contains = `${scope.json.search} @> ${parameters.add(JSON.stringify({ [name]: [element] }), 'jsonb')}`;
    const index = scope.indexed?.get(name);
    const value = indexedValue(index, element);
    if (!index || value === null) return contains;
    return `(${index.values} @> ${parameters.add(JSON.stringify([value]), 'jsonb')} AND ${contains})`;
  }
  // Both forms of the document have the same elements in the same order.
  const path = parameters.add(jsonPath(attribute.path), 'jsonpath');
  const alias = parameters.alias();
  const values = `jsonb_path_query(${scope.json.document}, ${path}), jsonb_path_query(${scope.json.search}, ${path})`;
  const json = { document: `${alias}.d`, search: `${alias}.s` };
  const condition = compile(where, { columns: new Map(), relations: NONE, json }, parameters);
  return `EXISTS (SELECT 1 FROM ROWS FROM (${values}) AS ${alias}(d, s) WHERE ${condition})`;
}

/** A comparison with an element itself means its main sub-attribute: `members eq "..."` is `members.value eq "..."`. */
function inRelation(where: Query, relation: Relation): Query {
  switch (where.kind) {
    case 'and':
    case 'or':
      return { ...where, terms: where.terms.map((term) => inRelation(term, relation)) };
    case 'not':
      return { ...where, term: inRelation(where.term, relation) };
    case 'compare':
    case 'present': {
      const path = where.attribute.path.length > 0 ? where.attribute.path : [relation.main];
      return { ...where, attribute: { ...where.attribute, path, multiValued: false } };
    }
    default:
      return where;
  }
}
