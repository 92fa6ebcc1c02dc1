import type { JsonObject } from '../../../common/index.js';
import type {
  GroupChange,
  Groups,
  GroupState,
  MemberOperation,
  ShownGroup,
  StoredGroup,
} from '../../../directory/index.js';
import {
  applyPatch,
  groupFacts,
  groupType,
  preparePatch,
  readGroup,
  requireConditions,
  sameJson,
  type Conditions,
  type Projection,
} from '../../protocol/index.js';
import type { ScimContext } from '../request/context.js';
import type { ListQuery } from '../lists/list-query.js';
import { answerList } from '../lists/pages.js';
import { locationOf, renderGroup, resourceHeaders } from '../reply/render.js';
import type { ScimReply } from '../reply/reply.js';
import type { Settling } from './settling.js';

/** `/Groups`: each method takes what was sent and answers what is to be sent. */
export class GroupsService {
  constructor(
    private readonly groups: Groups,
    private readonly settling: Settling,
  ) {}

  /**
   * RFC 7644 section 3.3.
   *
   * @param newId the id, where it had to be known before
   * @throws ScimError 400, 409; DirectoryError
   */
  async create(context: ScimContext, body: JsonObject, view: Projection, newId?: string): Promise<ScimReply> {
    const { facts, members = [] } = readGroup(body, context.tolerance);
    const pushed = await this.groups.create(context, facts, members, newId);
    await this.settling.created(pushed);
    const { id } = pushed.resource;
    // A new group without members has none to be read.
    const shown =
      members.length > 0 ? await this.get(context, id, view) : this.show(context, pushed.resource, view);
    const headers = { ...shown.headers, location: locationOf(groupType, id, context.base) };
    return { ...shown, status: 201, headers };
  }

  /** RFC 7644 section 3.4.1. */
  async get(context: ScimContext, id: string, view: Projection): Promise<ScimReply> {
    return this.show(context, await this.groups.get(context.connectionId, id, view.shows('members')), view);
  }

  /** RFC 7644 section 3.4.2. */
  list(context: ScimContext, query: ListQuery): Promise<ScimReply> {
    return answerList(
      groupType,
      query,
      context.tolerance,
      'members',
      (page) => this.groups.list(context.connectionId, page),
      (group) => renderGroup(group, context.base, query.view),
      context.base,
    );
  }

  /**
   * RFC 7644 section 3.5.1. `members` that is left out stays as it is (some Keycloak plugins leave it out); an empty list
   * clears it.
   */
  async replace(
    context: ScimContext,
    id: string,
    body: JsonObject,
    view: Projection,
    conditions: Conditions = {},
  ): Promise<ScimReply> {
    const { facts, members } = readGroup(body, context.tolerance);
    const pushed = await this.groups.change(context, id, {
      state: (current) => {
        requireConditions(conditions, current.version);
        return kept(current, facts.document);
      },
      ...(members === undefined ? {} : { members: [membership(members)] }),
    });
    await this.settling.changed(pushed, members);
    return this.get(context, id, view);
  }

  /**
   * RFC 7644 section 3.5.2. The answer is 204: reading all members back for each one that joins would cost more than the
   * change. With `attributes` it has to be the resource.
   */
  async patch(
    context: ScimContext,
    id: string,
    body: JsonObject,
    view?: Projection,
    conditions: Conditions = {},
  ): Promise<ScimReply> {
    const { operations, members } = preparePatch({ type: groupType, id }, body, context.tolerance);
    const change: GroupChange = {
      // Members alone need no look at the group, unless a condition has to hold while they change.
      ...(operations.length === 0 && Object.keys(conditions).length === 0
        ? {}
        : {
            state: (current) => {
              requireConditions(conditions, current.version);
              return kept(current, applyPatch(groupType, current.document, operations, context.tolerance));
            },
          }),
      ...(members.length === 0 ? {} : { members }),
    };
    const pushed = await this.groups.change(context, id, change);
    await this.settling.changed(pushed, members.flatMap(named));
    return view ? this.get(context, id, view) : { status: 204, headers: resourceHeaders(pushed.resource) };
  }

  /** RFC 7644 section 3.6. */
  async remove(context: ScimContext, id: string, conditions: Conditions = {}): Promise<ScimReply> {
    const check = (version: number) => requireConditions(conditions, version);
    await this.settling.removed(await this.groups.remove(context, id, check));
    return { status: 204 };
  }

  private show({ base }: ScimContext, group: StoredGroup | ShownGroup, view: Projection): ScimReply {
    return { status: 200, body: renderGroup(group, base, view), headers: resourceHeaders(group) };
  }
}

/** The users that an operation is about. */
function named(operation: MemberOperation): readonly string[] {
  return operation.op === 'clear' ? [] : operation.ids;
}

/** The group itself where nothing changed, so that its version stays. */
function kept(current: StoredGroup, document: JsonObject): GroupState {
  return sameJson(document, current.document) ? current : groupFacts(document);
}

function membership(members: readonly string[]) {
  return members.length === 0 ? ({ op: 'clear' } as const) : ({ op: 'replace', ids: members } as const);
}
