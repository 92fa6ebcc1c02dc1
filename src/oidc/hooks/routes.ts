import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HookName, Log } from '../../telemetry/index.js';
import { refusalIn } from '../http/answers.js';
import { connectionOf, pathsOf } from '../http/paths.js';
import { shownRefusal } from '../http/shown-refusal.js';
import type { OidcConnection, OidcConnections } from '../oidc-connections.js';
import { directoryRefusal, reasonsOf, Refusal } from '../refusal.js';
import type { HookCounts } from './counts.js';
import { NO_CLAIMS } from './entra-event.js';
import { inTime } from './in-time.js';
import { verificationOf } from './okta-events.js';
import type { HookReceiver, HookRequest } from './receiver.js';

/** Okta sends less than this. */
const LARGEST_BODY = 256 * 1024;
/** A hook is answered within 100 ms; this much of it is for work. */
const WORK_MS = 85;

type Take = (to: OidcConnection, request: HookRequest, params: FastifyRequest) => Promise<Answer>;

interface Answer {
  readonly status: number;
  readonly body?: object;
}

interface Route {
  readonly hook: HookName;
  readonly path: string;
  readonly take: Take;
  /** What is answered where it could not be recorded; none: that it could not. */
  readonly instead?: Answer;
}

/** What the hooks' routes work with. */
interface HookRouting {
  readonly connections: OidcConnections;
  readonly receiver: HookReceiver;
  readonly counts: HookCounts;
  readonly log: Log;
  /** How long a hook's answer waits for the work, milliseconds; asked at each hook; default 85. */
  readonly workMs?: () => number | undefined;
}

/** Registers the hooks of all connections. In a scope of its own: bodies are kept as they came, for their signatures. */
export function registerHookRoutes(fastify: FastifyInstance, routing: HookRouting): void {
  const { connections, receiver, log } = routing;
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    const options = { parseAs: 'buffer', bodyLimit: LARGEST_BODY } as const;
    scope.addContentTypeParser('*', options, (_request, body, parsed) => parsed(null, body));
    scope.setErrorHandler((error, request, reply) => refuse(reply, error, request, log));
    for (const route of routesOf(receiver)) {
      for (const url of pathsOf(route.path)) {
        scope.route({
          method: 'POST',
          url,
          handler: (request, reply) => handle(route, routing, request, reply),
        });
      }
    }
    registerOtherVerbs(scope, connections, routesOf(receiver));
    done();
  });
}

function routesOf(receiver: HookReceiver): readonly Route[] {
  const empty = async (taken: Promise<void>): Promise<Answer> => {
    await taken;
    return { status: 204 };
  };
  const noClaims = { status: 200, body: NO_CLAIMS };
  return [
    {
      hook: 'okta-token',
      path: '/oidc/hooks/okta/token',
      take: (to, request) => empty(receiver.oktaToken(to, request)),
    },
    {
      hook: 'okta-events',
      path: '/oidc/hooks/okta/events',
      take: (to, request) => empty(receiver.oktaEvents(to, request)),
    },
    {
      hook: 'entra',
      path: '/oidc/hooks/entra',
      take: async (to, request) => {
        await receiver.entra(to, request);
        return noClaims;
      },
      // Entra ID lets nobody in whose hook has failed, and asks no second time.
      instead: noClaims,
    },
    {
      hook: 'webhook',
      path: '/oidc/hooks/webhook/:hook',
      take: async (to, request, { params }) => {
        const name = typeof params === 'object' && params !== null && 'hook' in params ? params.hook : '';
        const { outcome, userId, tiedBy, version } = await receiver.webhook(to, String(name), request);
        return { status: 202, body: { outcome, tied: userId !== null, tiedBy, version } };
      },
    },
  ];
}

/** Okta verifies once by GET whose the address is; the secret is not demanded there, as nothing says that it is sent. */
function registerOtherVerbs(
  scope: FastifyInstance,
  connections: OidcConnections,
  routes: readonly Route[],
): void {
  for (const { hook, path } of routes) {
    const verified = hook === 'okta-events';
    for (const url of pathsOf(path)) {
      if (verified)
        scope.route({
          method: 'GET',
          url,
          exposeHeadRoute: false,
          handler: (request, reply) => {
            const { config } = connections.find(connectionOf(request));
            if (config.hooks?.oktaEvents === undefined) throw notConfigured();
            const { 'x-okta-verification-challenge': challenge } = request.headers;
            return send(reply, { status: 200, body: verificationOf(challenge) });
          },
        });
      scope.route({
        method: ['PUT', 'PATCH', 'DELETE', ...(verified ? [] : ['GET'])],
        url,
        exposeHeadRoute: false,
        handler: (request, reply) => {
          if (connections.find(connectionOf(request)).config.hooks === undefined) throw notConfigured();
          const body = { error: 'invalid_request', error_description: 'the verb is POST' };
          return send(reply.header('allow', verified ? 'GET, POST' : 'POST'), { status: 405, body });
        },
      });
    }
  }
}

async function handle(
  { hook, take, instead }: Route,
  { connections, counts, log, workMs }: HookRouting,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const { headers, ip: address } = request;
  try {
    const to = connections.find(connectionOf(request));
    const taken = take(to, { headers, body, address }, request);
    const answer = await inTime(taken, workMs?.() ?? WORK_MS, (error) => tellLate(log, hook, error));
    return await send(reply, answer);
  } catch (error) {
    const known = error instanceof Refusal ? error : directoryRefusal(error);
    const failed = known === undefined || known.code === 'temporarily_unavailable';
    counts.add(hook, failed ? 'failed' : 'refused');
    if (instead === undefined || !failed) throw error;
    shownRefusal(known, error, request, log);
    return await send(reply, instead);
  }
}

function tellLate(log: Log, hook: HookName, error: unknown): void {
  if (error === undefined) log.info({ hook }, 'a hook was recorded after its answer');
  else log.warn({ hook, reasons: reasonsOf(error) }, 'a hook was not recorded, and was answered before');
}

function refuse(reply: FastifyReply, error: unknown, request: FastifyRequest, log: Log): void {
  const { status, code, description, retryAfter } = shownRefusal(
    refusalIn(error, unread),
    error,
    request,
    log,
  );
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="idp-bridge"');
  void send(reply, { status, body: { error: code, error_description: description } });
}

/** Fastify's own. */
function unread(status: number): Refusal {
  return status === 413
    ? new Refusal('too_large', `the body must have at most ${LARGEST_BODY} bytes`)
    : new Refusal('invalid_request', 'the request cannot be read');
}

function notConfigured(): Refusal {
  return new Refusal('not_found', 'no such hook is configured here');
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  const answer = reply.code(status).header('cache-control', 'no-store');
  return body === undefined ? answer.send() : answer.type('application/json').send(body);
}
