import type { FastifyReply, FastifyRequest } from 'fastify';
import { counted } from '../../../common/index.js';
import type { Log } from '../../../telemetry/index.js';
import type { Verdict } from '../../../connections/index.js';
import { presentedToken } from '../../dialects/index.js';
import { ScimError } from '../../protocol/index.js';
import {
  fromStatus,
  internalError,
  notAcceptable,
  tooLargeFor,
  toScimError,
  unsupportedType,
  withoutValues,
} from '../reply/failures.js';
import { noteRefusal, refusalSent, SCIM_TYPE, sendError } from '../reply/reply.js';
import { baseOf, connectionIn, isScimPath, verbsOf } from '../routes.js';
import type { AccessCheck } from './access-check.js';
import { admit, admittedContext, beginScim, isScim, unauthorized, UnreadableBody } from './context.js';
import { limitOf } from './body-parser.js';
import { acceptsJson } from './media-types.js';
import type { RequestRecorder } from './request-record.js';

/** Who asked, as the request log names it. */
interface Asker {
  readonly connectionId: string;
  readonly requestId?: string;
  readonly who?: string;
}

const JSON_TYPES = new Set(['application/scim+json', 'application/json']);

/**
 * What happens to every SCIM request around its handler: the token is checked before the body is read, unknown paths
 * and verbs are answered, and whatever goes out has SCIM's form.
 */
export class ScimGate {
  /** Whose base was asked for by requests that were not let in. */
  private readonly turnedAway = new WeakMap<FastifyRequest, Asker>();
  private readonly newRequestId = counted();

  constructor(
    private readonly access: AccessCheck,
    private readonly recorder: RequestRecorder | null,
    private readonly publicUrl: string,
    private readonly log: Log,
  ) {}

  /** Fastify's `onRequest`: answers what is refused; what it lets pass has a context. Whose token is known does not wait. */
  onRequest(request: FastifyRequest, reply: FastifyReply, pass: (error?: Error) => void): void {
    // By the matched route, not by the URL's text: that may be percent-encoded and still lead to the route.
    if (!isScimPath(request.is404 ? request.url : (request.routeOptions.url ?? request.url))) return pass();
    beginScim(request);
    const answer = (refusal: ScimError | undefined): void => {
      if (refusal) sendError(reply, refusal);
      else pass();
    };
    const named = connectionOf(request);
    const token = presentedToken(request.headers.authorization);
    const verdict = this.access.admit({ connection: named, token, address: request.ip });
    if (!(verdict instanceof Promise)) return answer(this.judged(request, named, verdict));
    void verdict
      .then(
        (found) => this.judged(request, named, found),
        (error: unknown) => this.notChecked(error),
      )
      .then(answer)
      .catch((error: unknown) => pass(error instanceof Error ? error : new Error(String(error))));
  }

  /**
   * Fastify's `onSend`: errors that Fastify or Nest made themselves (a body that is too large, a broken header) get
   * SCIM's form here, as their payload never passes a controller.
   */
  onSend(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    if (reply.statusCode < 400 || reply.getHeader('content-type') === SCIM_TYPE) return payload;
    if (!isScim(request) && !isScimPath(request.url)) return payload;
    const error = fromStatus(reply.statusCode);
    noteRefusal(request, error);
    void reply.code(error.status).header('content-type', SCIM_TYPE).removeHeader('content-length');
    return JSON.stringify(error.body());
  }

