import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../../telemetry/index.js';
import type { OidcConnections } from '../oidc-connections.js';
import { directoryRefusal, Refusal } from '../refusal.js';
import { connectionOf } from './paths.js';
import { shownRefusal } from './shown-refusal.js';

/** What is said of a person, or refused, is for the one who asked. */
export function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}

/**
 * The refusal that an error is; undefined for what is unexpected.
 *
 * @param unread what Fastify's own errors below 500 come to: another type, or too large a body
 */
export function refusalIn(error: unknown, unread: (status: number) => Refusal): Refusal | undefined {
  if (error instanceof Refusal) return error;
  const refusal = directoryRefusal(error);
  if (refusal !== undefined) return refusal;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status < 500 ? unread(status) : undefined;
}

/** A body that cannot be read, of a route that takes one type. */
export function unreadBody(type: string, largest: number): () => Refusal {
  return () => new Refusal('invalid_request', `the body must be ${type}, of at most ${largest} bytes`);
}

/** Answers a refusal as JSON, in OAuth's form (RFC 6749 section 5.2), after the log was told. */
export function answerRefusal(
  reply: FastifyReply,
  known: Refusal | undefined,
  error: unknown,
  request: FastifyRequest,
  log: Log,
): void {
  const shown = shownRefusal(known, error, request, log);
  if (shown.retryAfter !== undefined) void reply.header('retry-after', String(shown.retryAfter));
  // RFC 6750 section 3: of every 401. A token in the body has no scheme, so that only its kind can be named.
  if (shown.status === 401)
    void reply.header('www-authenticate', 'Bearer realm="idp-bridge", error="invalid_token"');
  void noStore(reply).code(shown.status).send({ error: shown.code, error_description: shown.description });
}

/** 405 for other verbs than POST, where the connection has the route at all. */
export function refuseOtherVerbs(scope: FastifyInstance, url: string, connections: OidcConnections): void {
  scope.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url,
    handler: (request, reply) => {
      connections.find(connectionOf(request));
      const body = { error: 'invalid_request', error_description: 'the verb is POST' };
      return noStore(reply).code(405).header('allow', 'POST').send(body);
    },
  });
}
