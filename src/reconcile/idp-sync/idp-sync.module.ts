import { Module } from '@nestjs/common';

import { CODER_CONNECTION } from '../../coder/index.js';
import type { CoderConnection } from '../../coder/index.js';
import { systemClock } from '../../common/index.js';
import { CONFIG } from '../../config/index.js';
import type { Config } from '../../config/index.js';
import { CoderSettings } from './coder-settings.js';
import { RulesAdmin } from './rules-admin.js';
import { SettingDigests } from './setting-digests.js';
import { SyncSettings } from './sync-settings.js';

/** The rules that claims are read by. */
@Module({
  providers: [
    {
      provide: CoderSettings,
      inject: [CODER_CONNECTION],
      useFactory: ({ client }: CoderConnection) => new CoderSettings(client, systemClock),
    },
    {
      provide: SyncSettings,
      inject: [CoderSettings, CONFIG],
      useFactory: (settings: CoderSettings, config: Config) => new SyncSettings(settings, config),
    },
    {
      provide: SettingDigests,
      inject: [CoderSettings, SyncSettings, CONFIG],
      useFactory: (coder: CoderSettings, settings: SyncSettings, config: Config) =>
        new SettingDigests(coder, settings, config, systemClock),
    },
    {
      provide: RulesAdmin,
      inject: [CoderSettings, CODER_CONNECTION, CONFIG],
      useFactory: (settings: CoderSettings, { client }: CoderConnection, config: Config) =>
        new RulesAdmin(settings, client, config),
    },
  ],
  exports: [SyncSettings, SettingDigests, RulesAdmin],
})
export class IdpSyncModule {}
