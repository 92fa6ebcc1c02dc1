import { randomBytes } from 'node:crypto';
import { request as overHttp, type IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { NoAnswer, type Answer } from './exchange.js';

export interface UpgradeRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Longest refusal that is read, bytes. */
const MAX_REFUSAL = 64 * 1024;

/**
 * The opening handshake of a WebSocket (RFC 6455 section 4.1): the open stream after 101, else the answer. Frames are for
 * whoever takes the stream.
 *
 * @throws NoAnswer and nothing else
 */
export function upgrade({ url, headers, timeoutMs, signal }: UpgradeRequest): Promise<Duplex | Answer> {
  const send = url.startsWith('https:') ? overHttps : overHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      agent: false,
      headers: {
        ...headers,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      },
      ...(signal && { signal }),
    });
    const fail = (error: Error): void =>
      reject(new NoAnswer(error.message, true, signal?.aborted === true, { cause: error }));
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', fail);
    request.on('upgrade', (_response: IncomingMessage, socket: Duplex, head: Buffer) => {
      // The time was for the handshake; the stream may be silent as long as it likes.
      request.setTimeout(0);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.on('response', (response: IncomingMessage) => {
      readAll(response).then(resolve, fail);
    });
    request.end();
  });
}

async function readAll(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REFUSAL) break;
    chunks.push(chunk);
  }
  const headers = Object.entries(response.headers).flatMap(([name, value]): [string, string][] => {
    const first = Array.isArray(value) ? value[0] : value;
    return first === undefined ? [] : [[name, first]];
  });
  return { status: response.statusCode ?? 0, headers: new Map(headers), body: Buffer.concat(chunks) };
}