  /** Fastify's `onResponse`: one line for each request, by its route: a URL may hold names and addresses. */
  onResponse(request: FastifyRequest, reply: FastifyReply): void {
    if (!isScim(request)) return;
    this.keep(request, reply);
    const context = admittedContext(request);
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      requestId: context?.requestId,
      connection: context?.connectionId,
    };
    if (reply.statusCode >= 500) this.log.warn(line, 'SCIM request');
    else if (reply.statusCode >= 400) this.log.info(line, 'SCIM request');
    else this.log.debug(line, 'SCIM request');
  }

  /** For the request log, once the answer is out. */
  private keep(request: FastifyRequest, reply: FastifyReply): void {
    const context = admittedContext(request);
    const from: Asker | undefined = context
      ? { connectionId: context.connectionId, requestId: context.requestId, who: context.tokenLabel }
      : this.turnedAway.get(request);
    if (this.recorder === null || from === undefined) return;
    const refusal = refusalSent(request);
    // Every field is stated: an object put together of parts takes many times as long to make, at every request.
    this.recorder.record({
      connectionId: from.connectionId,
      requestId: from.requestId,
      who: from.who,
      method: request.method,
      url: request.url,
      status: reply.statusCode,
      scimType: refusal?.scimType,
      detail: refusal?.detail,
      ms: reply.elapsedTime,
      userAgent: request.headers['user-agent'],
      body: request.body instanceof UnreadableBody ? undefined : request.body,
    });
  }

  private judged(
    request: FastifyRequest,
    named: string | undefined,
    verdict: Verdict,
  ): ScimError | undefined {
    if (verdict.outcome !== 'admitted') return this.turnAway(request, verdict);
    const { connection, label } = verdict;
    const base = baseOf(this.publicUrl, named);
    admit(request, { connection, label, requestId: this.newRequestId(), base });
    if (!acceptsJson(request.headers.accept)) return notAcceptable();
    return request.is404 ? noRoute(request) : (checkType(request) ?? checkLength(request));
  }

  private notChecked(error: unknown): ScimError {
    const known = toScimError(error);
    if (known === undefined) this.log.error(withoutValues(error), 'a SCIM token could not be checked');
    return known ?? internalError();
  }

  private turnAway(request: FastifyRequest, verdict: Exclude<Verdict, { outcome: 'admitted' }>): ScimError {
    const { connection } = verdict;
    if (connection !== undefined) {
      this.turnedAway.set(request, {
        connectionId: connection.id,
        ...(verdict.outcome === 'limited' ? { who: verdict.label } : {}),
      });
    }
    return refusalFor(verdict);
  }
}

/** The connection that the URL names; undefined: the first one. */
function connectionOf(request: FastifyRequest): string | undefined {
  if (request.is404) return connectionIn(request.url);
  const { connection } = request.params as { connection?: string };
  return connection;
}

function refusalFor(verdict: Exclude<Verdict, { outcome: 'admitted' }>): ScimError {
  if (verdict.outcome === 'unauthorized') return unauthorized();
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(verdict.retryAfterMs / 1_000))) };
  switch (verdict.outcome) {
    case 'throttled':
      return new ScimError('tooManyRequests', 'too many wrong tokens came from this address; wait', headers);
    case 'limited':
      return new ScimError('tooManyRequests', 'too many requests of this connection; wait', headers);
    case 'unavailable':
      return new ScimError('unavailable', 'the token cannot be checked now; try again', headers);
  }
}

/** 405 where the path takes other verbs (RFC 9110 section 15.5.6), else 404. `/Me` is not served (RFC 7644 section 3.11). */
function noRoute(request: FastifyRequest): ScimError {
  const allowed = verbsOf(request.url);
  if (allowed === undefined) return fromStatus(404);
  return new ScimError('methodNotAllowed', `${request.method} is not for this endpoint`, {
    allow: allowed.join(', '),
  });
}

/** Refuses a body that says itself that it is too large, before it is read. */
function checkLength(request: FastifyRequest): ScimError | undefined {
  const limit = limitOf(request);
  return Number(request.headers['content-length'] ?? 0) > limit ? tooLargeFor(limit) : undefined;
}

/**
 * Refuses a body of another type. Without a body the type does not matter: some clients send one with every request,
 * and Fastify would look for a parser. A body without a type is taken for JSON.
 */
function checkType(request: FastifyRequest): ScimError | undefined {
  const { headers } = request.raw;
  const length = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) {
    delete headers['content-type'];
    return undefined;
  }
  headers['content-type'] ??= 'application/scim+json';
  const [type = ''] = headers['content-type'].split(';', 1);
  return JSON_TYPES.has(type.trim().toLowerCase()) ? undefined : unsupportedType();
}
