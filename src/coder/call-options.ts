/** Options of every call. */
export interface CallOptions {
  /** Aborts the call (a lost lease, shutdown). The outcome of an aborted mutation is unknown. */
  readonly signal?: AbortSignal;
  /**
   * Goes ahead of those who wait for the path: when it is throttled, the wait is for the next token and not for a place
   * behind everyone who was told to come back.
   */
  readonly urgent?: boolean;
}
