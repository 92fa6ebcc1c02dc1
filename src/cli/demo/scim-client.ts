import type { JsonObject } from '../../common/index.js';

/** What a provider adds to each request. */
export type Dress = (headers: {
  readonly hasBody: boolean;
  readonly token: string;
}) => Record<string, string>;

/** How much was sent. */
export interface Sent {
  /** POST, PUT, PATCH, DELETE. */
  readonly pushes: number;
  /** GET. */
  readonly lookups: number;
}

/** The bridge refused a request: the provider's admin would find it among the failed tasks. */
export class ScimRefusal extends Error {
  constructor(
    readonly method: string,
    readonly path: string,
    readonly status: number,
    detail: string,
  ) {
    super(`${method} ${path} was answered with ${status}: ${detail}`);
    this.name = 'ScimRefusal';
  }
}

/** Okta gives up after this long; nobody is known to wait longer. */
const TIMEOUT_MS = 60_000;

/** Requests to the bridge's SCIM service, counted. */
export class ScimClient {
  private pushes = 0;
  private lookups = 0;
  /** When the last push was sent, milliseconds since the epoch. */
  lastPushAt = 0;

  /** @param root e.g. `http://127.0.0.1:3000/scim/v2` */
  constructor(
    private readonly root: string,
    private readonly token: string,
    private readonly dress: Dress,
  ) {}

  get sent(): Sent {
    return { pushes: this.pushes, lookups: this.lookups };
  }

  /** A resource, or null where there is none of that id. */
  async find(path: string): Promise<JsonObject | null> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof ScimRefusal && error.status === 404) return null;
      throw error;
    }
  }

  /** @throws ScimRefusal */
  get(path: string): Promise<JsonObject> {
    this.lookups += 1;
    return this.send('GET', path);
  }

  /** The resources that a filter finds: the first page, as the providers ask for it. */
  async query(path: string): Promise<readonly JsonObject[]> {
    const { Resources: found } = await this.get(path);
    if (!Array.isArray(found)) throw new Error(`GET ${path}: the answer has no list of Resources`);
    return found as JsonObject[];
  }

  /** @throws ScimRefusal */
  push(method: 'POST' | 'PUT' | 'PATCH', path: string, body: JsonObject): Promise<JsonObject> {
    this.pushes += 1;
    this.lastPushAt = Date.now();
    return this.send(method, path, body);
  }

  private async send(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
    const response = await fetch(this.root + path, {
      method,
      headers: this.dress({ hasBody: body !== undefined, token: this.token }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return text === '' ? {} : (JSON.parse(text) as JsonObject);
    throw new ScimRefusal(method, path, response.status, detailOf(text));
  }
}

/** The `detail` of an error (RFC 7644 section 3.12), or what there is. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Not JSON: the text is all there is.
  }
  return text.slice(0, 200);
}

/** `?filter=...` of one attribute that equals a text. */
export function filterOf(attribute: string, value: string): string {
  return `filter=${encodeURIComponent(`${attribute} eq ${JSON.stringify(value)}`)}`;
}

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A PATCH's body (RFC 7644 section 3.5.2). */
export function patchOf(...operations: readonly JsonObject[]): JsonObject {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations };
}

/** The id of a resource that the bridge answered. */
export function idOf(resource: JsonObject): string {
  const { id } = resource;
  if (typeof id !== 'string' || id === '') throw new Error('the answer has no resource: an id is lacking');
  return id;
}
