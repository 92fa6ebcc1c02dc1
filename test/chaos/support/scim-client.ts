import { setTimeout as sleep } from 'node:timers/promises';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** One client's request is tried this long before the test is told. */
const PATIENCE_MS = 180_000;
/** As patient as identity providers are. A shorter one would leave requests behind that a slow bridge still carries out, later. */
const TIMEOUT_MS = 60_000;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** How often it was sent; more than once: an earlier one may have been carried out though nobody saw the answer. */
  readonly sent: number;
}

/** One operation of a PATCH. */
export interface Operation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path?: string;
  readonly value?: unknown;
}

/**
 * An identity provider's SCIM client, which sends what was not answered again until it is: no answer, or 503. Any other
 * answer that it did not expect is an error.
 */
export class ScimClient {
  /** Answers of each status, e.g. 503 -> 12; 0 counts requests without an answer, -1 those of them that timed out. */
  readonly statuses = new Map<number, number>();

  /** @param endpoint where to send the next try, e.g. `http://127.0.0.1:3000`; it may change while a bridge is away */
  constructor(
    private readonly endpoint: () => string,
    private readonly token: () => string,
  ) {}

  /** Creates a user and answers its id. One that is there already after a repetition is ours. */
  async createUser(user: Readonly<Record<string, unknown>>): Promise<string> {
    const answer = await this.send('POST', '/Users', { schemas: [USER], ...user }, [201, 409]);
    return this.created(answer, '/Users', `userName eq "${String(user['userName'])}"`);
  }

  async createGroup(displayName: string): Promise<string> {
    const answer = await this.send('POST', '/Groups', { schemas: [GROUP], displayName }, [201, 409]);
    return this.created(answer, '/Groups', `displayName eq "${displayName}"`);
  }

  async patch(path: string, ...operations: readonly Operation[]): Promise<void> {
    await this.send('PATCH', path, { schemas: [PATCH_OP], Operations: operations }, [200, 204]);
  }

  async put(path: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    await this.send('PUT', path, { schemas: [path.startsWith('/Users') ? USER : GROUP], ...body }, [200]);
  }

  async delete(path: string): Promise<void> {
    const answer = await this.send('DELETE', path, undefined, [204, 404]);
    if (answer.status === 404 && answer.sent === 1) throw new Error(`DELETE ${path} answered 404 at once`);
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path, undefined, [200]);
  }

  /** The ids that a filter finds. */
  async find(endpoint: '/Users' | '/Groups', filter: string): Promise<string[]> {
    const { body } = await this.get(`${endpoint}?filter=${encodeURIComponent(filter)}`);
    const resources = Array.isArray(body['Resources']) ? (body['Resources'] as { id: string }[]) : [];
    return resources.map(({ id }) => id);
  }

  private async created(answer: Answer, endpoint: '/Users' | '/Groups', filter: string): Promise<string> {
    if (answer.status === 201) return String(answer.body['id']);
    if (answer.sent === 1)
      throw new Error(`POST ${endpoint} answered 409 at once: ${JSON.stringify(answer.body)}`);
    const [id, ...more] = await this.find(endpoint, filter);
    if (id === undefined || more.length > 0)
      throw new Error(`409, but ${filter} finds ${more.length + (id ? 1 : 0)}`);
    return id;
  }

  private async send(
    method: string,
    path: string,
    body: unknown,
    expected: readonly number[],
  ): Promise<Answer> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let sent = 1; Date.now() < deadline; sent += 1) {
      const answer = await this.once(method, path, body);
      this.count(answer?.status ?? 0);
      if (answer && expected.includes(answer.status)) return { ...answer, sent };
      if (answer && answer.status !== 503) {
        throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
      await sleep(100);
    }
    throw new Error(`${method} ${path} was not answered within ${PATIENCE_MS} ms`);
  }

  private count(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  private async once(method: string, path: string, body: unknown): Promise<Omit<Answer, 'sent'> | undefined> {
    try {
      const response = await fetch(`${this.endpoint()}/scim/v2${path}`, {
        method,
        headers: { authorization: `Bearer ${this.token()}`, 'content-type': 'application/scim+json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text ? (JSON.parse(text) as Answer['body']) : {} };
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') this.count(-1);
      return undefined;
    }
  }
}
