/** What this room tells of a request that was answered. */
export interface AnsweredRequest {
  readonly connectionId: string;
  readonly requestId?: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly scimType?: string;
  readonly detail?: string;
  /** Milliseconds. */
  readonly ms: number;
  /** The label of the token. */
  readonly who?: string;
  readonly userAgent?: string;
  readonly body?: unknown;
}

/** Who keeps what was asked and answered. */
export interface RequestRecorder {
  /** Returns at once and never throws. */
  record(request: AnsweredRequest): void;
}

/** Injection token of the {@link RequestRecorder}; null: nobody keeps it. */
export const REQUEST_RECORDER = Symbol('REQUEST_RECORDER');
