import { Module } from '@nestjs/common';

import { DirectoryModule, Pausing, TARGET_ISSUES } from '../directory/index.js';
import type { TargetIssues } from '../directory/index.js';
import { JournalModule } from '../journal/index.js';
import { RequestLogModule } from '../request-log/index.js';
import { AdoptionModule, ExplainModule, IdpSyncModule } from '../reconcile/index.js';
import { FullSync, SyncModule } from '../sync/index.js';
import { AdminController } from './admin.controller.js';
import { AdoptionController } from './adoption.controller.js';
import { AdminGuard } from './admin.guard.js';
import { AdminService } from './admin.service.js';
import type { Backlog, BridgeStatus } from './admin.service.js';
import { ExplainController } from './explain.controller.js';
import { PausingController } from './pausing.controller.js';
import { ReceiptsController } from './receipts.controller.js';
import { RequestsController } from './requests.controller.js';
import { RulesController } from './rules.controller.js';
import { TokensController } from './tokens.controller.js';

/** Injection tokens of what the status shows: a function that counts what waits, and where Coder is. */
export const BACKLOG = Symbol('BACKLOG');
export const CODER_ADDRESS = Symbol('CODER_ADDRESS');

/** The admin API under /api/v1. */
@Module({
  imports: [
    AdoptionModule,
    DirectoryModule,
    ExplainModule,
    IdpSyncModule,
    JournalModule,
    RequestLogModule,
    SyncModule,
  ],
  controllers: [
    AdminController,
    AdoptionController,
    ExplainController,
    PausingController,
    ReceiptsController,
    RequestsController,
    RulesController,
    TokensController,
  ],
  providers: [
    AdminGuard,
    {
      provide: AdminService,
      inject: [FullSync, TARGET_ISSUES, BACKLOG, CODER_ADDRESS, Pausing],
      useFactory: (
        fullSync: FullSync,
        issues: TargetIssues,
        backlog: () => Promise<Backlog>,
        coder: BridgeStatus['coder'],
        pausing: Pausing,
      ) => new AdminService(fullSync, issues, backlog, coder, pausing),
    },
  ],
})
export class AdminModule {}
