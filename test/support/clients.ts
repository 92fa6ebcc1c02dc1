import { expect } from 'vitest';

import type { JsonObject } from '../../src/common/index.js';

/** Tokens of every bridge that tests start. */
export const SCIM_TOKEN = 'scim-token-of-the-tests-0123456789';
export const ADMIN_TOKEN = 'admin-token-of-the-tests-0123456789';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON body; {} where there is none. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- answers are taken apart by expectations
}

/** An HTTP client of one part of the bridge. */
class Client {
  constructor(
    readonly base: string,
    readonly token: string | null,
    private readonly type: string,
  ) {}

  async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.base + path, {
      method,
      headers: {
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': this.type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: json && text ? JSON.parse(text) : {},
    };
  }

  /** As {@link request}; anything but a 2xx fails the test. */
  async done(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.request(method, path, body);
    if (answer.status < 200 || answer.status > 299)
      expect.fail(`${method} ${path} was answered ${answer.status}: ${answer.text}`);
    return answer;
  }

  get(path: string): Promise<Answer> {
    return this.request('GET', path);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.request('POST', path, body);
  }
}

/** What an IdP sends. Functions named after what they do expect a 2xx; the others answer whatever came. */
export class ScimClient extends Client {
  constructor(url: string, token: string | null = SCIM_TOKEN) {
    super(`${url}/scim/v2`, token, 'application/scim+json');
  }

  /** Creates a user `ann` of `ann@example.com`, unless `more` says otherwise; answers its id. */
  async postUser(userName: string, more: JsonObject = {}): Promise<string> {
    const { body } = await this.done('POST', '/Users', userBody(userName, more));
    return String(body.id);
  }

  /** Replaces the user. */
  async putUser(id: string, userName: string, more: JsonObject = {}): Promise<void> {
    await this.done('PUT', `/Users/${id}`, userBody(userName, more));
  }

  async patchUser(id: string, ...operations: readonly JsonObject[]): Promise<void> {
    await this.done('PATCH', `/Users/${id}`, patchOp(...operations));
  }

  deactivate(id: string): Promise<void> {
    return this.patchUser(id, { op: 'replace', path: 'active', value: false });
  }

  activate(id: string): Promise<void> {
    return this.patchUser(id, { op: 'replace', path: 'active', value: true });
  }

  async deleteUser(id: string): Promise<void> {
    await this.done('DELETE', `/Users/${id}`);
  }

  /** Creates a group; answers its id. */
  async postGroup(
    displayName: string,
    members: readonly string[] = [],
    more: JsonObject = {},
  ): Promise<string> {
    const { body } = await this.done('POST', '/Groups', groupBody(displayName, members, more));
    return String(body.id);
  }

  async patchGroup(id: string, ...operations: readonly JsonObject[]): Promise<void> {
    await this.done('PATCH', `/Groups/${id}`, patchOp(...operations));
  }

  renameGroup(id: string, displayName: string): Promise<void> {
    return this.patchGroup(id, { op: 'replace', path: 'displayName', value: displayName });
  }

  addMembers(id: string, ...users: readonly string[]): Promise<void> {
    return this.patchGroup(id, { op: 'add', path: 'members', value: users.map((value) => ({ value })) });
  }

  removeMembers(id: string, ...users: readonly string[]): Promise<void> {
    return this.patchGroup(
      id,
      ...users.map((user) => ({ op: 'remove', path: `members[value eq "${user}"]` })),
    );
  }

  async deleteGroup(id: string): Promise<void> {
    await this.done('DELETE', `/Groups/${id}`);
  }
}

export function userBody(userName: string, more: JsonObject = {}): JsonObject {
  const local = userName.split('@', 1)[0] ?? userName;
  return {
    schemas: [USER],
    userName,
    active: true,
    name: { formatted: `The ${local}` },
    emails: [
      { value: userName.includes('@') ? userName : `${userName}@example.com`, type: 'work', primary: true },
    ],
    ...more,
  };
}

export function groupBody(
  displayName: string,
  members: readonly string[] = [],
  more: JsonObject = {},
): JsonObject {
  return { schemas: [GROUP], displayName, members: members.map((value) => ({ value })), ...more };
}

export function patchOp(...operations: readonly JsonObject[]): JsonObject {
  return { schemas: [PATCH_OP], Operations: operations };
}

/** Counts of targets, as GET /api/v1/status tells them. */
export interface TargetCounts {
  readonly dirty: number;
  readonly urgent: number;
  readonly failed: number;
  readonly held: number;
}

/** The admin API, /readyz and /metrics. */
export class AdminClient extends Client {
  constructor(url: string, token: string | null = ADMIN_TOKEN) {
    super(url, token, 'application/json');
  }

  async targets(): Promise<TargetCounts> {
    return (await this.done('GET', '/api/v1/status')).body.targets;
  }

  /** Jobs of both lanes. */
  async jobs(): Promise<number> {
    const { urgent, normal } = (await this.done('GET', '/api/v1/status')).body.queue;
    return urgent + normal;
  }

  sync(): Promise<Answer> {
    return this.post('/api/v1/sync');
  }

  async failures(): Promise<
    { id: string; name: string; failure: { kind: string; step: string; detail: string; status?: number } }[]
  > {
    return (await this.done('GET', '/api/v1/failures')).body.failures;
  }

  async holds(): Promise<
    {
      id: string;
      name: string;
      held: { hash: string; steps: { do: string; reason: string }[] } & JsonObject;
    }[]
  > {
    return (await this.done('GET', '/api/v1/holds')).body.holds;
  }

  approve(id: string, hash: string): Promise<Answer> {
    return this.post(`/api/v1/holds/${id}/approve`, { hash });
  }

  ready(): Promise<Answer> {
    return this.get('/readyz');
  }
}
