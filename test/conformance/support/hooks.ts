import { randomUUID } from 'node:crypto';
import { Agent, fetch as fetchFrom } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { DatabaseUnavailable } from '../../../src/database/index.js';
import { createLog } from '../../../src/telemetry/index.js';
import { startTestBridge, type TestBridge } from '../../support/bridge.js';
import { configFile } from '../../support/config-file.js';
import { TestIssuer } from '../../support/jwt-issuer.js';

export const TENANT = '6c1f5b0e-1f5e-4b8e-9c55-0d2f4a6b7c8d';
/** The application that the custom extension was registered with. */
export const API = '2a9d1c44-8f5a-4b53-a0c1-6f0e7d3b2c11';
export const SECRET = 'the-secret-that-okta-was-told';
export const NEXT = 'the-secret-that-okta-will-be-told';
export const SIGNING = 'the-secret-that-webhooks-sign-with';
/** What is answered to whoever has not proven who it is. */
export const UNPROVEN = { error: 'invalid_token', error_description: 'the request is not authenticated' };
const PATIENCE_MS = 20_000;

const fileOf = (issuer: string): string => `
connections:
  - name: one
    tokens: [{ label: scim, secret: env:SCIM_TOKEN }]
    oidc: &oidc
      issuer: '${issuer}'
      clientId: bridge
      hooks:
        oktaToken: { secrets: [env:SECRET, env:NEXT] }
        oktaEvents: { secrets: env:SECRET, header: X-Okta-Secret }
        entra: { audience: ${API}, tenant: ${TENANT} }
        webhooks: [{ name: auth0, secrets: [env:SIGNING] }, { name: whole, secrets: env:SIGNING, missing: none }]
  - name: other
    oidc: *oidc
  - name: slow
    oidc: *oidc
    rateLimit: 1
    rateBurst: 1
  - name: plain
    oidc: { issuer: '${issuer}', clientId: bridge }
  - name: bare
`;

export interface Answered {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
  readonly body: unknown;
}

/** A bridge whose first connection has every hook. Each test has a person of its own, and calls from an address of its own. */
export class HookedBridge {
  issuer!: TestIssuer;
  bridge!: TestBridge;
  /** What the bridge logs. */
  readonly lines: string[] = [];
  n = 0;
  /** Long, as no test is about how fast this machine is; see {@link hang}. */
  private hookMs: number | undefined = PATIENCE_MS;
  private file: Awaited<ReturnType<typeof configFile>> | undefined;
  private from: Agent | undefined;

  /** @param network the third byte of the addresses */
  constructor(private readonly network: number) {
    beforeAll(() => this.start());
    afterAll(() => this.stop());
    beforeEach(() => {
      this.n += 1;
      this.from = new Agent({ localAddress: `127.0.${this.network}.${this.n}` });
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      this.hookMs = PATIENCE_MS;
      await this.from?.close();
    });
  }

  /** The test's person at the provider. */
  get id(): string {
    return `00u${this.n}`;
  }

  get email(): string {
    return `person-${this.n}@corp.example`;
  }

