/** A request that was answered. */
export interface SeenRequest {
  readonly connectionId: string;
  readonly requestId?: string | undefined;
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly status: number;
  readonly scimType?: string | undefined;
  readonly detail?: string | undefined;
  /** How long it took, milliseconds. */
  readonly ms: number;
  /** The label of the token. */
  readonly who?: string | undefined;
  readonly userAgent?: string | undefined;
  /** What the body was read as. */
  readonly body?: unknown;
}

/** A request as it is kept: without the values of people, and without secrets. */
export interface RequestRow {
  /** When it came, ISO 8601. */
  readonly at: string;
  readonly connection_id: string;
  readonly request_id: string | null;
  readonly method: string;
  readonly path: string;
  readonly filter: string | null;
  readonly status: number;
  readonly scim_type: string | null;
  readonly detail: string | null;
  readonly ms: number;
  readonly who: string | null;
  readonly user_agent: string | null;
  readonly body: unknown;
}

/** A request as people read it. */
export interface RequestEntry {
  /** Rises with time. */
  readonly id: number;
  readonly at: Date;
  /** The connection's name. */
  readonly connection: string;
  readonly requestId: string | null;
  readonly method: string;
  readonly path: string;
  readonly filter: string | null;
  readonly status: number;
  readonly scimType: string | null;
  readonly detail: string | null;
  readonly ms: number;
  /** The label of the token; null for one that was not good. */
  readonly who: string | null;
  readonly userAgent: string | null;
  readonly body: unknown;
}
