import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that reached the fake. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request by hand: it may also hang or destroy the socket. */
export type Responder = (request: SeenRequest, response: ServerResponse) => void;

/** A bare HTTP server that answers whatever a test tells it to. */
export class FakeCoder {
  readonly seen: SeenRequest[] = [];
  responder: Responder = (_request, response) => response.writeHead(404).end();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<FakeCoder> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeCoder(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
        fake.seen.push(seen);
        fake.responder(seen, response);
      });
    });
    return fake;
  }

  /** From now on answers this to everything; a string is sent as it is, the rest as JSON. */
  answer(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.responder = (_request, response) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
      response.end(status === 204 ? undefined : text);
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const ORGANIZATION = '00000000-0000-4000-8000-0000000000aa';

/** A full user as Coder writes it. */
export function userRow(username: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: `id-${username.toLowerCase()}`,
    username,
    email: `${username}@example.com`,
    name: username,
    avatar_url: '',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    last_seen_at: '0001-01-01T00:00:00Z',
    status: 'dormant',
    login_type: 'oidc',
    organization_ids: [ORGANIZATION],
    roles: [],
    theme_preference: '',
    ...more,
  };
}

/** A group as Coder writes it. */
export function groupRow(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: `id-${name}`,
    name,
    display_name: '',
    organization_id: ORGANIZATION,
    organization_name: 'coder',
    avatar_url: '',
    quota_allowance: 0,
    source: 'user',
    members: [],
    total_member_count: 0,
    ...more,
  };
}
