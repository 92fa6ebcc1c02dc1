import { Pool } from 'undici';
import { TOKENS } from './bridge.js';

export interface Answer {
  readonly text: string;
  readonly ms: number;
}

/** Sends one SCIM request after the other, and says how long each took. */
export class Client {
  private readonly pool: Pool;

  constructor(url: string) {
    this.pool = new Pool(url, { connections: 1 });
  }

  async get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  async patch(path: string, body: object): Promise<Answer> {
    return this.send('PATCH', path, JSON.stringify(body));
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async send(method: 'GET' | 'PATCH', path: string, body: string | null = null): Promise<Answer> {
    const started = performance.now();
    const answer = await this.pool.request({
      method,
      path: `/scim/v2${path}`,
      headers: {
        authorization: `Bearer ${TOKENS.scim}`,
        ...(body !== null && { 'content-type': 'application/scim+json' }),
      },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode > 299) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return { text, ms: performance.now() - started };
  }
}
