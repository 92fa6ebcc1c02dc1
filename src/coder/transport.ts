import type { Clock } from '../common/index.js';
import type { CallOptions } from './client.js';
import { AbortedError, CoderError, ThrottledError, TransientError } from './errors.js';
import { Exchanger, NoAnswer, type Answer } from './exchange.js';
import { errorOf, parseJson } from './failures.js';
import type { PathLimiter } from './limiter.js';
import { dateOf, rateFeedback } from './rate-headers.js';
import { operationOf, pathOf, type Route } from './route.js';

/** What the transport needs. */
export interface TransportOptions {
  /** Coder's address; a path in it is kept as a prefix. */
  readonly url: string;
  readonly sessionToken?: string;
  readonly limiter: PathLimiter;
  readonly clock: Clock;
  /** Of a call; milliseconds, default 15,000. A list may take four times as long while its body keeps coming. */
  readonly timeoutMs?: number;
  /** Longest body that is read, bytes; default 256 MiB (a list of groups embeds all members). */
  readonly maxBodyBytes?: number;
  /** Told of every error, before it is thrown. */
  readonly onError?: (error: CoderError) => void;
  /** Told of every call that ended, for metrics. */
  readonly onCall?: (call: EndedCall) => void;
}

/** How a call ended. */
export interface EndedCall {
  /** `PUT /users/{user}/status/suspend` */
  readonly operation: string;
  readonly ms: number;
  readonly error?: CoderError;
}

/** One call of Coder's API. */
export interface Call<T> {
  readonly route: Route;
  /** Values for the route's placeholders. */
  readonly values?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  /** A long list. */
  readonly bulk?: boolean;
  /** Reads the parsed body (null where there is none); throws WrongShape. */
  readonly read: (body: unknown) => T;
  readonly options?: CallOptions;
}

const API = '/api/v2';
const TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 256 * 1024 * 1024;
const BULK_FACTOR = 4;

/**
 * Sends calls to Coder: limit, timeout, session token, and exactly one error class for whatever happens. It authenticates
 * by the Coder-Session-Token header alone, follows no redirect (the token would go with it) and retries nothing.
 */
export class Transport {
  private readonly exchanger: Exchanger;
  private readonly prefix: string;
  private readonly timeoutMs: number;
  private lastDate: { readonly at: number; readonly monotonic: number } | undefined;

  constructor(private readonly options: TransportOptions) {
    const url = new URL(options.url);
    this.prefix = url.pathname.replace(/\/$/, '') + API;
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.exchanger = new Exchanger(url.origin, options.maxBodyBytes ?? MAX_BODY_BYTES);
  }

  /** @throws CoderError and nothing else */
  async call<T>(call: Call<T>): Promise<T> {
    const { clock, onCall, onError } = this.options;
    const started = clock.monotonic();
    const ended = (error?: CoderError): void =>
      onCall?.({
        operation: operationOf(call.route),
        ms: clock.monotonic() - started,
        ...(error && { error }),
      });
    try {
      const answer = await this.perform(call);
      ended();
      return answer;
    } catch (error) {
      const known = error instanceof CoderError ? error : unforeseen(call, error);
      ended(known);
      onError?.(known);
      throw known;
    }
  }

  /** Coder's clock, ISO 8601: the latest Date header and the time that has passed since by the monotonic clock. */
  coderNow(): string {
    const { clock } = this.options;
    const now = this.lastDate ? this.lastDate.at + clock.monotonic() - this.lastDate.monotonic : clock.now();
    return new Date(now).toISOString();
  }

  close(): Promise<void> {
    return this.exchanger.close();
  }

  private async perform<T>(call: Call<T>): Promise<T> {
    const operation = operationOf(call.route);
    const path = this.prefix + pathOf(call.route, call.values ?? {});
    if (call.options?.signal?.aborted) throw new AbortedError(operation, 'aborted by the caller', false);
    const waitMs = this.options.limiter.take(path, call.options?.urgent);
    if (waitMs > 0) throw new ThrottledError(operation, waitMs);
    const answer = await this.exchange(call, operation, path);
    const mutation = isMutation(call);
    if (answer.status < 200 || answer.status > 299) {
      const { sessionToken, clock } = this.options;
      throw errorOf(answer, { operation, mutation, now: clock.now(), ...(sessionToken && { sessionToken }) });
    }
    return read(call, operation, answer);
  }

  private async exchange<T>(call: Call<T>, operation: string, path: string): Promise<Answer> {
    let answer: Answer | undefined;
    try {
      answer = await this.exchanger.exchange({
        method: call.route.method,
        path: path + queryString(call.query),
        headers: this.headers(call.body !== undefined),
        silenceMs: this.timeoutMs,
        deadlineMs: call.bulk ? this.timeoutMs * BULK_FACTOR : this.timeoutMs,
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        ...(call.options?.signal && { signal: call.options.signal }),
      });
      this.remember(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const unknown = error.sent && isMutation(call);
      const Class = error.aborted ? AbortedError : TransientError;
      throw new Class(operation, error.message, unknown, undefined, { cause: error });
    } finally {
      this.options.limiter.answered(
        path,
        answer && rateFeedback(answer.status, answer.headers, this.options.clock.now()),
      );
    }
  }

  private headers(hasBody: boolean): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': 'idp-bridge',
      ...(this.options.sessionToken && { 'coder-session-token': this.options.sessionToken }),
      ...(hasBody && { 'content-type': 'application/json' }),
    };
  }

  private remember(answer: Answer): void {
    const at = dateOf(answer.headers);
    if (at !== undefined) this.lastDate = { at, monotonic: this.options.clock.monotonic() };
  }
}

function isMutation(call: Pick<Call<unknown>, 'route'>): boolean {
  return call.route.method !== 'GET';
}

/** A success that cannot be read tells nothing; of a mutation it may well have been done. */
function read<T>(call: Call<T>, operation: string, answer: Answer): T {
  const body = answer.body.length === 0 ? null : parseJson(answer.body);
  try {
    return call.read(body);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'the answer cannot be read';
    throw new TransientError(operation, why, isMutation(call), answer.status, { cause });
  }
}

function unforeseen(call: Pick<Call<unknown>, 'route'>, cause: unknown): TransientError {
  return new TransientError(
    operationOf(call.route),
    'the call failed unexpectedly',
    isMutation(call),
    undefined,
    {
      cause,
    },
  );
}

function queryString(query: Call<unknown>['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}
