import type { Page, PageRequest } from '../../../directory/index.js';
import {
  LIMITS,
  listResponseHead,
  parseFilter,
  type ResourceTypeDefinition,
  type Tolerance,
} from '../../protocol/index.js';
import { around, arrayOf } from '../reply/json-parts.js';
import type { JsonParts } from '../reply/json-parts.js';
import type { ScimReply } from '../reply/reply.js';
import { directoryQuery } from './directory-query.js';
import { directorySort } from './directory-sort.js';
import type { ListQuery, ListRequest } from './list-query.js';

/**
 * Answers a list: nothing found is an empty list, never a 404.
 *
 * @param references the attribute that has to be read apart: `groups` of users, `members` of groups
 * @param base URL of the SCIM root, without a slash at its end
 * @throws ScimError 400 invalidFilter, invalidValue; DirectoryError
 */
export async function answerList<T>(
  type: ResourceTypeDefinition,
  query: ListQuery,
  tolerance: Tolerance,
  references: string,
  read: (page: PageRequest) => Promise<Page<T>>,
  render: (resource: T) => JsonParts,
  base: string,
): Promise<ScimReply> {
  const { filter, sort, count, view } = query;
  const { offset, limit, cursor } = spanOf(query);
  const page = await read({
    query:
      filter === undefined ? undefined : directoryQuery(type, parseFilter(tolerance.filter(filter)), base),
    sort: sort && directorySort(type, sort),
    offset,
    limit,
    cursor,
    withReferences: count > 0 && view.shows(references),
  });
  return listReply(query, page, page.items.map(render));
}

/** Which part of a list is asked for. */
export function spanOf({
  startIndex,
  count,
  cursor,
}: ListRequest): Pick<PageRequest, 'offset' | 'limit' | 'cursor'> {
  return {
    offset: startIndex - 1,
    limit: count,
    cursor: cursor === undefined ? undefined : { at: cursor, seconds: LIMITS.cursorSeconds },
  };
}

/** The answer to a list, of resources that are JSON text, in parts where one of them is. */
export function listReply(
  { startIndex, cursor }: ListRequest,
  { total, next, previous }: Omit<Page<unknown>, 'items'>,
  resources: readonly JsonParts[],
): ScimReply {
  const head =
    cursor === undefined ? { total, startIndex } : { total, nextCursor: next, previousCursor: previous };
  return { status: 200, body: around(listResponseHead(head, resources.length), arrayOf(resources), '}') };
}
