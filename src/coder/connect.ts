import { systemClock, type Clock } from '../common/index.js';
import { AuthError } from './errors.js';
import { GroupsSnapshot } from './snapshots/groups.js';
import { CoderHealth, type HealthLog } from './health/health.js';
import { httpCoderClient, type HttpCoderClient } from './http/http-client.js';
import { PathLimiter } from './http/limiter.js';
import type { EndedCall } from './http/transport.js';
import { systemTimers, type Timers } from './timers.js';
import { UserSnapshot } from './snapshots/users.js';

/** Where Coder is; as `config.coder`, once a simulator's address has taken the place of `simulator`. */
export interface CoderAddress {
  readonly url: string;
  readonly sessionToken?: string;
  /** Requests per minute and path; none: no limit. */
  readonly rateLimit?: number;
}

export interface ConnectDependencies {
  readonly log: HealthLog;
  /** Processes that share Coder's rate limit now; default 1. */
  readonly workers?: () => number;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** 0..1 */
  readonly random?: () => number;
  /** Told of every call that ended, for metrics. */
  readonly onCall?: (call: EndedCall) => void;
  /** Of a call, milliseconds; default 15,000. */
  readonly timeoutMs?: number;
}

/** One Coder deployment: its client, and what the bridge knows of it. */
export interface CoderConnection {
  readonly client: HttpCoderClient;
  readonly health: CoderHealth;
  readonly users: UserSnapshot;
  /** The snapshot of an organization's groups; the same object for the same id. */
  groups(organizationId: string): GroupsSnapshot;
  /** Ends probing and all connections. */
  close(): Promise<void>;
}

/** Injection token of the {@link CoderConnection}. */
export const CODER_CONNECTION = Symbol('CODER_CONNECTION');

/** Makes the client of a deployment with its limiter, health and snapshots. Calls nothing yet. */
export function connectCoder(address: CoderAddress, dependencies: ConnectDependencies): CoderConnection {
  const {
    log,
    workers = () => 1,
    clock = systemClock,
    timers = systemTimers,
    random = Math.random,
  } = dependencies;
  const client = httpCoderClient({
    url: address.url,
    clock,
    limiter: new PathLimiter({ workers, clock, random, ...perMinute(address.rateLimit) }),
    onError: (error) => {
      if (error instanceof AuthError) health.refused(error);
    },
    ...(address.sessionToken !== undefined && { sessionToken: address.sessionToken }),
    ...(dependencies.onCall !== undefined && { onCall: dependencies.onCall }),
    ...(dependencies.timeoutMs !== undefined && { timeoutMs: dependencies.timeoutMs }),
  });
  const health = new CoderHealth({ clock, timers, random, log, prober: () => client.getUser('me') });
  const groups = new Map<string, GroupsSnapshot>();
  return {
    client,
    health,
    users: new UserSnapshot(client, { clock, timers, random }),
    groups(organizationId) {
      let snapshot = groups.get(organizationId);
      if (!snapshot) {
        snapshot = new GroupsSnapshot(client, organizationId, { clock, timers, random });
        groups.set(organizationId, snapshot);
      }
      return snapshot;
    },
    async close() {
      health.close();
      await client.close();
    },
  };
}

/** -1 (and 0) mean none in Coder's own setting. */
function perMinute(rateLimit: number | undefined): { perMinute?: number } {
  return rateLimit !== undefined && rateLimit > 0 ? { perMinute: rateLimit } : {};
}
