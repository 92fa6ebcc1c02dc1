import pg from 'pg';
import { translate } from '../driver-errors.js';
import type { DatabaseLog } from '../engine.js';
import { assertChannel } from '../retry.js';
import { KEEPALIVE_MS } from './connections.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

type Callback = (payload: string) => void;

/**
 * One connection for LISTEN, opened at the first use. When it is lost it is opened again and listens to everything
 * as before; what was notified in between is lost, so that who listens must also look now and then.
 */
export class Listener {
  private readonly callbacks = new Map<string, Set<Callback>>();
  private client: Promise<pg.Client> | undefined;
  private retryMs = FIRST_RETRY_MS;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly log: DatabaseLog,
  ) {}

  async listen(channel: string, callback: Callback): Promise<() => Promise<void>> {
    assertChannel(channel);
    const callbacks = this.callbacks.get(channel) ?? new Set();
    this.callbacks.set(channel, callbacks.add(callback));
    try {
      const client = await this.connected();
      await client.query(`LISTEN ${channel}`);
    } catch (error) {
      this.forget(channel, callback);
      throw translate(error);
    }
    return async () => {
      if (!this.forget(channel, callback)) return;
      const client = await this.client?.catch(() => undefined);
      await client?.query(`UNLISTEN ${channel}`).catch(() => undefined);
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    const client = await this.client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  /** Answers whether nobody listens to the channel any more. */
  private forget(channel: string, callback: Callback): boolean {
    const callbacks = this.callbacks.get(channel);
    if (!callbacks?.delete(callback) || callbacks.size > 0) return false;
    return this.callbacks.delete(channel);
  }

  private connected(): Promise<pg.Client> {
    if (!this.client) {
      const connecting = this.connect();
      this.client = connecting;
      connecting.catch(() => {
        if (this.client === connecting) this.client = undefined;
      });
    }
    return this.client;
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'idp-bridge listen',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_MS,
    });
    client.on('error', () => undefined);
    client.on('notification', ({ channel, payload }) => {
      for (const callback of this.callbacks.get(channel) ?? []) callback(payload ?? '');
    });
    try {
      await client.connect();
      for (const channel of this.callbacks.keys()) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    client.once('end', () => this.lost());
    this.retryMs = FIRST_RETRY_MS;
    return client;
  }

  private lost(): void {
    this.client = undefined;
    if (this.closed || this.callbacks.size === 0) return;
    clearTimeout(this.retry);
    this.log.warn({ againInMs: this.retryMs }, 'the connection for notifications was lost');
    this.retry = setTimeout(() => {
      this.connected().catch(() => this.lost());
    }, this.retryMs);
    this.retry.unref();
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }
}
