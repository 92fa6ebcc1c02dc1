import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../common/index.js';
import type { CallLog } from '../calls.js';
import type { Fault, Faults } from '../faults.js';
import { Body } from '../rules/body.js';
import { isEnabled, warnings } from '../rules/licence.js';
import type { Deployment } from '../state/deployment.js';
import type { StateFile } from '../state/state-file.js';
import { type Answer, ApiFailure, type Headers, internal, routeNotFound } from './answers.js';
import { authenticate, signedOut } from './authenticate.js';
import type { RateLimiter } from './rate-limit.js';
import type { OpenCall } from './route.js';
import type { Match, Router } from './router.js';

export interface PipelineParts {
  readonly deployment: Deployment;
  readonly router: Router;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly limiter: RateLimiter;
  readonly file: StateFile | null;
  readonly clock: Clock;
  /** What `X-Coder-Build-Version` says. */
  readonly version: () => string;
}

/** A route, or what is answered without one. */
type Found = Match | 'wrong method' | ApiFailure;

interface Request {
  readonly incoming: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly text: string;
  readonly match: Found;
}

/** The way of one request: faults, limit, licence and token, work, state file, answer; in Coder's order. */
export class Pipeline {
  constructor(private readonly parts: PipelineParts) {}

  async handle(incoming: IncomingMessage, response: ServerResponse, url: URL, text: string): Promise<void> {
    const method = incoming.method ?? 'GET';
    const match = this.find(method, url.pathname);
    const request: Request = { incoming, method, path: url.pathname, query: url.searchParams, text, match };
    const route = typeof match === 'object' && 'route' in match ? match.route.path : 'unknown';
    const striking = this.parts.faults.strike({ method, path: url.pathname, route, body: parsed(text) });
    for (const { rule } of striking) if (rule.kind === 'delay') await delay(rule.delayMs ?? 0);
    const fault = striking.find(({ rule }) => rule.kind !== 'delay');
    const kind = fault?.rule.kind ?? striking[0]?.rule.kind;

    if (fault && (kind === 'dropBefore' || kind === 'hang')) {
      this.log(request, route, 0, false, kind);
      if (kind === 'hang') this.parts.faults.untilCleared(fault, () => response.destroy());
      else response.destroy();
      return;
    }
    const answer = (fault && faulty(fault)) ?? this.work(request);
    const mutation = answer.status < 300 && method !== 'GET' && kind !== 'status';
    const dropped = kind === 'dropAfter';
    this.log(request, route, dropped ? 0 : answer.status, mutation, kind);
    if (dropped) response.destroy();
    else this.send(response, answer);
  }

  private find(method: string, path: string): Found {
    try {
      return this.parts.router.find(method, path) ?? routeNotFound();
    } catch (error) {
      if (error instanceof ApiFailure) return error;
      throw error;
    }
  }

  private work(request: Request): Answer {
    const limited: Record<string, string | string[]> = {};
    try {
      return this.route(request, limited);
    } catch (error) {
      if (error instanceof ApiFailure) return withHeaders(error.answer(), limited);
      return internal(error instanceof Error ? error.message : String(error)).answer();
    } finally {
      // Before the answer: what was answered must be there after a kill.
      this.parts.file?.commit();
    }
  }

  private route(request: Request, limited: Record<string, string | string[]>): Answer {
    const { deployment, limiter } = this.parts;
    const { state } = deployment;
    const { profile, rateLimit } = state.switches;
    if (rateLimit > 0 && request.path.startsWith('/api/v2/')) {
      const address = request.incoming.socket.remoteAddress ?? '';
      Object.assign(limited, limiter.take(`${address} ${request.path}`, rateLimit));
    }
    const { match } = request;
    if (match === 'wrong method') return withHeaders({ status: 405, body: '' }, limited);
    if (match instanceof ApiFailure) throw match;
    if (match.route.notIn?.includes(profile)) throw routeNotFound();
    const { route } = match;
    const call = this.call(request, match);
    if (route.open) return withHeaders(route.handle(call), limited);

    if (route.licence?.first) this.checkLicence(route.licence);
    const caller = authenticate(deployment, request.incoming, request.query);
    if (caller.readsDeployment()) {
      const texts = warnings(state, this.parts.clock.now());
      if (texts.length > 0) limited['X-Coder-Entitlements-Warning'] = texts;
    }
    if (route.licence) this.checkLicence(route.licence);
    return withHeaders(route.handle({ ...call, caller }), limited);
  }

