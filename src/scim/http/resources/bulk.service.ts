import { newId, type JsonObject } from '../../../common/index.js';
import type { Log } from '../../../telemetry/index.js';
import {
  bulkResponse,
  inOrder,
  projectionOf,
  readBulk,
  readConditions,
  resolved,
  ScimError,
  type BulkOperation,
  type BulkOutcome,
  type BulkRequest,
  type PlacedOperation,
} from '../../protocol/index.js';
import type { ScimContext } from '../request/context.js';
import { internalError, toScimError, withoutValues } from '../reply/failures.js';
import { locationOf } from '../reply/render.js';
import type { ScimReply } from '../reply/reply.js';
import type { GroupsService } from './groups.service.js';
import type { UsersService } from './users.service.js';

/** `/Bulk` (RFC 7644 section 3.7). Each operation is a push of its own: what was done before the process dies stays whole. */
export class BulkService {
  /**
   * @param users answers when a push is stored, without waiting for Coder: so do `groups`
   */
  constructor(
    private readonly users: UsersService,
    private readonly groups: GroupsService,
    private readonly log: Log,
  ) {}

  /** @throws ScimError 400, 413 for a message that is none; what single operations come to stands in the answer */
  async run(context: ScimContext, body: JsonObject): Promise<ScimReply> {
    const request = readBulk(body);
    const job = new BulkJob(
      request,
      context,
      (operation, id) => this.perform(context, operation, id),
      this.log,
    );
    return { status: 200, body: bulkResponse(request.operations, await job.run()) };
  }

  private perform(context: ScimContext, operation: BulkOperation, newId: string): Promise<ScimReply> {
    const { method, type, target = '', version, data = {} } = operation;
    const service = type.name === 'User' ? this.users : this.groups;
    const view = projectionOf(type, ['id'], []);
    const conditions = readConditions(version, undefined);
    switch (method) {
      case 'POST':
        return service.create(context, data, view, newId);
      case 'PUT':
        return service.replace(context, target, data, view, conditions);
      case 'PATCH':
        return service.patch(context, target, data, undefined, conditions);
      case 'DELETE':
        return service.remove(context, target, conditions);
    }
  }
}

type Perform = (operation: BulkOperation, newId: string) => Promise<ScimReply>;

/**
 * One bulk request under way. Ids of what it creates are chosen before anything is done, so that resources may refer to one
 * another in a circle and are each created whole.
 */
class BulkJob {
  private readonly outcomes = new Map<number, BulkOutcome>();
  /** By bulkId. */
  private readonly ids = new Map<string, string>();
  private errors = 0;

  constructor(
    private readonly request: BulkRequest,
    private readonly context: ScimContext,
    private readonly perform: Perform,
    private readonly log: Log,
  ) {}

  async run(): Promise<ReadonlyMap<number, BulkOutcome>> {
    const possible = new Map<number, BulkOperation>();
    this.request.operations.forEach(({ operation }, index) => {
      if (operation instanceof ScimError) this.refuse(index, operation);
      else possible.set(index, operation);
    });
    for (const { bulkId } of possible.values()) if (bulkId !== undefined) this.ids.set(bulkId, newId());
    for (const step of inOrder(possible)) {
      if (this.errors >= this.request.failOnErrors) break;
      if (step.length === 1) for (const placed of step) await this.carryOut(placed);
      else await this.carryOutCircle(step);
    }
    return this.outcomes;
  }

  /** Answers whether it succeeded. */
  private async carryOut(
    placed: PlacedOperation,
    within: ReadonlySet<number> = new Set([placed.index]),
  ): Promise<boolean> {
    const { index, operation, needs } = placed;
    try {
      const missing = needs.find((need) => !within.has(need) && !this.succeeded(need));
      if (missing !== undefined) throw this.conflict(missing);
      const ready = resolved(operation, this.ids);
      const reply = await this.perform(ready, this.ids.get(operation.bulkId ?? '') ?? newId());
      this.accept(index, ready, reply);
      return true;
    } catch (error) {
      this.refuse(index, this.refusalOf(error), operation);
      return false;
    }
  }

  /**
   * Creates what refers to one another. Where one of them cannot be created none is: those that were are deleted again, and
   * answered by 409 (RFC 7644 section 3.7.1).
   */
  private async carryOutCircle(step: readonly PlacedOperation[]): Promise<void> {
    const within = new Set(step.map(({ index }) => index));
    const assigned = new Map(this.ids);
    const done: PlacedOperation[] = [];
    for (const placed of step) {
      if (!(await this.carryOut(placed, within))) {
        const failed = placed.index;
        for (const other of done.toReversed()) await this.undo(other, this.conflict(failed));
        for (const other of step.slice(done.length + 1))
          this.refuse(other.index, this.conflict(failed), other.operation);
        return;
      }
      done.push(placed);
    }
    // Somebody who was revived has another id than was assigned; whoever was created before refers to nobody.
    const moved = [...assigned].some(([bulkId, id]) => this.ids.get(bulkId) !== id);
    if (moved) for (const { operation } of step) await this.restate(operation);
  }

  private async undo({ index, operation }: PlacedOperation, reason: ScimError): Promise<void> {
    const target = this.ids.get(operation.bulkId ?? '') ?? '';
    try {
      await this.perform({ method: 'DELETE', type: operation.type, target }, target);
      this.refuse(index, reason, operation);
    } catch (error) {
      // It stays, and the answer says so.
      this.log.error(
        { requestId: this.context.requestId, ...withoutValues(error) },
        'a bulk operation could not be undone',
      );
    }
  }

  private async restate(operation: BulkOperation): Promise<void> {
    const target = this.ids.get(operation.bulkId ?? '') ?? '';
    await this.perform({ ...resolved(operation, this.ids), method: 'PUT', target }, target);
  }

  private succeeded(index: number): boolean {
    return typeof this.outcomes.get(index)?.status === 'number';
  }

  private accept(index: number, { method, type, target, bulkId }: BulkOperation, reply: ScimReply): void {
    const { location = locationOf(type, target ?? '', this.context.base), etag } = reply.headers ?? {};
    if (bulkId !== undefined) this.ids.set(bulkId, location.slice(location.lastIndexOf('/') + 1));
    this.outcomes.set(index, {
      status: reply.status,
      location,
      ...(etag === undefined || method === 'DELETE' ? {} : { version: etag }),
    });
  }

  private refuse(index: number, error: ScimError, operation?: BulkOperation): void {
    this.errors++;
    const target = operation?.target?.startsWith('bulkId:')
      ? this.ids.get(operation.target.slice(7))
      : operation?.target;
    this.outcomes.set(index, {
      status: error,
      ...(operation === undefined || target === undefined
        ? {}
        : { location: locationOf(operation.type, encodeURIComponent(target), this.context.base) }),
    });
  }

  private refusalOf(error: unknown): ScimError {
    const known = toScimError(error);
    if (known !== undefined) return known;
    this.log.error(
      { requestId: this.context.requestId, ...withoutValues(error) },
      'a bulk operation failed unexpectedly',
    );
    return internalError();
  }

  private conflict(index: number): ScimError {
    const { bulkId = '' } = this.request.operations[index] ?? {};
    return new ScimError(
      'conflict',
      `the operation with the bulkId ${JSON.stringify(bulkId.slice(0, 64))}, to which this one refers, was not carried out`,
    );
  }
}
