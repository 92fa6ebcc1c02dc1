import type { JsonObject } from '../../common/index.js';
import { LIST_RESPONSE_SCHEMA } from './urns.js';

/**
 * The list message of RFC 7644 section 3.4.2. `Resources` is there even when it is empty: Entra takes its absence for a
 * failure.
 *
 * @param startIndex of the first resource, counted from 1
 */
export function listResponse(
  total: number,
  startIndex: number,
  resources: readonly JsonObject[],
): JsonObject {
  return {
    schemas: [LIST_RESPONSE_SCHEMA],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

/** What an answer to a list says besides its resources. */
export interface ListHead {
  /** Of all pages. */
  readonly total: number;
  /** Of index pages: that of the first resource, counted from 1. */
  readonly startIndex?: number;
  /** Of cursor pages: where other pages begin (RFC 9865 section 2). */
  readonly nextCursor?: string | undefined;
  readonly previousCursor?: string | undefined;
}

/**
 * As {@link listResponse}, JSON text up to the array of the resources, which are text already: `[...]}` has to follow. An index
 * page or a cursor page.
 */
export function listResponseHead(head: ListHead, resources: number): string {
  const { total, startIndex, nextCursor, previousCursor } = head;
  const start = startIndex === undefined ? '' : `"startIndex":${startIndex},`;
  return `${HEAD}${total},${start}"itemsPerPage":${resources},${cursor('previousCursor', previousCursor)}${cursor('nextCursor', nextCursor)}"Resources":`;
}

const HEAD = `{"schemas":["${LIST_RESPONSE_SCHEMA}"],"totalResults":`;

function cursor(name: string, value: string | undefined): string {
  return value === undefined ? '' : `"${name}":${JSON.stringify(value)},`;
}
