import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
/** Takes over the connection of a request that asked for another protocol. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex) => void;

/** The HTTP server, which can stop listening (connections are refused) and start again on the same port. */
export class Listener {
  private server: Server | null = null;
  /** Connections that left HTTP; the server does not count them as its own any more. */
  private readonly upgraded = new Set<Duplex>();

  constructor(
    private readonly handler: Handler,
    private readonly upgrade: UpgradeHandler,
    private readonly host: string,
  ) {}

  get port(): number {
    const address = this.server?.address() as AddressInfo | null | undefined;
    if (!address) throw new Error('the simulator does not listen');
    return address.port;
  }

  get listening(): boolean {
    return this.server !== null;
  }

  /** @param port 0: any free one */
  async start(port: number): Promise<void> {
    if (this.server) return;
    const server = createServer(this.handler);
    // Coder closes no idle connection; a client must not see resets that no fault caused.
    server.keepAliveTimeout = 0;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      this.upgraded.add(socket);
      socket.once('close', () => this.upgraded.delete(socket));
      socket.on('error', () => socket.destroy());
      this.upgrade(request, socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.host, () => resolve());
    });
    this.server = server;
  }

  /** Refuses new connections and cuts the present ones. */
  async stop(): Promise<void> {
    const server = this.server;
    if (!server) return;
    this.server = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    for (const socket of this.upgraded) socket.destroy();
    await closed;
  }
}
