import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';

import { CODER_CONNECTION } from '../coder/index.js';
import type { CoderConnection } from '../coder/index.js';
import { systemClock } from '../common/index.js';
import { CONFIG } from '../config/index.js';
import type { Config } from '../config/index.js';
import {
  CLAIMS,
  CONNECTION_MARKS,
  DirectoryModule,
  SYNC_MARKS,
  TARGET_PAGES,
  TARGET_STORE,
} from '../directory/index.js';
import type {
  ClaimsDirectory,
  ConnectionMarks,
  SyncMarks,
  TargetPages,
  TargetStore,
} from '../directory/index.js';
import { DirtyTargets, LaneQueues, Locks, QUEUE_BACKEND, QueueModule, WAKE_UPS } from '../queue/index.js';
import type { QueueBackend, WakeUps } from '../queue/index.js';
import {
  Contexts,
  DeploymentReader,
  IdpSyncModule,
  REFUSALS,
  ReconcileModule,
  SettingDigests,
  Templates,
} from '../reconcile/index.js';
import type { Refusals } from '../reconcile/index.js';
import { LOG } from '../telemetry/index.js';
import type { Log } from '../telemetry/index.js';
import { listRoles } from './member-roles.js';
import { FullSync } from './full-sync.js';
import { IdpSyncChanges } from './idp-sync-changes.js';
import { SCHEDULED, Schedules } from './schedules.js';
import type { Scheduled } from './schedules.js';
import { SettingsChanges } from './settings-changes.js';
import { Sweeper } from './sweeper.js';

/** Injection token of the database's housekeeping, a function. */
export const TIDY = Symbol('TIDY');

/** The sweep, the full sync, and the timers that run them. */
@Module({
  imports: [ScheduleModule.forRoot(), DirectoryModule, IdpSyncModule, QueueModule, ReconcileModule],
  providers: [
    {
      provide: Sweeper,
      inject: [DirtyTargets, LaneQueues, QUEUE_BACKEND, Locks],
      useFactory: (dirty: DirtyTargets, queues: LaneQueues, backend: QueueBackend, locks: Locks) =>
        new Sweeper(dirty, queues, backend, locks),
    },
    {
      provide: FullSync,
      inject: [
        CODER_CONNECTION,
        DeploymentReader,
        TARGET_STORE,
        TARGET_PAGES,
        DirtyTargets,
        WAKE_UPS,
        Locks,
        Contexts,
        Templates,
        REFUSALS,
        CLAIMS,
      ],
      useFactory: fullSync,
    },
    {
      provide: SettingsChanges,
      inject: [CONNECTION_MARKS, DirtyTargets, WAKE_UPS, CONFIG],
      useFactory: (marks: ConnectionMarks, dirty: DirtyTargets, wakeUps: WakeUps, config: Config) =>
        new SettingsChanges(marks, dirty, wakeUps, config),
    },
    {
      provide: IdpSyncChanges,
      inject: [SYNC_MARKS, SettingDigests, DirtyTargets, WAKE_UPS, Locks],
      useFactory: (
        marks: SyncMarks,
        digests: SettingDigests,
        dirty: DirtyTargets,
        wakeUps: WakeUps,
        locks: Locks,
      ) => new IdpSyncChanges(marks, digests, dirty, wakeUps, locks),
    },
    {
      provide: SCHEDULED,
      inject: [Sweeper, FullSync, IdpSyncChanges, SettingsChanges, CONFIG, TIDY, LOG],
      useFactory: (
        sweeper: Sweeper,
        sync: FullSync,
        idpSync: IdpSyncChanges,
        settings: SettingsChanges,
        config: Config,
        tidy: Scheduled['tidy'],
        log: Log,
      ): Scheduled => ({
        sweeper,
        fullSync: sync,
        settings,
        fullSyncCron: config.fullSyncCron,
        idpSync,
        idpSyncCron: config.idpSyncCron,
        tidy,
        log: log.child({ room: 'sync' }),
      }),
    },
    Schedules,
  ],
  exports: [FullSync, IdpSyncChanges, Schedules, Sweeper],
})
export class SyncModule {}

function fullSync(
  coder: CoderConnection,
  deployment: DeploymentReader,
  store: TargetStore,
  pages: TargetPages,
  dirty: DirtyTargets,
  wakeUps: WakeUps,
  locks: Locks,
  contexts: Contexts,
  templates: Templates,
  refusals: Refusals,
  claims: ClaimsDirectory,
): FullSync {
  const lists = {
    accounts: coder.users,
    groupsOf: (id: string) => coder.groups(id),
    rolesIn: (id: string) => listRoles(coder.client, id),
    templates,
    refusals,
  };
  return new FullSync(lists, deployment, store, pages, dirty, wakeUps, locks, contexts, claims, systemClock);
}
