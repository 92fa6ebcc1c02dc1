import { CommandFailed } from './backend.js';
import type { ChangeResult, Explanation, Finding, ReportPage, RulesReport } from '../../reconcile/index.js';
import type { Receipt } from '../../journal/index.js';
import type {
  Backend,
  RequestFilter,
  WireApproval,
  WireConnectionState,
  WireEntry,
  WireRequest,
  WireToken,
} from './backend.js';

const PATIENCE_MS = 30_000;

/** The bridge that runs, by its admin API. */
export class AdminBackend implements Backend {
  constructor(
    private readonly url: string,
    private readonly adminToken: string,
  ) {}

  createToken(connection: string, label: string, expires: string | undefined): Promise<WireToken> {
    return this.ask<WireToken>('POST', '/tokens', { connection, label, ...(expires && { expires }) });
  }

  async listTokens(connection: string | undefined): Promise<readonly WireEntry[]> {
    return (await this.ask<{ tokens: WireEntry[] }>('GET', `/tokens${ofConnection(connection)}`)).tokens;
  }

  async revokeToken(id: string): Promise<void> {
    await this.ask('DELETE', `/tokens/${encodeURIComponent(id)}`);
  }

  async requests(filter: RequestFilter): Promise<readonly WireRequest[]> {
    const query = new URLSearchParams(Object.entries(filter) as [string, string][]);
    return (await this.ask<{ requests: WireRequest[] }>('GET', `/requests?${query.toString()}`)).requests;
  }

  pause(connection: string): Promise<WireConnectionState> {
    return this.ask<WireConnectionState>('POST', `/connections/${encodeURIComponent(connection)}/pause`);
  }

  resume(connection: string): Promise<WireConnectionState> {
    return this.ask<WireConnectionState>('POST', `/connections/${encodeURIComponent(connection)}/resume`);
  }

  adoption<Match>(
    kind: 'user' | 'group',
    after: string | null,
    connection: string | undefined,
  ): Promise<ReportPage<Match>> {
    const query = new URLSearchParams({
      kind,
      ...(after !== null && { after }),
      ...(connection !== undefined && { connection }),
    });
    return this.ask<ReportPage<Match>>('GET', `/adoption?${query.toString()}`);
  }

  approveAdoptions(users: readonly string[] | 'all', connection: string | undefined): Promise<WireApproval> {
    return this.ask<WireApproval>('POST', '/adoption/approvals', {
      ...(users === 'all' ? { all: true } : { users }),
      ...(connection !== undefined && { connection }),
    });
  }

  receipt(user: string, connection: string | undefined): Promise<Receipt> {
    return this.ask<Receipt>('GET', `/receipts/${encodeURIComponent(user)}${ofConnection(connection)}`);
  }

  explain(user: string, connection: string | undefined): Promise<Explanation> {
    return this.ask<Explanation>('GET', `/explain/${encodeURIComponent(user)}${ofConnection(connection)}`);
  }

  rules(connection: string | undefined): Promise<RulesReport> {
    return this.ask<RulesReport>('GET', `/rules${ofConnection(connection)}`);
  }

  async checkRules(connection: string | undefined): Promise<readonly Finding[]> {
    const path = `/rules/findings${ofConnection(connection)}`;
    return (await this.ask<{ findings: Finding[] }>('GET', path)).findings;
  }

  async changeRules(
    how: 'push' | 'hand-over',
    connection: string | undefined,
    write: boolean,
  ): Promise<readonly ChangeResult[]> {
    const order = { write, ...(connection !== undefined && { connection }) };
    return (await this.ask<{ changes: ChangeResult[] }>('POST', `/rules/${how}`, order)).changes;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error: unknown) => {
      throw new CommandFailed(`The bridge at ${this.url} does not answer: ${reasonOf(error)}.`);
    });
    const text = await response.text();
    if (response.ok) return (text === '' ? {} : JSON.parse(text)) as T;
    if (response.status === 401) {
      throw new CommandFailed(
        `The bridge at ${this.url} refuses the admin token: give --admin-token, or set ADMIN_TOKEN.`,
      );
    }
    throw new CommandFailed(messageIn(text) ?? `The bridge at ${this.url} answered ${response.status}.`);
  }
}

function ofConnection(connection: string | undefined): string {
  return connection === undefined ? '' : `?connection=${encodeURIComponent(connection)}`;
}

function messageIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string')
      return body.message;
  } catch {
    // No JSON: something else answers there.
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
