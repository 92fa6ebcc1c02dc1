import type { ApprovalResult, ConnectionState } from '../../directory/index.js';
import type {
  ChangeResult,
  Finding,
  GroupMatch,
  ReportPage,
  RulesReport,
  UserMatch,
  Explanation,
} from '../../reconcile/index.js';
import type { Receipt } from '../../journal/index.js';
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
export type WireUserMatch = Wire<UserMatch>;
export type WireGroupMatch = Wire<GroupMatch>;
export type WireApproval = Wire<ApprovalResult>;

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
  /** A part of the report; needs a bridge that runs, as it asks Coder. @throws CommandFailed */
  adoption<Match>(
    kind: 'user' | 'group',
    after: string | null,
    connection: string | undefined,
  ): Promise<ReportPage<Match>>;
  /** Needs a bridge that runs. @throws CommandFailed */
  approveAdoptions(users: readonly string[] | 'all', connection: string | undefined): Promise<WireApproval>;
  /** Where what a person has in Coder comes from; of a user as that. Needs a bridge that runs. @throws CommandFailed */
  explain(user: string, connection: string | undefined): Promise<Explanation>;
  /** How a person's access ended; of a user by id, userName, externalId or email. @throws CommandFailed */
  receipt(user: string, connection: string | undefined): Promise<Receipt>;
  /** Settings of IdP sync; needs a bridge that runs. @throws CommandFailed */
  rules(connection: string | undefined): Promise<RulesReport>;
  /** What is wrong with them; needs a bridge that runs. @throws CommandFailed */
  checkRules(connection: string | undefined): Promise<readonly Finding[]>;
  /** Changes them in Coder, or shows what would change; needs a bridge that runs. @throws CommandFailed */
  changeRules(
    how: 'push' | 'hand-over',
    connection: string | undefined,
    write: boolean,
  ): Promise<readonly ChangeResult[]>;
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
