import type { JsonObject } from '../../../common/index.js';
import type { Pushed, ShownUser, StoredUser, Users, UserState } from '../../../directory/index.js';
import {
  applyPatch,
  preparePatch,
  projectionOf,
  readUser,
  requireConditions,
  sameJson,
  userFacts,
  userType,
  type Conditions,
  type Projection,
} from '../../protocol/index.js';
import type { ScimContext } from '../request/context.js';
import type { ListQuery } from '../lists/list-query.js';
import { answerList } from '../lists/pages.js';
import { locationOf, renderUser, resourceHeaders } from '../reply/render.js';
import type { ScimReply } from '../reply/reply.js';
import { revive } from './revival.js';
import type { Settling } from './settling.js';

/** For who does not look at the answer: nothing is read for it. */
const ONLY_ID = projectionOf(userType, ['id'], []);

/** `/Users`: each method takes what was sent and answers what is to be sent. */
export class UsersService {
  constructor(
    private readonly users: Users,
    private readonly settling: Settling,
  ) {}

  /**
   * RFC 7644 section 3.3.
   *
   * @param newId the id, where it had to be known before
   * @throws ScimError 400, 409; DirectoryError
   */
  async create(context: ScimContext, body: JsonObject, view: Projection, newId?: string): Promise<ScimReply> {
    const { resource } = await this.created(context, body, newId);
    return {
      ...this.show(context, resource, view),
      status: 201,
      headers: { ...resourceHeaders(resource), location: locationOf(userType, resource.id, context.base) },
    };
  }

  /** A user that was made, taken over from claims, or, where the connection asks for it, revived. */
  private async created(context: ScimContext, body: JsonObject, newId?: string): Promise<Pushed<StoredUser>> {
    const facts = userFacts(readUser(body, context.tolerance), context.tolerance);
    try {
      const pushed = await this.users.create(context, facts, newId);
      // Who was there before is not undone by a refusal.
      await (pushed.takenOver ? this.settling.changed(pushed) : this.settling.created(pushed));
      return pushed;
    } catch (error) {
      const revived = await revive(this.users, context, body, error);
      if (revived === undefined) throw error;
      await this.settling.changed(revived);
      return revived;
    }
  }

  /** RFC 7644 section 3.4.1. */
  async get(context: ScimContext, id: string, view: Projection): Promise<ScimReply> {
    return this.show(context, await this.users.get(context.connectionId, id, view.shows('groups')), view);
  }

  /** RFC 7644 section 3.4.2. */
  list(context: ScimContext, query: ListQuery): Promise<ScimReply> {
    return answerList(
      userType,
      query,
      context.tolerance,
      'groups',
      (page) => this.users.list(context.connectionId, page),
      (user) => renderUser(user, context.base, query.view),
      context.base,
    );
  }

  /**
   * RFC 7644 section 3.5.1: what is left out is cleared, but for `active`, which stays. Nothing is created here: an
   * unknown id is a 404.
   */
  async replace(
    context: ScimContext,
    id: string,
    body: JsonObject,
    view: Projection,
    conditions: Conditions = {},
  ): Promise<ScimReply> {
    return this.change(context, id, view, conditions, (current) =>
      readUser(body, context.tolerance, current.active),
    );
  }

  /** RFC 7644 section 3.5.2. The answer has the resource: Entra sends again what it does not show. */
  async patch(
    context: ScimContext,
    id: string,
    body: JsonObject,
    view: Projection = ONLY_ID,
    conditions: Conditions = {},
  ): Promise<ScimReply> {
    const { operations } = preparePatch({ type: userType, id }, body, context.tolerance);
    return this.change(context, id, view, conditions, ({ document }) =>
      applyPatch(userType, document, operations, context.tolerance),
    );
  }

  /** RFC 7644 section 3.6. */
  async remove(context: ScimContext, id: string, conditions: Conditions = {}): Promise<ScimReply> {
    const check = (version: number) => requireConditions(conditions, version);
    await this.settling.removed(await this.users.remove(context, id, check));
    return { status: 204 };
  }

  private async change(
    context: ScimContext,
    id: string,
    view: Projection,
    conditions: Conditions,
    next: (current: StoredUser) => JsonObject,
  ): Promise<ScimReply> {
    const pushed = await this.users.change(context, id, (current): UserState => {
      // Of the row that is written: whoever changes it in between makes this run again.
      requireConditions(conditions, current.version);
      const document = next(current);
      return sameJson(document, current.document) ? current : userFacts(document, context.tolerance);
    });
    await this.settling.changed(pushed);
    return view.shows('groups') ? this.get(context, id, view) : this.show(context, pushed.resource, view);
  }

  private show({ base }: ScimContext, user: StoredUser | ShownUser, view: Projection): ScimReply {
    return { status: 200, body: renderUser(user, base, view), headers: resourceHeaders(user) };
  }
}
