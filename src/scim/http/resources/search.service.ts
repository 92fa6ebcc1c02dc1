import type { MixedListPart, MixedLists, ShownResource } from '../../../directory/index.js';
import { groupType, parseFilter, userType, type ResourceTypeDefinition } from '../../protocol/index.js';
import type { ScimContext } from '../request/context.js';
import { directoryQuery } from '../lists/directory-query.js';
import { directorySort } from '../lists/directory-sort.js';
import type { MixedListQuery } from '../lists/list-query.js';
import type { JsonParts } from '../reply/json-parts.js';
import { listReply, spanOf } from '../lists/pages.js';
import { renderGroup, renderUser } from '../reply/render.js';
import type { ScimReply } from '../reply/reply.js';

/** `/.search`: users and groups in one list (RFC 7644 section 3.4.3). */
export class SearchService {
  constructor(private readonly lists: MixedLists) {}

  /** @throws ScimError 400 invalidFilter, invalidValue; DirectoryError */
  async search(context: ScimContext, query: MixedListQuery): Promise<ScimReply> {
    const part = (type: ResourceTypeDefinition, references: string): MixedListPart =>
      this.partOf(context, query, type, references);
    const page = await this.lists.list(context.connectionId, {
      users: part(userType, 'groups'),
      groups: part(groupType, 'members'),
      ...spanOf(query),
    });
    const views = { user: query.viewOf(userType), group: query.viewOf(groupType) };
    const render = (resource: ShownResource): JsonParts =>
      resource.kind === 'user'
        ? renderUser(resource.user, context.base, views.user)
        : renderGroup(resource.group, context.base, views.group);
    return listReply(query, page, page.items.map(render));
  }

  private partOf(
    { tolerance, base }: ScimContext,
    { filter, sort, viewOf }: MixedListQuery,
    type: ResourceTypeDefinition,
    references: string,
  ): MixedListPart {
    return {
      ...(filter !== undefined && {
        query: directoryQuery(type, parseFilter(tolerance.filter(filter)), base, true),
      }),
      ...(sort && { sort: directorySort(type, sort) }),
      withReferences: viewOf(type).shows(references),
    };
  }
}
