import type { ConnectionState } from '../../directory/index.js';
import type { RequestEntry } from '../../request-log/index.js';
import type { NewToken, TokenEntry } from '../../connections/index.js';

/** Times become texts on the way through JSON. */
type Wire<T> = {
  readonly [Key in keyof T]: T[Key] extends Date | null ? string | Extract<T[Key], null> : T[Key];
};

export type WireToken = Wire<NewToken>;
export type WireEntry = Wire<TokenEntry>;
export type WireRequest = Wire<RequestEntry>;
export type WireConnectionState = Wire<ConnectionState>;

/** What of the request log is asked for, as people write it. */
export interface RequestFilter {
  readonly connection?: string;
  readonly status?: string;
  readonly since?: string;
  readonly after?: string;
  readonly limit?: string;
}

/** Where commands get their answers: the bridge that runs, or its database. */
export interface Backend {
  /** @throws CommandFailed */
  createToken(connection: string, label: string, expires: string | undefined): Promise<WireToken>;
  listTokens(connection: string | undefined): Promise<readonly WireEntry[]>;
  /** @throws CommandFailed */
  revokeToken(id: string): Promise<void>;
  /** @throws CommandFailed */
  requests(filter: RequestFilter): Promise<readonly WireRequest[]>;
  /** @throws CommandFailed */
  pause(connection: string): Promise<WireConnectionState>;
  /** @throws CommandFailed */
  resume(connection: string): Promise<WireConnectionState>;
  close(): Promise<void>;
}

/** Opens the backend for a piece of work, and closes it afterwards. */
export type Use = (work: (backend: Backend) => Promise<void>) => Promise<void>;

/** A command cannot be carried out; the message says why, and what to do. */
export class CommandFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailed';
  }
}
