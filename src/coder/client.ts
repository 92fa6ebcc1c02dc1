import type { CoderApi } from './api/index.js';

export type { CallOptions } from './call-options.js';

/**
 * Coder's REST API, one function per operation. Every function throws one of the errors of errors.ts and nothing else;
 * none retries (the queue is the only retry layer) and none waits for the rate limit: when the path has no token left,
 * ThrottledError says how long to wait.
 */
export interface CoderClient extends CoderApi {
  /** Coder's clock now (ISO 8601), from the Date header of its latest answer; this machine's before the first one. */
  coderNow(): string;
}

/** Injection token of the {@link CoderClient}. */
export const CODER = Symbol('CODER');