  private checkLicence({ feature, title }: NonNullable<Match['route']['licence']>): void {
    const { state } = this.parts.deployment;
    if (isEnabled(state, feature, this.parts.clock.now())) return;
    // Releases up to about v2.9 hid what was not licensed.
    if (state.switches.profile === 's-old') throw routeNotFound();
    throw new ApiFailure(403, `${title} is a Premium feature. Contact sales!`);
  }

  private call(request: Request, match: Match): OpenCall {
    const { deployment } = this.parts;
    return {
      deployment,
      state: deployment.state,
      query: request.query,
      param: (name) => match.params.get(name) ?? '',
      header: (name) => String(request.incoming.headers[name.toLowerCase()] ?? ''),
      text: request.text,
      body: () => Body.parse(request.text),
    };
  }

  /**
   * A request for another protocol: the handshake of RFC 6455 section 4.2.2 when the work allows it (101), else the
   * answer, and the end. No fault strikes it.
   */
  upgrade(incoming: IncomingMessage, socket: Duplex, url: URL): void {
    const method = incoming.method ?? 'GET';
    const match = this.find(method, url.pathname);
    const request: Request = {
      incoming,
      method,
      path: url.pathname,
      query: url.searchParams,
      text: '',
      match,
    };
    const answer = this.work(request);
    const route = typeof match === 'object' && 'route' in match ? match.route.path : 'unknown';
    this.log(request, route, answer.status, false, undefined);
    const headers: Record<string, string | readonly string[]> =
      answer.status === 101
        ? { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': accept(incoming) }
        : {
            Connection: 'close',
            'Content-Length': String(Buffer.byteLength(answer.body)),
            ...answer.headers,
          };
    const lines = Object.entries({ ...headers, 'X-Coder-Build-Version': this.parts.version() });
    const head = lines.flatMap(([name, value]) => [value].flat().map((text) => `${name}: ${text}\r\n`));
    const status = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n`;
    socket.write(`${status}${head.join('')}\r\n${answer.body}`);
    if (answer.status === 101) socket.resume();
    else socket.end();
  }

  send(response: ServerResponse, answer: Answer): void {
    const body = Buffer.from(answer.body);
    response.writeHead(answer.status, {
      'X-Coder-Build-Version': this.parts.version(),
      ...(answer.status !== 204 &&
        answer.status !== 304 && {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': body.length,
        }),
      ...(answer.headers as Record<string, string | string[]> | undefined),
    });
    response.end(body);
  }

  private log(
    request: Request,
    route: string,
    status: number,
    mutation: boolean,
    fault: string | undefined,
  ): void {
    const body = request.method === 'GET' ? undefined : withoutPassword(parsed(request.text));
    const { method, path } = request;
    const rest = { ...(fault !== undefined && { fault }), ...(body !== undefined && { body }) };
    this.parts.calls.add({ at: this.parts.clock.now(), method, path, route, status, mutation, ...rest });
  }
}

function accept(incoming: IncomingMessage): string {
  const key = incoming.headers['sec-websocket-key'] ?? '';
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** What a fault answers in the work's stead; none: the work is done. */
function faulty({ rule }: Fault): Answer | undefined {
  if (rule.kind === 'badToken') return signedOut('API key is invalid.').answer();
  if (rule.kind !== 'status') return undefined;
  const status = rule.status ?? 500;
  const body = JSON.stringify(rule.body ?? { message: `Simulated failure ${status}.` });
  if (status !== 429) return { status, body };
  return { status, body, headers: { 'Retry-After': String(rule.retryAfter ?? 60) } };
}

function withHeaders(answer: Answer, headers: Headers): Answer {
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

function parsed(text: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function withoutPassword(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('password' in body)) return body;
  return { ...body, password: '…' };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
