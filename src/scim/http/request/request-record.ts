/** What this room tells of a request that was answered. */
export interface AnsweredRequest {
  readonly connectionId: string;
  readonly requestId?: string | undefined;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly scimType?: string | undefined;
  readonly detail?: string | undefined;
  /** Milliseconds. */
  readonly ms: number;
  /** The label of the token. */
  readonly who?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly body?: unknown;
}

/** Who keeps what was asked and answered. */
export interface RequestRecorder {
  /** Returns at once and never throws. */
  record(request: AnsweredRequest): void;
}

/** Injection token of the {@link RequestRecorder}; null: nobody keeps it. */
export const REQUEST_RECORDER = Symbol('REQUEST_RECORDER');
