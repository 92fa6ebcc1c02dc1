import { Module } from '@nestjs/common';
import { CONFIG } from '../config/index.js';
import type { Config } from '../config/index.js';
import { DATABASE } from '../database/index.js';
import type { Database } from '../database/index.js';
import { QueueModule, WAKE_UPS } from '../queue/index.js';
import type { WakeUps } from '../queue/index.js';
import { CONNECTION_MARKS, SqlConnectionMarks } from './connection-marks.js';
import { ADOPTIONS, SqlAdoptions } from './adoptions.js';
import { GroupDirectory } from './groups/group-directory.js';
import { GROUP_SOURCES, SqlGroupSources } from './group-sources.js';
import { LOSS_BUDGET, SqlLossBudget } from './loss-budget.js';
import { MIXED_LISTS, SqlMixedLists } from './mixed-lists.js';
import { Pausing } from './pausing.js';
import { ConfiguredClaimedUsers } from './claims/claimed-users.js';
import { SqlClaimsDirectory } from './claims/claims-directory.js';
import { SqlSyncMarks, SYNC_MARKS } from './claims/sync-marks.js';
import { SqlLogouts } from './logouts/logouts.js';
import { CLAIMS, GROUPS, LOGOUTS, SETTLEMENTS, USERS } from './ports.js';
import { SqlTargetIssues, TARGET_ISSUES } from './target-issues.js';
import { SqlTargetPages, TARGET_PAGES } from './target-pages.js';
import { TARGET_STORE } from './target-store.js';
import { SqlSettlements, SqlTargetStore } from './targets/index.js';
import { UserDirectory } from './users/user-directory.js';

/** The directory's ports over {@link DATABASE} and {@link WAKE_UPS}, which global modules provide. */
@Module({
  imports: [QueueModule],
  providers: [
    {
      provide: ConfiguredClaimedUsers,
      inject: [DATABASE, CONFIG],
      useFactory: (database: Database, config: Config) => new ConfiguredClaimedUsers(database, config),
    },
    {
      provide: USERS,
      inject: [DATABASE, WAKE_UPS, ConfiguredClaimedUsers],
      useFactory: (database: Database, wakeUps: WakeUps, claimed: ConfiguredClaimedUsers) =>
        new UserDirectory(database, wakeUps, claimed),
    },
    {
      provide: GROUPS,
      inject: [DATABASE, WAKE_UPS],
      useFactory: (database: Database, wakeUps: WakeUps) => new GroupDirectory(database, wakeUps),
    },
    {
      provide: CLAIMS,
      inject: [DATABASE, WAKE_UPS, ConfiguredClaimedUsers],
      useFactory: (database: Database, wakeUps: WakeUps, claimed: ConfiguredClaimedUsers) =>
        new SqlClaimsDirectory(database, wakeUps, claimed),
    },
    {
      provide: LOGOUTS,
      inject: [DATABASE, WAKE_UPS],
      useFactory: (database: Database, wakeUps: WakeUps) => new SqlLogouts(database, wakeUps),
    },
    {
      provide: GROUP_SOURCES,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlGroupSources(database),
    },
    {
      provide: MIXED_LISTS,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlMixedLists(database),
    },
    {
      provide: TARGET_STORE,
      inject: [DATABASE, WAKE_UPS],
      useFactory: (database: Database, wakeUps: WakeUps) => new SqlTargetStore(database, wakeUps),
    },
    {
      provide: SETTLEMENTS,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlSettlements(database),
    },
    {
      provide: LOSS_BUDGET,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlLossBudget(database),
    },
    {
      provide: CONNECTION_MARKS,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlConnectionMarks(database),
    },
    {
      provide: SYNC_MARKS,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlSyncMarks(database),
    },
    {
      provide: TARGET_PAGES,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlTargetPages(database),
    },
    {
      provide: TARGET_ISSUES,
      inject: [DATABASE, WAKE_UPS],
      useFactory: (database: Database, wakeUps: WakeUps) => new SqlTargetIssues(database, wakeUps),
    },
    {
      provide: ADOPTIONS,
      inject: [DATABASE, WAKE_UPS],
      useFactory: (database: Database, wakeUps: WakeUps) => new SqlAdoptions(database, wakeUps),
    },
    {
      provide: Pausing,
      inject: [DATABASE, WAKE_UPS],
      useFactory: (database: Database, wakeUps: WakeUps) => new Pausing(database, wakeUps, 'admin'),
    },
  ],
  exports: [
    USERS,
    GROUPS,
    CLAIMS,
    LOGOUTS,
    GROUP_SOURCES,
    MIXED_LISTS,
    TARGET_STORE,
    SETTLEMENTS,
    LOSS_BUDGET,
    CONNECTION_MARKS,
    SYNC_MARKS,
    TARGET_PAGES,
    TARGET_ISSUES,
    ADOPTIONS,
    Pausing,
  ],
})
export class DirectoryModule {}
