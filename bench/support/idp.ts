import { Pool } from 'undici';

/** How many requests the simulated identity provider has under way at once, unless it sends all at once. */
const CONNECTIONS = 10;

/** An identity provider: sends SCIM, and takes nothing but success for an answer. */
export class Idp {
  private readonly pool: Pool;

  constructor(
    url: string,
    private readonly tokens: { readonly scim: string; readonly admin: string },
    connections = CONNECTIONS,
  ) {
    this.pool = new Pool(url, { connections });
  }

  /** @returns the id of what was created */
  async create(endpoint: 'Users' | 'Groups', body: object): Promise<string> {
    const { id } = (await this.scim('POST', `/${endpoint}`, body)) as { id: string };
    return id;
  }

  async patch(endpoint: 'Users' | 'Groups', id: string, body: object): Promise<void> {
    await this.scim('PATCH', `/${endpoint}/${id}`, body);
  }

  async replace(endpoint: 'Users' | 'Groups', id: string, body: object): Promise<void> {
    await this.scim('PUT', `/${endpoint}/${id}`, body);
  }

  async find(userName: string): Promise<void> {
    await this.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`);
  }

  /** Targets that are not yet as they should be in Coder. */
  async dirty(): Promise<number> {
    const status = await this.send('GET', '/api/v1/status', this.tokens.admin);
    const { targets } = status as { targets: { dirty: number; failed: number; held: number } };
    if (targets.failed + targets.held > 0) throw new Error(`targets failed: ${JSON.stringify(targets)}`);
    return targets.dirty;
  }

  /** Looks at every user and group anew, as once an hour. */
  async fullSync(): Promise<void> {
    await this.send('POST', '/api/v1/sync', this.tokens.admin, {});
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private scim(method: Method, path: string, body?: object): Promise<unknown> {
    return this.send(method, `/scim/v2${path}`, this.tokens.scim, body);
  }

  private async send(method: Method, path: string, token: string, body?: object): Promise<unknown> {
    const type = path.startsWith('/scim') ? 'application/scim+json' : 'application/json';
    const answer = await this.pool.request({
      method,
      path,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': type }) },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await answer.body.text();
    if (answer.statusCode > 299)
      throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH';

/** Does `work` for each item, {@link CONNECTIONS} at once, begun in their order. */
export async function each<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}
