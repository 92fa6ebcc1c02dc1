import type { FastifyInstance } from 'fastify';
import type { Log } from '../../telemetry/index.js';
import type { LogoutReceiver } from '../logout/logout-receiver.js';
import type { OidcConnections } from '../oidc-connections.js';
import { Refusal } from '../refusal.js';
import { LONGEST_TOKEN } from '../verify/signed-jwt.js';
import { answerRefusal, noStore, refusalIn, refuseOtherVerbs, unreadBody } from './answers.js';
import { connectionOf, pathsOf } from './paths.js';

/** A token and the little around it. */
const LARGEST_BODY = 2 * LONGEST_TOKEN;
const FORM_TYPE = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

const BACKCHANNEL = '/oidc/backchannel-logout';
const UNIVERSAL = '/oidc/universal-logout';

/** What the routes need. */
export interface LogoutRoutes {
  readonly connections: OidcConnections;
  readonly receiver: LogoutReceiver;
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly log: Log;
}

/** Registers `POST /oidc/backchannel-logout` and `/oidc/universal-logout`, and those of each connection. */
export function registerLogoutRoutes(fastify: FastifyInstance, routes: LogoutRoutes): void {
  registerBackchannel(fastify, routes);
  registerUniversal(fastify, routes);
}

/** OpenID Connect Back-Channel Logout 1.0 section 2.5. */
function registerBackchannel(fastify: FastifyInstance, { connections, receiver, log }: LogoutRoutes): void {
  void fastify.register((scope, _options, done) => {
    parseAsText(scope, FORM_TYPE);
    scope.setErrorHandler((error, request, reply) => {
      const known = refusalIn(error, unreadBody(FORM_TYPE, LARGEST_BODY));
      // Section 2.8 knows one answer to a bad request, whatever is bad about it.
      const shown =
        known?.code === 'invalid_token' ? new Refusal('invalid_request', known.description) : known;
      answerRefusal(reply, shown, error, request, log);
    });
    for (const url of pathsOf(BACKCHANNEL)) {
      scope.route({
        method: 'POST',
        url,
        handler: async (request, reply) => {
          const to = connections.find(connectionOf(request));
          await receiver.backchannel(to, logoutTokenIn(request.body), request.ip);
          return noStore(reply).code(200).send();
        },
      });
      refuseOtherVerbs(scope, url, connections);
    }
    done();
  });
}

function registerUniversal(
  fastify: FastifyInstance,
  { connections, receiver, publicUrl, log }: LogoutRoutes,
): void {
  void fastify.register((scope, _options, done) => {
    parseAsText(scope, JSON_TYPE);
    scope.setErrorHandler((error, request, reply) =>
      answerRefusal(reply, refusalIn(error, unreadBody(JSON_TYPE, LARGEST_BODY)), error, request, log),
    );
    for (const url of pathsOf(UNIVERSAL)) {
      scope.route({
        method: 'POST',
        url,
        handler: async (request, reply) => {
          const name = connectionOf(request);
          const to = connections.find(name);
          const base = name === undefined ? publicUrl : `${publicUrl}/connections/${name}`;
          const { authorization } = request.headers;
          const body = jsonIn(request.body);
          await receiver.universal(to, { authorization, body, url: base + UNIVERSAL, address: request.ip });
          return noStore(reply).code(204).send();
        },
      });
      refuseOtherVerbs(scope, url, connections);
    }
    done();
  });
}

/** In a scope of its own: its body parser is not the SCIM face's. */
function parseAsText(scope: FastifyInstance, type: string): void {
  scope.removeAllContentTypeParsers();
  const options = { parseAs: 'string', bodyLimit: LARGEST_BODY } as const;
  scope.addContentTypeParser(type, options, (_request, body, parsed) => parsed(null, body));
}

function logoutTokenIn(body: unknown): string {
  const [token, ...others] = new URLSearchParams(typeof body === 'string' ? body : '').getAll('logout_token');
  if (token === undefined || token === '' || others.length > 0)
    throw new Refusal('invalid_request', `expected the field logout_token, once, as ${FORM_TYPE}`);
  return token;
}

/** Undefined: no JSON. Whoever asks is authenticated before that matters. */
function jsonIn(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '') as unknown;
  } catch {
    return undefined;
  }
}
