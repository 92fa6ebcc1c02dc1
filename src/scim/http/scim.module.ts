import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/index.js';
import {
  GROUPS,
  MIXED_LISTS,
  SETTLEMENTS,
  USERS,
  type Groups,
  type MixedLists,
  type Settlements,
  type Users,
} from '../../directory/index.js';
import { LOG, type Log } from '../../telemetry/index.js';
import { ACCESS_CHECK, type AccessCheck } from './request/access-check.js';
import { BulkController } from './resources/bulk.controller.js';
import { BulkService } from './resources/bulk.service.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { DiscoveryService } from './discovery/discovery.service.js';
import { ScimErrorFilter } from './reply/error-filter.js';
import { ScimGate } from './request/gate.js';
import { GroupsController } from './resources/groups.controller.js';
import { GroupsService } from './resources/groups.service.js';
import { REQUEST_RECORDER, type RequestRecorder } from './request/request-record.js';
import { SearchController } from './resources/search.controller.js';
import { SearchService } from './resources/search.service.js';
import { Settling } from './resources/settling.js';
import { UnservedController } from './unserved.controller.js';
import { UsersController } from './resources/users.controller.js';
import { UsersService } from './resources/users.service.js';

/** SCIM, under the base of each connection. The application also has to be prepared by {@link configureScim}. */
@Module({})
export class ScimModule {
  /**
   * @param imports modules that provide CONFIG, LOG, ACCESS_CHECK, USERS, GROUPS, MIXED_LISTS and SETTLEMENTS (and
   * REQUEST_RECORDER, where requests are kept),
   * where they are not global
   */
  static register(imports: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
    return {
      module: ScimModule,
      imports,
      controllers: [
        UsersController,
        GroupsController,
        BulkController,
        DiscoveryController,
        SearchController,
        UnservedController,
      ],
      providers: [
        ScimErrorFilter,
        {
          provide: Settling,
          inject: [SETTLEMENTS, CONFIG],
          useFactory: (settlements: Settlements, config: Config) =>
            new Settling(settlements, config.scim.waitMs),
        },
        {
          provide: UsersService,
          inject: [USERS, Settling],
          useFactory: (users: Users, settling: Settling) => new UsersService(users, settling),
        },
        {
          provide: GroupsService,
          inject: [GROUPS, Settling],
          useFactory: (groups: Groups, settling: Settling) => new GroupsService(groups, settling),
        },
        {
          provide: BulkService,
          inject: [USERS, GROUPS, SETTLEMENTS, LOG],
          useFactory: bulkService,
        },
        {
          provide: SearchService,
          inject: [MIXED_LISTS],
          useFactory: (lists: MixedLists) => new SearchService(lists),
        },
        { provide: DiscoveryService, useFactory: () => new DiscoveryService() },
        {
          provide: ScimGate,
          inject: [ACCESS_CHECK, { token: REQUEST_RECORDER, optional: true }, CONFIG, LOG],
          useFactory: (access: AccessCheck, recorder: RequestRecorder | null, config: Config, log: Log) =>
            new ScimGate(access, recorder ?? null, config.publicUrl, log.child({ room: 'scim' })),
        },
      ],
    };
  }
}

/** A bulk request would wait for Coder as often as it has operations: it answers when all are stored. */
function bulkService(users: Users, groups: Groups, settlements: Settlements, log: Log): BulkService {
  const settling = new Settling(settlements, 0);
  return new BulkService(
    new UsersService(users, settling),
    new GroupsService(groups, settling),
    log.child({ room: 'scim' }),
  );
}
