import { Module } from '@nestjs/common';

import { CODER_CONNECTION } from '../../coder/index.js';
import type { CoderConnection } from '../../coder/index.js';
import { ADOPTIONS, DirectoryModule, TARGET_STORE } from '../../directory/index.js';
import type { Adoptions, TargetStore } from '../../directory/index.js';
import { Contexts } from '../contexts.js';
import { REFUSALS } from '../ports.js';
import type { Refusals } from '../ports.js';
import { ReconcileModule } from '../reconcile.module.js';
import { GroupReport } from './group-report.js';
import { UserReport } from './report.js';

/** What would be adopted, for people. */
@Module({
  imports: [DirectoryModule, ReconcileModule],
  providers: [
    {
      provide: UserReport,
      inject: [ADOPTIONS, TARGET_STORE, CODER_CONNECTION, Contexts],
      useFactory: (adoptions: Adoptions, store: TargetStore, coder: CoderConnection, contexts: Contexts) =>
        new UserReport(adoptions, store, coder, contexts),
    },
    {
      provide: GroupReport,
      inject: [ADOPTIONS, TARGET_STORE, CODER_CONNECTION, Contexts, REFUSALS],
      useFactory: (
        adoptions: Adoptions,
        store: TargetStore,
        coder: CoderConnection,
        contexts: Contexts,
        refusals: Refusals,
      ) => new GroupReport(adoptions, store, coder, contexts, refusals),
    },
  ],
  exports: [UserReport, GroupReport],
})
export class AdoptionModule {}
