/** What a call of Coder ended with, other than success. The class decides about retries; nothing else does. */
export abstract class CoderError extends Error {
  constructor(
    /** `PUT /users/{user}/status/suspend` */
    readonly operation: string,
    message: string,
    /** The HTTP status, where there was an answer. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(`${operation}: ${message}`, options);
    this.name = new.target.name;
  }

  /**
   * For logs: what was called and how it ended. An answer's own words stay out: Coder quotes usernames, and what its
   * database said of a row, where no redaction by form would find them.
   */
  get summary(): string {
    return this.status === undefined ? this.message : `${this.operation}: ${this.status}`;
  }
}

/** No answer, a timeout, or 502-504: retried without limit. */
export class TransientError extends CoderError {
  constructor(
    operation: string,
    message: string,
    /** Whether a mutation may have been done all the same: observe before anything is sent again. */
    readonly outcomeUnknown: boolean,
    status?: number,
    options?: ErrorOptions,
  ) {
    super(operation, message, status, options);
  }
}

/** The caller's own signal ended the call (a lost lease, shutdown). Says nothing about Coder. */
export class AbortedError extends TransientError {}

/** 500: retried; of one target while others succeed it is given up after 8 tries. */
export class ServerError extends CoderError {}

/** 429, or the local limiter has no token: this path waits. No try is spent. */
export class ThrottledError extends CoderError {
  constructor(
    operation: string,
    readonly retryAfterMs: number,
    status?: number,
  ) {
    super(operation, `throttled for ${retryAfterMs} ms`, status);
  }
}

/** 401: the token is bad. All lanes pause. */
export class AuthError extends CoderError {}

/** 404. */
export class GoneError extends CoderError {}

/** 409, or a 400 that says the same: already a member, the same user to a group twice. */
export class ConflictError extends CoderError {}

/** 400, 403, 417 and every other refusal. */
export class RejectedError extends CoderError {}
