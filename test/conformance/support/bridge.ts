import 'reflect-metadata';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll } from 'vitest';
import type { JsonObject } from '../../../src/common/index.js';
import { CONFIG, type Config, type ConnectionConfig } from '../../../src/config/index.js';
import { Access, openConnections, Tokens } from '../../../src/connections/index.js';
import type { Engine } from '../../../src/database/index.js';
import {
  GROUPS,
  GroupDirectory,
  MIXED_LISTS,
  SETTLEMENTS,
  SqlMixedLists,
  type Settlements,
  UserDirectory,
  USERS,
  type Users,
} from '../../../src/directory/index.js';
import type { WakeUps } from '../../../src/queue/index.js';
import { ACCESS_CHECK, configureScim, ScimModule, scimServerOptions } from '../../../src/scim/http/index.js';
import { LOG, silentLog, type Log } from '../../../src/telemetry/index.js';
import { memoryEngine } from '../../support/database.js';
import { connectionConfig } from '../../support/connection-config.js';

export const PUBLIC_URL = 'https://bridge.example/idp';

/** What a test may set of the bridge. */
export interface BridgeOptions {
  readonly waitMs?: number;
  readonly settlements?: Settlements;
  /** Stands before the real users. */
  readonly users?: (real: Users) => Users;
  readonly log?: Log;
  /** Dialects that both connections ask for. */
  readonly dialects?: readonly string[];
}

/** An answer of the bridge. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON body; {} where there is none. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- answers are taken apart by expectations
}

export interface RequestOptions {
  /** An object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly type?: string | null;
  readonly token?: string | null;
  /** The connection whose base is asked; none: the first one, at /scim/v2. */
  readonly connection?: string;
  readonly headers?: Record<string, string>;
}

/** A SCIM service on a real directory in memory, whose queue nobody listens to. */
export class Bridge {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly engine: Engine,
    readonly origin: string,
    readonly token: string,
    readonly otherToken: string,
  ) {}

  static async start(options: BridgeOptions = {}): Promise<Bridge> {
    const engine = await memoryEngine();
    const tokens = new Tokens(engine.database);
    const { connections } = await openConnections(
      engine.database,
      ['first', 'second'].map((name) => connectionOf(name, options.dialects)),
    );
    const [token, otherToken] = await Promise.all(
      connections.served.map(async ({ id, name }) => (await tokens.issue(id, name)).token),
    );
    const app = await boot(engine, new Access(connections, tokens), options);
    const origin = await app.listen(0, '127.0.0.1').then(() => app.getUrl());
    return new Bridge(app, engine, origin.replace('localhost', '127.0.0.1'), token ?? '', otherToken ?? '');
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.engine.close();
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { body, type = 'application/scim+json; charset=utf-8', token = this.token, headers = {} } = options;
    const base = options.connection === undefined ? '' : `/connections/${options.connection}`;
    const response = await fetch(
      this.origin + (/^\/(?:scim|connections\/)/.test(path) ? path : `${base}/scim/v2${path}`),
      {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined || type === null ? {} : { 'content-type': type }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : {} };
  }

  get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('GET', path, options);
  }

  post(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('POST', path, { ...options, body });
  }

  put(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('PUT', path, { ...options, body });
  }

  /** A PATCH of these operations. */
  patch(path: string, ...operations: readonly object[]): Promise<Answer> {
    return this.request('PATCH', path, { body: patchOp(...operations) });
  }

  delete(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('DELETE', path, options);
  }

  /** A filter, as a query string. */
  find(endpoint: '/Users' | '/Groups', filter: string, more = ''): Promise<Answer> {
    return this.get(`${endpoint}?filter=${encodeURIComponent(filter)}${more}`);
  }

  /** Creates a user; answers its id. */
  async user(userName: string, more: JsonObject = {}): Promise<string> {
    const { body } = await this.post('/Users', { schemas: [USER], userName, ...more });
    return body.id;
  }
}

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENT = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
export const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const SCIM_JSON = 'application/scim+json;charset=utf-8';

export function patchOp(...operations: readonly object[]): object {
  return { schemas: [PATCH_OP], Operations: operations };
}

/** A bridge for the tests of a `describe`. */
export function useBridge(options: BridgeOptions = {}): { readonly bridge: Bridge } {
  const held: { bridge: Bridge } = { bridge: undefined as never };
  beforeAll(async () => {
    held.bridge = await Bridge.start(options);
  });
  afterAll(() => held.bridge?.stop());
  return held;
}

const nobody: WakeUps = { wake: () => undefined };

function connectionOf(name: string, dialects: readonly string[] = []): ConnectionConfig {
  return connectionConfig(name, {
    dialects: Object.fromEntries(dialects.map((dialect) => [dialect, true])),
  });
}

async function boot(engine: Engine, access: Access, options: BridgeOptions): Promise<NestFastifyApplication> {
  const { waitMs = 0, log = silentLog } = options;
  const pending: Settlements = {
    wait: async () => ({ outcome: 'pending' }),
    undoCreation: async () => false,
  };
  const config = { publicUrl: PUBLIC_URL, scim: { waitMs } } as Config;
  const users = new UserDirectory(engine.database, nobody);
  const values = [
    { provide: CONFIG, useValue: config },
    { provide: LOG, useValue: log },
    { provide: USERS, useValue: options.users?.(users) ?? users },
    { provide: GROUPS, useValue: new GroupDirectory(engine.database, nobody) },
    { provide: MIXED_LISTS, useValue: new SqlMixedLists(engine.database) },
    { provide: ACCESS_CHECK, useValue: access },
    { provide: SETTLEMENTS, useValue: options.settlements ?? pending },
  ];
  @Global()
  @Module({ providers: values, exports: values.map(({ provide }) => provide) })
  class Surroundings {}
  @Module({ imports: [Surroundings, ScimModule.register()] })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(scimServerOptions), {
    logger: false,
    abortOnError: false,
  });
  configureScim(app);
  return app;
}
