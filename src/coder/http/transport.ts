import type { Duplex } from 'node:stream';
import type { Clock } from '../../common/index.js';
import type { CallOptions } from '../call-options.js';
import { AbortedError, CoderError, ThrottledError, TransientError } from '../errors.js';
import { Exchanger, NoAnswer, type Answer } from './exchange.js';
import { errorOf, parseJson } from './failures.js';
import type { PathLimiter } from './limiter.js';
import { dateOf, rateFeedback } from './rate-headers.js';
import { operationOf, pathOf, type Route } from './route.js';
import { upgrade } from './upgrade.js';

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
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  /** A body of form fields instead. */
  readonly form?: Readonly<Record<string, string | undefined>>;
  /** In place of the session token: another server's secret, or nothing. A 401 then says nothing of the session token. */
  readonly credential?: { readonly bearer: string } | 'none';
  /** Statuses besides 2xx that are answers and no failures. */
  readonly alsoAnswers?: readonly number[];
  /** A long list. */
  readonly bulk?: boolean;
  /** Reads the parsed body (undefined where there is none); throws WrongShape. */
  readonly read: (body: unknown, answer: Answer) => T;
  readonly options?: CallOptions;
}

type AnyCall = Omit<Call<unknown>, 'read'>;

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
  private readonly origin: string;
  private readonly prefix: string;
  private readonly timeoutMs: number;
  private lastDate: { readonly at: number; readonly monotonic: number } | undefined;

  constructor(private readonly options: TransportOptions) {
    const url = new URL(options.url);
    this.origin = url.origin;
    this.prefix = url.pathname.replace(/\/$/, '');
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.exchanger = new Exchanger(url.origin, options.maxBodyBytes ?? MAX_BODY_BYTES);
  }

  /** @throws CoderError and nothing else */
  call<T>(call: Call<T>): Promise<T> {
    return this.told(call, async () => {
      const { operation, path } = this.admit(call);
      const answer = await this.exchange(call, operation, path);
      const { status } = answer;
      if ((status < 200 || status > 299) && !call.alsoAnswers?.includes(status)) {
        throw this.failure(call, answer);
      }
      return read(call, operation, answer);
    });
  }

  /** Opens a WebSocket; the stream is the caller's to end. @throws CoderError and nothing else */
  open(call: AnyCall): Promise<Duplex> {
    return this.told(call, async () => {
      const { operation, path } = this.admit(call);
      const opened = await this.answered(call, operation, path, () =>
        upgrade({
          url: this.origin + path + queryString(call.query),
          headers: this.headers(call),
          timeoutMs: this.timeoutMs,
          ...(call.options?.signal && { signal: call.options.signal }),
        }),
      );
      if ('status' in opened) throw this.failure(call, opened);
      return opened;
    });
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

  /** Tells of the call's end, and makes one error class of whatever happens. */
  private async told<T>(call: AnyCall, work: () => Promise<T>): Promise<T> {
    const { clock, onCall, onError } = this.options;
    const started = clock.monotonic();
    const ended = (error?: CoderError): void =>
      onCall?.({
        operation: operationOf(call.route),
        ms: clock.monotonic() - started,
        ...(error && { error }),
      });
    try {
      const result = await work();
      ended();
      return result;
    } catch (error) {
      const known = error instanceof CoderError ? error : unforeseen(call, error);
      ended(known);
      onError?.(known);
      throw known;
    }
  }

  /** The call's path, with a token of its limit taken. */
  private admit(call: AnyCall): { operation: string; path: string } {
    const operation = operationOf(call.route);
    const base = call.route.atRoot ? this.prefix : this.prefix + API;
    const path = base + pathOf(call.route, call.values ?? {});
    if (call.options?.signal?.aborted) throw new AbortedError(operation, 'aborted by the caller', false);
    const waitMs = this.options.limiter.take(path, call.options?.urgent);
    if (waitMs > 0) throw new ThrottledError(operation, waitMs);
    return { operation, path };
  }

  private failure(call: AnyCall, answer: Answer): CoderError {
    const { sessionToken = '', clock } = this.options;
    return errorOf(answer, {
      operation: operationOf(call.route),
      mutation: isMutation(call),
      now: clock.now(),
      otherCredential: call.credential !== undefined,
      secrets: [sessionToken, ...secretsOf(call)],
    });
  }

  private exchange(call: AnyCall, operation: string, path: string): Promise<Answer> {
    return this.answered(call, operation, path, () =>
      this.exchanger.exchange({
        method: call.route.method,
        path: path + queryString(call.query),
        headers: this.headers(call),
        silenceMs: this.timeoutMs,
        deadlineMs: call.bulk ? this.timeoutMs * BULK_FACTOR : this.timeoutMs,
        ...bodyOf(call),
        ...(call.options?.signal && { signal: call.options.signal }),
      }),
    );
  }

  /** Sends, and gives the limiter and the clock what the answer tells them. */
  private async answered<T extends Answer | Duplex>(
    call: AnyCall,
    operation: string,
    path: string,
    send: () => Promise<T>,
  ): Promise<T> {
    let answer: Answer | undefined;
    try {
      const result = await send();
      answer = 'status' in result ? result : undefined;
      if (answer) this.remember(answer);
      return result;
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

  private headers({ body, form, credential }: AnyCall): Record<string, string> {
    const { sessionToken } = this.options;
    return {
      accept: 'application/json',
      'user-agent': 'idp-bridge',
      ...(!credential && sessionToken && { 'coder-session-token': sessionToken }),
      ...(typeof credential === 'object' && { authorization: `Bearer ${credential.bearer}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    };
  }

  private remember(answer: Answer): void {
    const at = dateOf(answer.headers);
    if (at !== undefined) this.lastDate = { at, monotonic: this.options.clock.monotonic() };
  }
}

function bodyOf({ body, form }: AnyCall): { body?: string } {
  if (form) return { body: encoded(form) };
  return body === undefined ? {} : { body: JSON.stringify(body) };
}

/** What a call carries that no error may repeat. */
function secretsOf({ credential, form }: AnyCall): string[] {
  const fields = Object.values(form ?? {}).filter((value) => value !== undefined);
  return typeof credential === 'object' ? [credential.bearer, ...fields] : fields;
}

function isMutation(call: AnyCall): boolean {
  return call.route.method !== 'GET';
}

/** A success that cannot be read tells nothing; of a mutation it may well have been done. */
function read<T>(call: Call<T>, operation: string, answer: Answer): T {
  const body = parseJson(answer.body);
  try {
    return call.read(body, answer);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'the answer cannot be read';
    throw new TransientError(operation, why, isMutation(call), answer.status, { cause });
  }
}

function unforeseen(call: AnyCall, cause: unknown): TransientError {
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

function queryString(query: AnyCall['query']): string {
  const parameters = encoded(query ?? {});
  return parameters === '' ? '' : `?${parameters}`;
}

function encoded(fields: NonNullable<AnyCall['query']>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  return parameters.toString();
}
