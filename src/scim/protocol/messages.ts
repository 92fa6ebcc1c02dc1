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

/** As {@link listResponse}, of resources that are JSON text already. */
export function listResponseText(total: number, startIndex: number, resources: readonly string[]): string {
  const { Resources: _, ...head } = listResponse(total, startIndex, []);
  const itemsPerPage = resources.length;
  return `${JSON.stringify({ ...head, itemsPerPage }).slice(0, -1)},"Resources":[${resources.join(',')}]}`;
}
