/** What an answer says of the limit of its path. Times in milliseconds from now. */
export interface RateFeedback {
  readonly limit?: number;
  readonly remaining?: number;
  readonly resetInMs?: number;
  /** A 429: the path is closed for so long. */
  readonly closedForMs?: number;
}

type Headers = ReadonlyMap<string, string>;

/** Coder's own window, for a 429 that does not say how long. */
const DEFAULT_RETRY_MS = 60_000;
const MAX_RETRY_MS = 600_000;

/**
 * How long a 429 asks to wait: Retry-After as seconds (Coder's form, the whole window) or as a date (RFC 9110, 10.2.3).
 *
 * @param now wall clock, for the date form
 */
export function retryAfterMs(headers: Headers, now: number): number {
  const value = headers.get('retry-after')?.trim();
  if (!value) return DEFAULT_RETRY_MS;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - (dateOf(headers) ?? now);
  if (!Number.isFinite(ms)) return DEFAULT_RETRY_MS;
  return Math.min(Math.max(ms, 1), MAX_RETRY_MS);
}

/** X-RateLimit-Limit, -Remaining and -Reset (unix seconds of Coder's clock, hence measured against its Date). */
export function rateFeedback(status: number, headers: Headers, now: number): RateFeedback {
  const limit = count(headers.get('x-ratelimit-limit'));
  const remaining = count(headers.get('x-ratelimit-remaining'));
  const reset = count(headers.get('x-ratelimit-reset'));
  return {
    ...(limit !== undefined && limit > 0 && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(reset !== undefined && { resetInMs: Math.max(0, reset * 1000 - (dateOf(headers) ?? now)) }),
    ...(status === 429 && { closedForMs: retryAfterMs(headers, now) }),
  };
}

/** The Date header, milliseconds since the epoch. */
export function dateOf(headers: Headers): number | undefined {
  const date = headers.get('date');
  const ms = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(ms) ? undefined : ms;
}

function count(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,12}$/.test(value.trim()) ? Number(value) : undefined;
}
