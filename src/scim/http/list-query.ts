import type { Json, JsonObject } from '../../common/index.js';
import { decodeQueryValue } from '../dialects/index.js';
import {
  badRequest,
  invalidValue,
  LIMITS,
  projectionOf,
  valueOf,
  type Projection,
  type ResourceTypeDefinition,
} from '../protocol/index.js';

/** What a client asks of a list (RFC 7644 section 3.4.2). */
export interface ListQuery {
  /** As it was sent, decoded. */
  readonly filter?: string;
  /** Counted from 1. */
  readonly startIndex: number;
  /** 0: the total only. */
  readonly count: number;
  readonly view: Projection;
}

/** Largest index that is counted with; anything above is past the end anyway. */
const MAX_INDEX = 2 ** 31;

/**
 * Reads the query string of a list. Parameters that are not known are passed over (Entra's aadOptscim062020 has not even
 * a value).
 *
 * @throws ScimError 400 invalidFilter, invalidValue
 */
export function readListQuery(type: ResourceTypeDefinition, url: string): ListQuery {
  const parameters = parametersOf(url);
  return {
    ...pageOf(parameters.get('startIndex'), parameters.get('count')),
    ...filterOf(parameters.get('filter')),
    view: viewOf(type, parameters),
  };
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

/**
 * Reads the body of `.search` (RFC 7644 section 3.4.3).
 *
 * @throws ScimError 400 invalidFilter, invalidValue
 */
export function readSearch(type: ResourceTypeDefinition, body: JsonObject): ListQuery {
  const filter = valueOf(body, 'filter') ?? undefined;
  if (filter !== undefined && typeof filter !== 'string')
    throw badRequest('invalidFilter', 'filter must be a string');
  return {
    ...pageOf(numeric(valueOf(body, 'startIndex')), numeric(valueOf(body, 'count'))),
    ...filterOf(filter),
    view: projectionOf(
      type,
      listOf(valueOf(body, 'attributes'), 'attributes'),
      listOf(valueOf(body, 'excludedAttributes'), 'excludedAttributes'),
    ),
  };
}

/** The parameters of a URL, the first of each name, decoded. '' stands for one whose encoding is broken: no value is. */
function parametersOf(url: string): Map<string, string | undefined> {
  const parameters = new Map<string, string | undefined>();
  const start = url.indexOf('?');
  if (start < 0) return parameters;
  for (const part of url.slice(start + 1).split('&')) {
    const equals = part.indexOf('=');
    const name = decodeQueryValue(equals < 0 ? part : part.slice(0, equals));
    if (name === undefined || parameters.has(name)) continue;
    parameters.set(name, decodeQueryValue(equals < 0 ? '' : part.slice(equals + 1)) ?? BROKEN);
  }
  return parameters;
}

/** No value holds a NUL, so none is mistaken for this. */
const BROKEN = '\0';

function filterOf(filter: string | undefined): { readonly filter?: string } {
  if (filter === undefined) return {};
  if (filter === BROKEN) throw badRequest('invalidFilter', 'filter: the percent-encoding is malformed');
  return { filter };
}

/** Bounds and defaults: an index below 1 is 1; no count is a page, a negative one 0, a large one the largest page. */
function pageOf(startIndex: string | undefined, count: string | undefined) {
  const start = integer(startIndex, 'startIndex') ?? 1;
  const wanted = integer(count, 'count') ?? LIMITS.defaultPage;
  return {
    startIndex: Math.min(Math.max(start, 1), MAX_INDEX),
    count: Math.min(Math.max(wanted, 0), LIMITS.maxPage),
  };
}

function integer(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  if (!/^[+-]?\d{1,30}$/.test(text.trim())) throw invalidValue(name, 'must be an integer');
  return Number(text);
}

/** A number of a search body as a parameter would have it; what is none is refused as a parameter would be. */
function numeric(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function viewOf(
  type: ResourceTypeDefinition,
  parameters: ReadonlyMap<string, string | undefined>,
): Projection {
  return projectionOf(
    type,
    namesOf(parameters.get('attributes'), 'attributes'),
    namesOf(parameters.get('excludedAttributes'), 'excludedAttributes'),
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
