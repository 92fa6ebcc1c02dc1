import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/**
 * A pooler in transaction mode, as PgBouncer is with pool_mode=transaction: each transaction of a client runs on
 * whichever server connection is free, and what a session set stays behind there. It reads only as much of the
 * protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html) as it needs for that, and expects
 * a server that trusts everybody.
 */
export class TransactionPooler {
  private readonly free: Backend[] = [];
  private readonly waiting: ((backend: Backend) => void)[] = [];
  private readonly clients = new Set<Socket>();
  private readonly backends: Backend[] = [];

  private constructor(private readonly server: Server) {}

  /** @param size how many connections to the server at `url` all clients share */
  static async start(url: string, size: number): Promise<TransactionPooler> {
    const server = createServer((client) => void pooler.serve(client));
    const pooler: TransactionPooler = new TransactionPooler(server);
    const { hostname, port, username, pathname } = new URL(url);
    for (let i = 0; i < size; i++) {
      const backend = await Backend.connect(hostname, Number(port), username, pathname.slice(1));
      pooler.backends.push(backend);
      pooler.free.push(backend);
    }
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return pooler;
  }

  /** The URL of the same database through the pooler. */
  urlFor(url: string): string {
    const address = this.server.address();
    const through = new URL(url);
    if (typeof address === 'object' && address) through.port = String(address.port);
    return through.href;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.destroy();
    for (const backend of this.backends) backend.close();
    await new Promise((done) => this.server.close(done));
  }

  private async serve(client: Socket): Promise<void> {
    this.clients.add(client);
    client.on('error', () => undefined);
    let backend: Promise<Backend> | undefined;
    let started = false;
    client.on('data', (data) => {
      if (!started) {
        started = true;
        client.write(GREETING);
        return;
      }
      if (data[0] === 'X'.charCodeAt(0)) return;
      backend ??= this.take();
      void backend.then((taken) =>
        taken.send(data, client, () => {
          backend = undefined;
          this.give(taken);
        }),
      );
    });
    client.on('close', () => this.clients.delete(client));
  }

  private take(): Promise<Backend> {
    const backend = this.free.pop();
    return backend ? Promise.resolve(backend) : new Promise((resolve) => this.waiting.push(resolve));
  }

  private give(backend: Backend): void {
    const next = this.waiting.shift();
    if (next) next(backend);
    else this.free.push(backend);
  }
}

class Backend {
  private client: Socket | undefined;
  private onIdle: (() => void) | undefined;
  private rest: Buffer = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (data) => this.receive(data));
  }

  static async connect(host: string, port: number, user: string, database: string): Promise<Backend> {
    const socket = createConnection(port, host);
    const backend = new Backend(socket);
    await new Promise<void>((resolve) => {
      backend.onIdle = resolve;
      socket.once('connect', () => socket.write(startup(user, database)));
    });
    return backend;
  }

  send(data: Buffer, client: Socket, onIdle: () => void): void {
    this.client = client;
    this.onIdle = onIdle;
    this.socket.write(data);
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(data: Buffer): void {
    this.client?.write(data);
    this.rest = Buffer.concat([this.rest, data]);
    while (this.rest.length >= 5) {
      const length = 1 + this.rest.readInt32BE(1);
      if (this.rest.length < length) return;
      const idle = this.rest.toString('latin1', 0, 1) === 'Z' && this.rest.toString('latin1', 5, 6) === 'I';
      this.rest = this.rest.subarray(length);
      if (!idle) continue;
      this.client = undefined;
      this.onIdle?.();
    }
  }
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

function startup(user: string, database: string): Buffer {
  const version = Buffer.from([0, 3, 0, 0]);
  return message('', Buffer.concat([version, Buffer.from(`user\0${user}\0database\0${database}\0\0`)]));
}

/** AuthenticationOk, the pooler's own BackendKeyData, ReadyForQuery (idle). */
const GREETING = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('K', Buffer.alloc(8)),
  message('Z', Buffer.from('I')),
]);
