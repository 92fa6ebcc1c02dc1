import type { ConnectionConfig } from './connections/model.js';

/** Parts of the program that one process plays. */
export type Role = 'api' | 'worker' | 'scheduler';

/** How many suspensions, deletions and removals may happen in an hour: the larger of a count and a share of the people. */
export interface SafetyBudget {
  readonly count: number;
  /** 0..1 of the users that the bridge has linked. */
  readonly share: number;
}

/** What the bridge may do with accounts and groups: by the environment, and for each connection by the YAML file. */
export interface PolicyConfig {
  /** Login type of new accounts. */
  readonly loginType: 'oidc' | 'password' | 'github' | 'none';
  /** Status of new accounts; `dormant` takes no licence seat until the first login. */
  readonly newUserStatus: 'dormant' | 'active';
  /** What an IdP's DELETE does to the account. */
  readonly deleteUsers: 'suspend' | 'delete';
  /** Whether an account of the same email is taken over: at once, after a person approved it, or not at all. */
  readonly adoptUsers: 'email' | 'approve' | 'never';
  /** Whether a group that somebody else made may be taken over by its name. */
  readonly adoptGroups: 'never' | 'empty' | 'always';
  /** Whether the Coder username follows a changed userName. */
  readonly renameUsers: boolean;
  /** Coder usernames and emails (folded, `*` for anything) that are never suspended, deleted, demoted or renamed. */
  readonly protectedUsers: readonly string[];
  /** Names of groups in Coder (folded, `*` for anything) that are never adopted, changed or deleted. */
  readonly protectedGroups: readonly string[];
  /** Roles of the site that may be granted and taken; `*`: all but owner, which has to be named. */
  readonly siteRoles: readonly string[];
  /** Roles in organizations that may be granted and taken; `*`: all. */
  readonly organizationRoles: readonly string[];
  /** Whether what nobody stated is taken away too, from linked accounts and groups. */
  readonly strict: boolean;
  /** Whether the API tokens of somebody who leaves are deleted. */
  readonly revokeTokens: boolean;
  /** Whether the running workspaces of somebody who leaves are stopped. */
  readonly stopWorkspaces: boolean;
  /** What becomes of new users when the licence has no seat left. */
  readonly whenSeatsRunOut: 'dormant' | 'refuse';
}

/** The whole configuration: read once at start, frozen. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly roles: ReadonlySet<Role>;
  readonly publicUrl: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly database:
    | { readonly engine: 'pglite'; readonly dataDir: string }
    | { readonly engine: 'postgres'; readonly url: string };
  /** None: BullMQ runs on the database. */
  readonly redisUrl?: string;
  /** True when neither DATABASE_URL nor REDIS_URL is set. */
  readonly embedded: boolean;
  readonly coder: {
    /** `simulator`: one is started in this process. */
    readonly url: string | 'simulator';
    readonly sessionToken?: string;
    /** Name or id; none: the default organization. */
    readonly organization?: string;
    /** Requests per minute and path; none: no limit. */
    readonly rateLimit?: number;
  };
  readonly scim: {
    /** SCIM_TOKEN, a token of the first connection. None: made at the first start (embedded mode only). */
    readonly token?: string;
    /** How long a push waits for its reconcile, milliseconds; 0: not at all. */
    readonly waitMs: number;
  };
  /** At least one. The first one is also served at /scim/v2. */
  readonly connections: readonly ConnectionConfig[];
  readonly requestLog: {
    /** How long entries are kept; 0: there is no request log. */
    readonly days: number;
    /** Whether personal values are kept too; secrets never are. */
    readonly values: boolean;
  };
  readonly adminToken?: string;
  readonly dryRun: boolean;
  /** None: off. */
  readonly safetyBudget?: SafetyBudget;
  readonly policy: PolicyConfig;
  /** Cron expression of the full sync. */
  readonly fullSyncCron: string;
  /** What is unusual but usable, in lines for people; none when there is nothing to say. */
  readonly warnings?: readonly string[];
}

/** Injection token of the {@link Config}. */
export const CONFIG = Symbol('CONFIG');
