import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../../telemetry/index.js';
import type { LoginService, Visit } from '../login/login-service.js';
import type { OidcConnections } from '../oidc-connections.js';
import { headersOf, textOf, type Page } from '../pages/html.js';
import { refusedPage, resultPage } from '../pages/pages.js';
import { endedPage, statusPage } from '../pages/status.js';
import { directoryRefusal, Refusal } from '../refusal.js';
import { connectionOf, pathsOf } from './paths.js';
import { shownRefusal } from './shown-refusal.js';

/** Registers `GET /oidc/login`, `/oidc/callback` and `/oidc/status`, and those of each connection. */
export function registerLoginRoutes(
  fastify: FastifyInstance,
  connections: OidcConnections,
  logins: LoginService,
  log: Log,
): void {
  const get = (
    scope: FastifyInstance,
    path: string,
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
  ): void => {
    for (const url of pathsOf(path)) scope.route({ method: 'GET', url, handler, exposeHeadRoute: false });
  };
  void fastify.register((scope, _options, done) => {
    scope.setErrorHandler((error, request, reply) => refuse(reply, error, request, log));
    get(scope, '/oidc/login', async (request, reply) => {
      const { answer, cookie } = await logins.begin(
        connections.find(connectionOf(request)),
        visitOf(request),
      );
      const headers = { 'set-cookie': cookie, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
      return reply.headers(headers).redirect(answer, 303);
    });
    get(scope, '/oidc/callback', async (request, reply) => {
      const to = connections.find(connectionOf(request));
      const shown = await logins.finish(to, visitOf(request), (end) => void reply.header('set-cookie', end));
      return send(reply, 200, resultPage(shown));
    });
    get(scope, '/oidc/status', async (request, reply) => {
      const { query } = visitOf(request);
      const status = await logins.status(connections.find(connectionOf(request)), query);
      return send(reply, 200, status === undefined ? endedPage() : statusPage(status));
    });
    done();
  });
}

function visitOf(request: FastifyRequest): Visit {
  const [, query = ''] = request.url.split(/\?(.*)/s, 2);
  return {
    connection: connectionOf(request) ?? null,
    address: request.ip,
    cookies: request.headers.cookie,
    query,
  };
}

function refuse(reply: FastifyReply, error: unknown, request: FastifyRequest, log: Log): void {
  const known = error instanceof Refusal ? error : directoryRefusal(error);
  const shown = shownRefusal(known, error, request, log);
  if (shown.retryAfter !== undefined) void reply.header('retry-after', String(shown.retryAfter));
  void send(reply, shown.status, refusedPage(shown.description, shown.code !== 'not_found'));
}

function send(reply: FastifyReply, status: number, page: Page): FastifyReply {
  return reply.code(status).headers(headersOf(page)).send(textOf(page));
}
