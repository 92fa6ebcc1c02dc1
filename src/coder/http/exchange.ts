import { Agent, type Dispatcher } from 'undici';

/** One HTTP request. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** The whole call, waiting for a connection included, milliseconds. */
  readonly deadlineMs: number;
  /** Silence before the headers, and between pieces of the body, milliseconds. */
  readonly silenceMs: number;
}

/** One HTTP answer, read to its end. */
export interface Answer {
  readonly status: number;
  /** Lower-case names; of a repeated header the first value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** There was no complete answer. */
export class NoAnswer extends Error {
  constructor(
    message: string,
    /** Whether the request may have left this machine. */
    readonly sent: boolean,
    /** Whether the caller's own signal ended it. */
    readonly aborted: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'NoAnswer';
  }
}

const MAX_CONNECTIONS = 16;
const CONNECT_TIMEOUT_MS = 10_000;

/** Sends single requests to one origin over kept-alive connections. Never sends anything twice, follows no redirect. */
export class Exchanger {
  private readonly agent = new Agent({
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });

  constructor(
    private readonly origin: string,
    private readonly maxBodyBytes: number,
  ) {}

  /** @throws NoAnswer and nothing else */
  exchange(request: ExchangeRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const running = new RunningExchange(request, this.maxBodyBytes, resolve, reject);
      if (running.settled) return;
      try {
        this.agent.dispatch(
          {
            origin: this.origin,
            path: request.path,
            method: request.method,
            headers: request.headers,
            body: request.body ?? null,
            headersTimeout: request.silenceMs,
            bodyTimeout: request.silenceMs,
          },
          running,
        );
      } catch (error) {
        running.fail(describe(error), error);
      }
    });
  }

  /** Ends all connections; calls in flight fail. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

/** Collects one answer. Knows whether the request was handed to a connection, which undici's request() does not tell. */
class RunningExchange implements Dispatcher.DispatchHandler {
  settled = false;
  private sent = false;
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private headers: Map<string, string> = new Map();
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private readonly timer: NodeJS.Timeout;
  private readonly onAbort = (): void =>
    this.fail('aborted by the caller', this.request.signal?.reason, true);

  constructor(
    private readonly request: ExchangeRequest,
    private readonly maxBodyBytes: number,
    private readonly resolve: (answer: Answer) => void,
    private readonly reject: (error: NoAnswer) => void,
  ) {
    this.timer = setTimeout(() => this.fail(`no answer within ${request.deadlineMs} ms`), request.deadlineMs);
    if (request.signal?.aborted) this.onAbort();
    else request.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) {
      controller.abort(new Error('the call ended before it was sent'));
      return;
    }
    this.controller = controller;
    this.sent = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.status = status;
    for (const [name, value] of Object.entries(headers)) {
      const first = Array.isArray(value) ? value[0] : value;
      if (first !== undefined) this.headers.set(name.toLowerCase(), first);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.settled) return;
    this.bytes += chunk.length;
    if (this.bytes > this.maxBodyBytes) this.fail(`the answer is longer than ${this.maxBodyBytes} bytes`);
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.end()) return;
    this.resolve({
      status: this.status,
      headers: this.headers,
      body: Buffer.concat(this.chunks, this.bytes),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.fail(describe(error), error);
  }

  /** Ends the call without an answer; only the first reason counts. */
  fail(message: string, cause?: unknown, aborted = false): void {
    if (!this.end()) return;
    this.chunks.length = 0;
    const error = new NoAnswer(message, this.sent, aborted, { cause });
    this.reject(error);
    this.controller?.abort(error);
  }

  private end(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.timer);
    this.request.signal?.removeEventListener('abort', this.onAbort);
    return true;
  }
}

/** A short reason for people: the code of a system or undici error where there is one, never its properties. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code === undefined ? error.message : `${error.message} (${code})`;
}
