import { Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';

import { ADMIN_TOKEN, AdminModule, BACKLOG, CODER_ADDRESS, TOKEN_ADMIN } from './admin/index.js';
import type { Backlog, BridgeStatus } from './admin/index.js';
import { CODER_CONNECTION } from './coder/index.js';
import type { CoderConnection } from './coder/index.js';
import { CONFIG } from './config/index.js';
import type { Config } from './config/index.js';
import { forgetExpiredAccess, TokenAdmin } from './connections/index.js';
import type { Access, Connections, Tokens } from './connections/index.js';
import { DATABASE, vacuumEmbedded } from './database/index.js';
import type { Database } from './database/index.js';
import { DirectoryModule, forgetLogoutTokens, SqlLossBudget, SqlTargetIssues } from './directory/index.js';
import { ensurePartitions } from './journal/index.js';
import { OidcModule, takesClaims } from './oidc/index.js';
import {
  BACKOFF,
  BACKOFF_BOUNDS,
  DirtyTargets,
  LaneQueues,
  QUEUE_BACKEND,
  QueueModule,
} from './queue/index.js';
import type { BackoffBounds, QueueBackend } from './queue/index.js';
import { NO_SEATS_COUNTED, NOTHING_REFUSED, REFUSALS, ReconcileModule, SEATS } from './reconcile/index.js';
import type { Refusals, Seats } from './reconcile/index.js';
import { tidyRequests } from './request-log/index.js';
import type { RequestLog } from './request-log/index.js';
import { ACCESS_CHECK, REQUEST_RECORDER, ScimModule } from './scim/http/index.js';
import { SyncModule, TIDY } from './sync/index.js';
import { TelemetryModule } from './telemetry/index.js';
import type { TelemetryOptions } from './telemetry/index.js';

/** What was opened before the application is put together. */
export interface Runtime {
  readonly config: Config;
  readonly database: Database;
  readonly queueBackend: QueueBackend;
  readonly coder: CoderConnection;
  readonly coderAddress: BridgeStatus['coder'];
  /** None: everything is tried. */
  readonly refusals?: Refusals;
  /** None: nobody counts. */
  readonly seats?: Seats;
  readonly connections: Connections;
  readonly tokens: Tokens;
  readonly access: Access;
  /** Null: requests are not kept. */
  readonly requestLog: RequestLog | null;
  readonly adminToken: string | null;
  /** Bounds of the wait between tries; none: the usual ones. */
  readonly backoff?: BackoffBounds;
  readonly telemetry: TelemetryOptions;
}

/** The opened runtime as providers, for every module. */
@Module({ imports: [QueueModule], exports: [QueueModule] })
class RuntimeModule {
  static register(runtime: Runtime): DynamicModule {
    const providers: Provider[] = [
      { provide: CONFIG, useValue: runtime.config },
      { provide: DATABASE, useValue: runtime.database },
      { provide: QUEUE_BACKEND, useValue: runtime.queueBackend },
      { provide: BACKOFF, useValue: runtime.backoff ?? BACKOFF_BOUNDS },
      { provide: CODER_CONNECTION, useValue: runtime.coder },
      { provide: REFUSALS, useValue: runtime.refusals ?? NOTHING_REFUSED },
      { provide: SEATS, useValue: runtime.seats ?? NO_SEATS_COUNTED },
      { provide: CODER_ADDRESS, useValue: runtime.coderAddress },
      { provide: ACCESS_CHECK, useValue: runtime.access },
      { provide: REQUEST_RECORDER, useValue: runtime.requestLog },
      { provide: TOKEN_ADMIN, useValue: new TokenAdmin(runtime.database, runtime.tokens) },
      { provide: ADMIN_TOKEN, useValue: runtime.adminToken },
      { provide: TIDY, useValue: () => tidy(runtime.database, runtime.config) },
      { provide: BACKLOG, inject: [DirtyTargets, LaneQueues], useFactory: backlog },
    ];
    const tokens = providers.map((provider) => ('provide' in provider ? provider.provide : provider));
    return { module: RuntimeModule, global: true, providers, exports: tokens };
  }
}

/** The modules of the roles that this process plays: faces and admin for `api`, and claims where a connection
 * takes them; every role has health and metrics. */
@Module({})
export class AppModule {
  static register(runtime: Runtime): DynamicModule {
    const { connections, access } = runtime;
    const { roles } = runtime.config;
    const claims = takesClaims(connections) ? [OidcModule.register(connections, access)] : [];
    return {
      module: AppModule,
      imports: [
        RuntimeModule.register(runtime),
        TelemetryModule.register(runtime.telemetry),
        ReconcileModule,
        SyncModule,
        ...(roles.has('api') ? [ScimModule.register([DirectoryModule]), AdminModule, ...claims] : []),
      ],
    };
  }
}

/**
 * Housekeeping: partitions of the journal ahead of time, losses that no window counts any more, what a process that was still
 * in dry-run has held since this one began, requests, access tokens and logout tokens whose time is over, and what the embedded engine
 * does not do by itself.
 */
export async function tidy(
  database: Database,
  { dryRun, requestLog }: Pick<Config, 'dryRun' | 'requestLog'>,
): Promise<void> {
  await ensurePartitions(database, new Date());
  await new SqlLossBudget(database).forgetOld();
  // The sweep finds what is released.
  if (!dryRun) await new SqlTargetIssues(database, { wake: () => undefined }).releaseDryRun();
  await forgetExpiredAccess(database);
  await forgetLogoutTokens(database);
  await tidyRequests(database, new Date(), requestLog.days);
  await vacuumEmbedded(database);
}

function backlog(dirty: DirtyTargets, queues: LaneQueues): () => Promise<Backlog> {
  const depths = async (): Promise<Backlog['queue']> => {
    try {
      const [urgent, normal] = await Promise.all([queues.depth('urgent'), queues.depth('normal')]);
      return { urgent, normal };
    } catch {
      return null;
    }
  };
  return async () => {
    const [targets, queue] = await Promise.all([dirty.counts(), depths()]);
    return { targets, queue };
  };
}