  async send(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    method = 'POST',
  ): Promise<Answered> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetchFrom(`${this.bridge.scim.base.replace('/scim/v2', '')}${path}`, {
      ...(this.from && { dispatcher: this.from }),
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'GET' ? {} : { body: text }),
    });
    const answer = await response.text();
    const json = answer === '' ? null : (JSON.parse(answer) as unknown);
    return { status: response.status, headers: response.headers, text: answer, body: json };
  }

  makeUser(): Promise<string> {
    return this.bridge.scim.postUser(this.email, { externalId: this.id });
  }

  /** What is recorded of the person's claims. */
  subjects(): Promise<Record<string, unknown>[]> {
    return this.bridge.database.query('SELECT * FROM bridge.subjects WHERE subject = $1', [this.id]);
  }

  async claims(): Promise<unknown> {
    return (await this.subjects())[0]?.['claims'];
  }

  /** The user's version. */
  async version(user: string): Promise<number> {
    const text = 'SELECT desired FROM bridge.targets WHERE id = $1';
    const [row] = await this.bridge.database.query<{ desired: number }>(text, [user]);
    return row?.desired ?? 0;
  }

  /** What was journaled of the provider's event. */
  received(event: string): Promise<Record<string, unknown>[]> {
    return this.bridge.database.query(
      `SELECT * FROM bridge.journal WHERE action = 'hook.received' AND facts->>'eventId' = $1 ORDER BY id`,
      [event],
    );
  }

  /** Makes the database wait, longer than a hook may take. @returns ends that */
  hang(): () => void {
    this.hookMs = undefined;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const transaction = this.bridge.database.transaction.bind(this.bridge.database);
    vi.spyOn(this.bridge.database, 'transaction').mockImplementation(async (work) => {
      await gate;
      return transaction(work);
    });
    return release;
  }

  /** The database takes no transaction of anybody. @returns ends that */
  loseDatabase(): () => void {
    const away = vi.spyOn(this.bridge.database, 'transaction');
    away.mockRejectedValue(new DatabaseUnavailable(new Error('away')));
    return () => away.mockRestore();
  }

  /** What Okta's token inline hook sends, as its documentation has it. */
  oktaToken(
    claims: object = {},
    more: { identity?: object; access?: object; context?: object } = {},
  ): object {
    const { id, email, issuer } = this;
    return {
      eventId: randomUUID(),
      eventTime: new Date().toISOString(),
      eventType: 'com.okta.oauth2.tokens.transform',
      eventTypeVersion: '1.0',
      contentType: 'application/json',
      cloudEventVersion: '0.1',
      source: `${issuer.url}v1/authorize`,
      data: {
        context: {
          request: { id: 'reqv66CbCaCStGEFc8AdfS0ng', method: 'GET', ipAddress: '127.0.0.1' },
          protocol: {
            type: 'OAUTH2.0',
            request: { scope: 'openid profile email', response_mode: 'form_post' },
            issuer: { uri: issuer.url },
            client: { id: 'bridge', name: 'Bridge', type: 'PUBLIC' },
          },
          session: { id: '102Qoe7t5PcRnSxr8j3I8I6pA', userId: id, login: email },
          user: { id, profile: { login: email, firstName: 'Ada', lastName: 'King', locale: 'en' } },
          ...more.context,
        },
        identity: {
          claims: {
            ...{ sub: id, name: 'Ada King', email, ver: 1, iss: issuer.url, aud: 'bridge', jti: 'ID.1' },
            ...{ amr: ['pwd'], idp: '00o1', nonce: 'n', preferred_username: email, auth_time: 1 },
            ...claims,
            ...more.identity,
          },
          token: { lifetime: { expiration: 3600 } },
        },
        access: {
          claims: {
            ...{
              ver: 1,
              jti: 'AT.1',
              iss: issuer.url,
              aud: 'api://default',
              cid: 'bridge',
              uid: id,
              sub: email,
            },
            ...more.access,
          },
          token: { lifetime: { expiration: 3600 } },
          scopes: { openid: { id: 'scp1', action: 'GRANT' } },
        },
      },
    };
  }

  okta(body: unknown, secret = SECRET, at = ''): Promise<Answered> {
    return this.send(`${at}/oidc/hooks/okta/token`, body, { authorization: secret });
  }

  /** An event as Okta's System Log has it. */
  event(more: object = {}): { readonly uuid: string; readonly [member: string]: unknown } {
    const { id, email } = this;
    return {
      uuid: randomUUID(),
      published: '2026-01-05T09:59:58.000Z',
      eventType: 'user.lifecycle.deactivate',
      version: '0',
      displayMessage: 'Deactivate Okta user',
      severity: 'INFO',
      actor: { id: '00uA', type: 'User', alternateId: 'admin@corp.example', displayName: 'An Admin' },
      outcome: { result: 'SUCCESS', reason: null },
      target: [{ id, type: 'User', alternateId: email, displayName: 'Ada King', detailEntry: null }],
      ...more,
    };
  }

  private async start(): Promise<void> {
    this.issuer = await TestIssuer.start();
    this.file = await configFile(fileOf(this.issuer.url));
    this.bridge = await startTestBridge({
      log: createLog({ level: 'trace', destination: { write: (line) => void this.lines.push(line) } }),
      env: { BRIDGE_CONFIG: this.file.path, SECRET, NEXT, SIGNING },
      tuning: { hookMs: () => this.hookMs },
    });
  }

  private async stop(): Promise<void> {
    await this.bridge?.close();
    await this.issuer?.stop();
    await this.file?.remove();
  }
}

/** What Okta's event hook sends. */
export function oktaEvents(...events: unknown[]): object {
  return {
    eventType: 'com.okta.event_hook',
    eventTypeVersion: '1.0',
    cloudEventsVersion: '0.1',
    source: 'https://acme.okta.com/api/v1/eventHooks/who1',
    eventId: randomUUID(),
    data: { events },
    eventTime: '2026-01-05T10:00:00.000Z',
    contentType: 'application/json',
  };
}

export async function statusOf(answer: Promise<{ readonly status: number }>): Promise<number> {
  return (await answer).status;
}
