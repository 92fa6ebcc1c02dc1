import { Module } from '@nestjs/common';

import { CODER_CONNECTION } from '../../coder/index.js';
import type { CoderConnection } from '../../coder/index.js';
import { DirectoryModule, GROUP_SOURCES, TARGET_STORE } from '../../directory/index.js';
import type { GroupSources, TargetStore } from '../../directory/index.js';
import { Contexts } from '../contexts.js';
import { ReconcileModule } from '../reconcile.module.js';
import { Explainer } from './explainer.js';

/** Why people have what they have, for people. */
@Module({
  imports: [DirectoryModule, ReconcileModule],
  providers: [
    {
      provide: Explainer,
      inject: [TARGET_STORE, Contexts, GROUP_SOURCES, CODER_CONNECTION],
      useFactory: (store: TargetStore, contexts: Contexts, sources: GroupSources, coder: CoderConnection) =>
        new Explainer(store, contexts, sources, coder.client, (id) => coder.groups(id)),
    },
  ],
  exports: [Explainer],
})
export class ExplainModule {}
