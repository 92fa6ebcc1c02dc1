import type { JsonObject } from '../../common/index.js';
import type { PushContext, ShownUser, StoredUser, Users, UserState } from '../../directory/index.js';
import { allDialects } from '../dialects/index.js';
import {
  applyPatch,
  preparePatch,
  readUser,
  sameJson,
  userFacts,
  userType,
  type Projection,
} from '../protocol/index.js';
import type { ListQuery } from './list-query.js';
import { answerList } from './lists.js';
import { locationOf, renderUser, resourceHeaders } from './render.js';
import type { ScimReply } from './reply.js';
import type { Settling } from './settling.js';

/** `/Users`: each method takes what was sent and answers what is to be sent. */
export class UsersService {
  /** @param base URL of the SCIM root, without a slash at its end */
  constructor(
    private readonly users: Users,
    private readonly settling: Settling,
    private readonly base: string,
  ) {}

  /** RFC 7644 section 3.3. @throws ScimError 400, 409; DirectoryError */
  async create(context: PushContext, body: JsonObject, view: Projection): Promise<ScimReply> {
    const pushed = await this.users.create(context, userFacts(readUser(body, allDialects)));
    await this.settling.created(pushed);
    const { resource } = pushed;
    return {
      ...this.show(resource, view),
      status: 201,
      headers: { ...resourceHeaders(resource), location: locationOf(userType, resource.id, this.base) },
    };
  }

  /** RFC 7644 section 3.4.1. */
  async get(context: PushContext, id: string, view: Projection): Promise<ScimReply> {
    return this.show(await this.users.get(context.connectionId, id, view.shows('groups')), view);
  }

  /** RFC 7644 section 3.4.2. */
  list(context: PushContext, query: ListQuery): Promise<ScimReply> {
    return answerList(
      userType,
      query,
      'groups',
      (page) => this.users.list(context.connectionId, page),
      (user) => renderUser(user, this.base, query.view),
    );
  }

  /**
   * RFC 7644 section 3.5.1: what is left out is cleared, but for `active`, which stays. Nothing is created here: an
   * unknown id is a 404.
   */
  async replace(context: PushContext, id: string, body: JsonObject, view: Projection): Promise<ScimReply> {
    return this.change(context, id, view, (current) => readUser(body, allDialects, current.active));
  }

  /** RFC 7644 section 3.5.2. The answer has the resource: Entra sends again what it does not show. */
  async patch(context: PushContext, id: string, body: JsonObject, view: Projection): Promise<ScimReply> {
    const { operations } = preparePatch({ type: userType, id }, body, allDialects);
    return this.change(context, id, view, ({ document }) =>
      applyPatch(userType, document, operations, allDialects),
    );
  }

  /** RFC 7644 section 3.6. */
  async remove(context: PushContext, id: string): Promise<ScimReply> {
    await this.settling.removed(await this.users.remove(context, id));
    return { status: 204 };
  }

  private async change(
    context: PushContext,
    id: string,
    view: Projection,
    next: (current: StoredUser) => JsonObject,
  ): Promise<ScimReply> {
    const pushed = await this.users.change(context, id, (current): UserState => {
      const document = next(current);
      return sameJson(document, current.document) ? current : userFacts(document);
    });
    await this.settling.changed(pushed);
    return view.shows('groups') ? this.get(context, id, view) : this.show(pushed.resource, view);
  }

  private show(user: StoredUser | ShownUser, view: Projection): ScimReply {
    return { status: 200, body: renderUser(user, this.base, view), headers: resourceHeaders(user) };
  }
}
