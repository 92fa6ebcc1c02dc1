import type { ConnectionConfig } from './connections/model.js';
import type { PolicyConfig } from './policy.js';

/** Parts of the program that one process plays. */
export type Role = 'api' | 'worker' | 'scheduler';

/** How many suspensions, deletions and removals may happen in an hour: the larger of a count and a share of the people. */
export interface SafetyBudget {
  readonly count: number;
  /** 0..1 of the users that the bridge has linked. */
  readonly share: number;
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
  /** Cron expression of the look at Coder's settings of IdP sync. */
  readonly idpSyncCron: string;
  /** What is unusual but usable, in lines for people; none when there is nothing to say. */
  readonly warnings?: readonly string[];
}

/** Injection token of the {@link Config}. */
export const CONFIG = Symbol('CONFIG');
