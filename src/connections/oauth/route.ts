import type { FastifyInstance, FastifyReply } from 'fastify';
import { DatabaseUnavailable } from '../../database/index.js';
import type { Log } from '../../telemetry/index.js';
import { invalidRequest, OAuthError } from './request.js';
import type { TokenEndpoint } from './token-endpoint.js';

/** Where access tokens are given out. */
const TOKEN_PATH = '/oauth/token';

/** A form of two short texts. */
const LARGEST_FORM = 16 * 1024;
const FORM = 'application/x-www-form-urlencoded';

/**
 * Registers `POST /oauth/token`. In a scope of its own: its body parsers are not the SCIM face's.
 *
 * Must be called before the server listens.
 */
export function registerTokenEndpoint(fastify: FastifyInstance, endpoint: TokenEndpoint, log: Log): void {
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    const options = { parseAs: 'string', bodyLimit: LARGEST_FORM } as const;
    scope.addContentTypeParser(FORM, options, (_request, body, parsed) => parsed(null, body));
    scope.setErrorHandler((error, _request, reply) => answer(reply, error, log));
    scope.route({
      method: 'POST',
      url: TOKEN_PATH,
      handler: async (request, reply) => {
        if (typeof request.body !== 'string') throw invalidRequest(`the body must be ${FORM}`);
        const token = await endpoint.grant(request.headers.authorization, request.body, request.ip);
        return noStore(reply).send(token);
      },
    });
    scope.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: TOKEN_PATH,
      handler: (_request, reply) =>
        noStore(reply)
          .code(405)
          .header('allow', 'POST')
          .send(bodyOf(invalidRequest('the verb is POST'))),
    });
    done();
  });
}

function answer(reply: FastifyReply, error: unknown, log: Log): void {
  const known = toOAuthError(error);
  if (known === undefined) log.error({ err: error }, 'the token endpoint failed unexpectedly');
  const refusal =
    known ?? new OAuthError(503, 'temporarily_unavailable', 'the request could not be carried out');
  void noStore(reply).code(refusal.status).headers(refusal.headers).send(bodyOf(refusal));
}

function toOAuthError(error: unknown): OAuthError | undefined {
  if (error instanceof OAuthError) return error;
  if (error instanceof DatabaseUnavailable) {
    return new OAuthError(503, 'temporarily_unavailable', 'the database cannot be reached now; try again', {
      'retry-after': '5',
    });
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  // Fastify's own: another type, or too large a body.
  return typeof status === 'number' && status < 500
    ? invalidRequest(`the body must be ${FORM}, of at most ${LARGEST_FORM} bytes`)
    : undefined;
}

/** RFC 6749 section 5.1: of every answer that has a token; of refusals too, as it does no harm. */
function noStore(reply: FastifyReply): FastifyReply {
  return reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
}

function bodyOf({ code, description }: OAuthError): object {
  return { error: code, error_description: description };
}
