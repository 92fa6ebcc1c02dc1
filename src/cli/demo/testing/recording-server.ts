import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came over the wire. */
export interface Recorded {
  /** E.g. `GET /Users?startIndex=1&count=2`, decoded. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A SCIM service that takes everything, keeps the requests, and answers what a test told it to; else 404 to a GET by id. */
export class RecordingServer {
  requests: Recorded[] = [];
  /** Answers of GET by their line without the query; a list where it is an array. */
  readonly answers = new Map<string, object>();
  private created = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<RecordingServer> {
    const server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const line = `${method} ${decodeURIComponent(url)}`;
        recording.requests.push({
          line,
          headers,
          body: text === '' ? undefined : (JSON.parse(text) as unknown),
        });
        const { status, body } = recording.answer(method, url);
        response.writeHead(status, { 'content-type': 'application/scim+json' });
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
    const recording = new RecordingServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return recording;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The lines since the last call. */
  lines(): string[] {
    const lines = this.requests.map(({ line }) => line);
    this.requests = [];
    return lines;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(method: string, url: string): { status: number; body?: object } {
    if (method === 'POST') {
      this.created += 1;
      return { status: 201, body: { id: `id-${this.created}` } };
    }
    if (method !== 'GET') return { status: 204 };
    const [path = ''] = url.split('?');
    const told = this.answers.get(path);
    if (Array.isArray(told))
      return { status: 200, body: { totalResults: told.length, Resources: told as object[] } };
    if (told) return { status: 200, body: told };
    const isList = path === '/Users' || path === '/Groups';
    return isList ? { status: 200, body: { totalResults: 0, Resources: [] } } : { status: 404, body: {} };
  }
}
