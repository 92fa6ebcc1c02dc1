import type { Json, JsonObject } from '../../../common/index.js';
import {
  badRequest,
  invalidValue,
  LIMITS,
  projectionOf,
  valueOf,
  type Projection,
  type ResourceTypeDefinition,
} from '../../protocol/index.js';
import { BROKEN, parametersOf } from './parameters.js';

/** What a client asks of a list (RFC 7644 section 3.4.2), whatever is in it. */
export interface ListRequest {
  /** As it was sent, decoded. */
  readonly filter?: string | undefined;
  /** The attribute as it was written. */
  readonly sort?: { readonly by: string; readonly descending: boolean } | undefined;
  /** Counted from 1. */
  readonly startIndex: number;
  /** 0: the total only. */
  readonly count: number;
  /** Pages by cursors (RFC 9865), beginning with ''. Then `startIndex` is of no account. */
  readonly cursor?: string | undefined;
}

/** What a client asks of a list of one type of resources. */
export interface ListQuery extends ListRequest {
  readonly view: Projection;
}

/** A list of several types of resources: each has its own view. */
export interface MixedListQuery extends ListRequest {
  readonly viewOf: (type: ResourceTypeDefinition) => Projection;
}

/** Largest index that is counted with; anything above is past the end anyway. */
const MAX_INDEX = 2 ** 31;

/** The text of a parameter, or of a member of a search's body; undefined where it is not stated. */
type Stated = (name: string) => string | undefined;

/**
 * Reads the query string of a list. Parameters that are not known are passed over.
 *
 * @throws ScimError 400 invalidFilter, invalidValue, invalidCursor, invalidCount
 */
export function readListQuery(type: ResourceTypeDefinition, url: string): ListQuery {
  const parameters = parametersOf(url);
  return { ...requestOf((name) => parameters.get(name.toLowerCase())), view: viewOf(type, parameters) };
}

/** Reads `attributes` and `excludedAttributes` of a query string. @throws ScimError 400 invalidValue */
export function readView(type: ResourceTypeDefinition, url: string): Projection {
  return url.includes('?') ? viewOf(type, parametersOf(url)) : viewOf(type, new Map());
}

/** Whether `attributes` is stated: a PATCH then answers with the resource (RFC 7644 section 3.5.2). */
export function statesAttributes(url: string): boolean {
  return url.includes('?') && namesOf(parametersOf(url).get('attributes'), 'attributes').length > 0;
}

/** Whether `filter` is stated at all. */
export function statesFilter(url: string): boolean {
  return parametersOf(url).has('filter');
}

/** Reads the body of `.search` (RFC 7644 section 3.4.3). @throws ScimError as {@link readListQuery} */
export function readSearch(type: ResourceTypeDefinition, body: JsonObject): ListQuery {
  const { viewOf: view, ...request } = readMixedSearch(body);
  return { ...request, view: view(type) };
}

/** Reads the body of a `.search` over several types of resources. @throws ScimError as {@link readListQuery} */
export function readMixedSearch(body: JsonObject): MixedListQuery {
  const attributes = listOf(valueOf(body, 'attributes'), 'attributes');
  const excluded = listOf(valueOf(body, 'excludedAttributes'), 'excludedAttributes');
  return {
    ...requestOf((name) => memberOf(body, name)),
    viewOf: (type) => projectionOf(type, attributes, excluded),
  };
}

/** A member of a body as a parameter would have it. What is none is refused where the member is read. */
function memberOf(body: JsonObject, name: string): string | undefined {
  const value = valueOf(body, name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  const isNumber = typeof value === 'number' && (name === 'startIndex' || name === 'count');
  return isNumber ? String(value) : BROKEN;
}

function requestOf(stated: Stated): ListRequest {
  const cursor = cursorOf(stated('cursor'));
  const filter = filterOf(stated('filter'));
  const sort = sortOf(stated('sortBy'), stated('sortOrder'));
  const startIndex = startIndexOf(stated('startIndex'));
  const count = cursor === undefined ? countOf(stated('count')) : pageSizeOf(stated('count'));
  return { filter, sort, startIndex, count, cursor };
}

function filterOf(filter: string | undefined): string | undefined {
  if (filter === BROKEN) throw badRequest('invalidFilter', 'filter: must be a string, encoded well');
  return filter;
}

function sortOf(by: string | undefined, order: string | undefined): ListRequest['sort'] {
  if (by === BROKEN) throw invalidValue('sortBy', 'must be the name of an attribute');
  const direction = order?.trim().toLowerCase() ?? '';
  if (direction !== '' && direction !== 'ascending' && direction !== 'descending')
    throw invalidValue('sortOrder', 'must be ascending or descending');
  // An order of nothing is no order (RFC 7644 section 3.4.2.3).
  return by === undefined || by.trim() === ''
    ? undefined
    : { by: by.trim(), descending: direction === 'descending' };
}

function cursorOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  if (cursor === BROKEN || cursor.length > LIMITS.cursorLength)
    throw badRequest('invalidCursor', 'cursor: must be nextCursor or previousCursor of an answer, or empty');
  return cursor;
}

/** An index below 1 is 1. */
function startIndexOf(text: string | undefined): number {
  const start = integer(text, 'startIndex') ?? 1;
  return Math.min(Math.max(start, 1), MAX_INDEX);
}

/** No count is a page, a negative one 0, a large one the largest page. */
function countOf(text: string | undefined): number {
  const wanted = integer(text, 'count') ?? LIMITS.defaultPage;
  return Math.min(Math.max(wanted, 0), LIMITS.maxPage);
}

/** With a cursor, a count that is no size of a page is refused (RFC 9865 section 2.1). */
function pageSizeOf(text: string | undefined): number {
  const count = text === undefined || text.trim() === '' ? LIMITS.defaultPage : integerOf(text);
  if (count === undefined || count < 1 || count > LIMITS.maxPage)
    throw badRequest('invalidCount', `count: must be an integer from 1 to ${LIMITS.maxPage}`);
  return count;
}

function integer(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const number = integerOf(text);
  if (number === undefined) throw invalidValue(name, 'must be an integer');
  return number;
}

function integerOf(text: string): number | undefined {
  return /^[+-]?\d{1,30}$/.test(text.trim()) ? Number(text) : undefined;
}

function viewOf(type: ResourceTypeDefinition, parameters: ReadonlyMap<string, string>): Projection {
  return projectionOf(
    type,
    namesOf(parameters.get('attributes'), 'attributes'),
    namesOf(parameters.get('excludedattributes'), 'excludedAttributes'),
  );
}

function namesOf(text: string | undefined, name: string): string[] {
  if (text === undefined) return [];
  if (text === BROKEN) throw invalidValue(name, 'the percent-encoding is malformed');
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function listOf(value: Json | undefined, name: string): string[] {
  if (value === undefined || value === null) return [];
  const list = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(list)) throw invalidValue(name, 'must be an array of strings');
  return list.filter((element): element is string => typeof element === 'string' && element.trim() !== '');
}
