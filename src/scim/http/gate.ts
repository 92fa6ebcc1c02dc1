import type { FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../../common/index.js';
import type { Log } from '../../telemetry/index.js';
import { presentedToken } from '../dialects/index.js';
import { ScimError } from '../protocol/index.js';
import { admit, admittedContext, beginScim, isScim, unauthorized } from './context.js';
import { fromStatus, internalError, toScimError, unsupportedType, withoutValues } from './failures.js';
import { SCIM_TYPE, sendError } from './reply.js';
import { isScimPath, verbsOf } from './routes.js';
import type { TokenCheck } from './token-check.js';

const JSON_TYPES = new Set(['application/scim+json', 'application/json']);

/**
 * What happens to every SCIM request around its handler: the token is checked before the body is read, unknown paths
 * and verbs are answered, and whatever goes out has SCIM's form.
 */
export class ScimGate {
  constructor(
    private readonly tokens: TokenCheck,
    private readonly log: Log,
  ) {}

  /** Fastify's `onRequest`: answers what is refused; what it lets pass has a context. */
  async onRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    // By the matched route, not by the URL's text: that may be percent-encoded and still lead to the route.
    if (!isScimPath(request.is404 ? request.url : (request.routeOptions.url ?? request.url))) return;
    beginScim(request);
    const refusal = await this.refusalOf(request);
    if (refusal) sendError(reply, refusal);
  }

  /**
   * Fastify's `onSend`: errors that Fastify or Nest made themselves (a body that is too large, a broken header) get
   * SCIM's form here, as their payload never passes a controller.
   */
  onSend(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    if (reply.statusCode < 400 || reply.getHeader('content-type') === SCIM_TYPE) return payload;
    if (!isScim(request) && !isScimPath(request.url)) return payload;
    const error = fromStatus(reply.statusCode);
    void reply.code(error.status).header('content-type', SCIM_TYPE).removeHeader('content-length');
    return JSON.stringify(error.body());
  }

  /** Fastify's `onResponse`: one line for each request, by its route: a URL may hold names and addresses. */
  onResponse(request: FastifyRequest, reply: FastifyReply): void {
    if (!isScim(request)) return;
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

  private async refusalOf(request: FastifyRequest): Promise<ScimError | undefined> {
    try {
      const holder = await this.tokens.check(presentedToken(request.headers.authorization));
      if (holder === null) return unauthorized();
      admit(request, holder, newId());
    } catch (error) {
      const known = toScimError(error);
      if (known === undefined) this.log.error(withoutValues(error), 'a SCIM token could not be checked');
      return known ?? internalError();
    }
    return request.is404 ? noRoute(request) : checkType(request);
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
