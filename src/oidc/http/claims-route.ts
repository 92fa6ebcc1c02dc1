import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../../telemetry/index.js';
import type { OidcConnections } from '../oidc-connections.js';
import type { ClaimsReceiver } from '../receive.js';
import { directoryRefusal, Refusal } from '../refusal.js';
import { LONGEST_TOKEN } from '../verify/signed-jwt.js';
import { connectionOf, pathsOf } from './paths.js';
import { shownRefusal } from './shown-refusal.js';

/** Two tokens, a nonce, and the JSON around them. */
const LARGEST_BODY = 4 * LONGEST_TOKEN;
const JSON_TYPE = 'application/json';

/** Registers `POST /oidc/claims`, and that of each connection. In a scope of its own: its body parser is not the SCIM face's. */
export function registerClaimsRoute(
  fastify: FastifyInstance,
  connections: OidcConnections,
  receiver: ClaimsReceiver,
  log: Log,
): void {
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    const options = { parseAs: 'string', bodyLimit: LARGEST_BODY } as const;
    scope.addContentTypeParser(JSON_TYPE, options, (_request, body, parsed) => parsed(null, body));
    scope.setErrorHandler((error, request, reply) => answer(reply, error, request, log));
    for (const url of pathsOf('/oidc/claims')) {
      scope.route({
        method: 'POST',
        url,
        handler: async (request, reply) => {
          const to = connections.find(connectionOf(request));
          const received = await receiver.receive(to, parse(request.body), request.ip);
          return noStore(reply)
            .code(received.outcome === 'recorded' ? 202 : 200)
            .send(received);
        },
      });
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
    done();
  });
}

function parse(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '') as unknown;
  } catch {
    throw new Refusal('invalid_request', `the body must be ${JSON_TYPE}`);
  }
}

function answer(reply: FastifyReply, error: unknown, request: FastifyRequest, log: Log): void {
  const shown = shownRefusal(toRefusal(error), error, request, log);
  if (shown.retryAfter !== undefined) void reply.header('retry-after', String(shown.retryAfter));
  // RFC 6750 section 3: of every 401. The token is in the body, so that no scheme can be named but its kind.
  if (shown.status === 401)
    void reply.header('www-authenticate', 'Bearer realm="idp-bridge", error="invalid_token"');
  void noStore(reply).code(shown.status).send({ error: shown.code, error_description: shown.description });
}

function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  const refusal = directoryRefusal(error);
  if (refusal !== undefined) return refusal;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  // Fastify's own: another type, or too large a body.
  return typeof status === 'number' && status < 500
    ? new Refusal('invalid_request', `the body must be ${JSON_TYPE}, of at most ${LARGEST_BODY} bytes`)
    : undefined;
}

function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}
