import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Connections that send at once: twice the servers' pools, so that no pool ever runs dry. */
const CONNECTIONS = 20;

/** One request, as the bytes that are sent. Made before the clock runs. */
export type Prepared = Buffer;

/** Puts a request into bytes: keep-alive, HTTP/1.1. */
export function prepare(method: string, path: string, token: string, body?: unknown): Prepared {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? '' : 'content-type: application/scim+json\r\n';
  const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(text)}\r\n`;
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n${type}${length}\r\n${text}`,
  );
}

export interface Measured {
  readonly perSecond: number;
  /** How many of the requests were sent. */
  readonly sent: number;
}

/**
 * Sends the requests one after the other over each of {@link CONNECTIONS} connections, no request twice unless `again`,
 * until `ms` are over or the requests run out; counts the answers. The machine is shared with the server, so this does as little as can be: it
 * sends bytes made before, and reads of an answer its status and its length.
 *
 * @throws Error at an answer that is not `status`, and when the requests lasted less than half of the time
 */
export async function load(
  url: string,
  requests: readonly Prepared[],
  expected: { readonly status: number; readonly ms: number; readonly again: boolean },
): Promise<Measured> {
  const { port } = new URL(url);
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(Number(port))));
  let sent = 0;
  const started = performance.now();
  const next = (): Prepared | undefined => {
    if (performance.now() - started > expected.ms) return undefined;
    if (sent >= requests.length && !expected.again) return undefined;
    return requests[sent++ % requests.length];
  };
  try {
    await Promise.all(sockets.map((socket) => drive(socket, next, expected.status)));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const ms = performance.now() - started;
  if (ms < expected.ms / 2) throw new Error('the benchmark prepared too few requests');
  return { perSecond: (sent * 1000) / ms, sent };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

/** Sends a request, waits for its answer, and so on until there is no next one. */
function drive(socket: Socket, next: () => Prepared | undefined, status: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let received: Buffer | undefined;
    const send = (): void => {
      try {
        const request = next();
        if (request) socket.write(request);
        else resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    socket.on('data', (chunk: Buffer) => {
      received = received ? Buffer.concat([received, chunk]) : chunk;
      const end = endOfAnswer(received);
      if (end === undefined || received.length < end) return;
      const answered = Number(received.toString('latin1', 9, 12));
      if (answered !== status) reject(new Error(`answered ${answered}: ${received.toString('utf8')}`));
      received = undefined;
      send();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    send();
  });
}

/** Length of the answer that begins here; undefined while its header is not complete. */
function endOfAnswer(received: Buffer): number | undefined {
  const header = received.indexOf('\r\n\r\n');
  if (header < 0) return undefined;
  const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(received.toString('latin1', 0, header)) ?? [];
  return header + 4 + Number(length);
}
