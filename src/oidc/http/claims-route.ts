import type { FastifyInstance } from 'fastify';
import type { Log } from '../../telemetry/index.js';
import type { OidcConnections } from '../oidc-connections.js';
import type { ClaimsReceiver } from '../receive.js';
import { Refusal } from '../refusal.js';
import { LONGEST_TOKEN } from '../verify/signed-jwt.js';
import { answerRefusal, noStore, refusalIn, refuseOtherVerbs, unreadBody } from './answers.js';
import { connectionOf, pathsOf } from './paths.js';

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
    scope.setErrorHandler((error, request, reply) =>
      answerRefusal(reply, refusalIn(error, unreadBody(JSON_TYPE, LARGEST_BODY)), error, request, log),
    );
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
      refuseOtherVerbs(scope, url, connections);
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
