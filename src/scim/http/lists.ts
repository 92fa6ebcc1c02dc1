import type { Page, PageRequest } from '../../directory/index.js';
import { allDialects } from '../dialects/index.js';
import { listResponseText, parseFilter, type ResourceTypeDefinition } from '../protocol/index.js';
import { directoryQuery } from './directory-query.js';
import type { ListQuery } from './list-query.js';
import type { ScimReply } from './reply.js';

/**
 * Answers a list: nothing found is an empty list, never a 404.
 *
 * @param references the attribute that has to be read apart: `groups` of users, `members` of groups
 * @throws ScimError 400 invalidFilter
 */
export async function answerList<T>(
  type: ResourceTypeDefinition,
  query: ListQuery,
  references: string,
  read: (page: PageRequest) => Promise<Page<T>>,
  render: (resource: T) => string,
): Promise<ScimReply> {
  const { filter, startIndex, count, view } = query;
  const page = await read({
    ...(filter === undefined ? {} : { query: directoryQuery(type, parseFilter(allDialects.filter(filter))) }),
    offset: startIndex - 1,
    limit: count,
    withReferences: count > 0 && view.shows(references),
  });
  return { status: 200, body: listResponseText(page.total, startIndex, page.items.map(render)) };
}
