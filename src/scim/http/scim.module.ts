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
import { BulkController } from './bulk.controller.js';
import { BulkService } from './bulk.service.js';
import { DiscoveryController } from './discovery.controller.js';
import { DiscoveryService } from './discovery.service.js';
import { ScimErrorFilter } from './error-filter.js';
import { ScimGate } from './gate.js';
import { GroupsController } from './groups.controller.js';
import { GroupsService } from './groups.service.js';
import { baseOf } from './routes.js';
import { SearchController } from './search.controller.js';
import { SearchService } from './search.service.js';
import { Settling } from './settling.js';
import { TOKEN_CHECK, type TokenCheck } from './token-check.js';
import { UnservedController } from './unserved.controller.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

/** `/scim/v2`. The application also has to be prepared by {@link configureScim}. */
@Module({})
export class ScimModule {
  /**
   * @param imports modules that provide CONFIG, LOG, TOKEN_CHECK, USERS, GROUPS, MIXED_LISTS and SETTLEMENTS,
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
          inject: [USERS, Settling, CONFIG],
          useFactory: (users: Users, settling: Settling, config: Config) =>
            new UsersService(users, settling, baseOf(config.publicUrl)),
        },
        {
          provide: GroupsService,
          inject: [GROUPS, Settling, CONFIG],
          useFactory: (groups: Groups, settling: Settling, config: Config) =>
            new GroupsService(groups, settling, baseOf(config.publicUrl)),
        },
        {
          provide: BulkService,
          inject: [USERS, GROUPS, SETTLEMENTS, CONFIG, LOG],
          useFactory: bulkService,
        },
        {
          provide: SearchService,
          inject: [MIXED_LISTS, CONFIG],
          useFactory: (lists: MixedLists, config: Config) =>
            new SearchService(lists, baseOf(config.publicUrl)),
        },
        {
          provide: DiscoveryService,
          inject: [CONFIG],
          useFactory: (config: Config) => new DiscoveryService(baseOf(config.publicUrl)),
        },
        {
          provide: ScimGate,
          inject: [TOKEN_CHECK, LOG],
          useFactory: (tokens: TokenCheck, log: Log) => new ScimGate(tokens, log.child({ room: 'scim' })),
        },
      ],
    };
  }
}

/** A bulk request would wait for Coder as often as it has operations: it answers when all are stored. */
function bulkService(
  users: Users,
  groups: Groups,
  settlements: Settlements,
  config: Config,
  log: Log,
): BulkService {
  const base = baseOf(config.publicUrl);
  const settling = new Settling(settlements, 0);
  return new BulkService(
    new UsersService(users, settling, base),
    new GroupsService(groups, settling, base),
    base,
    log.child({ room: 'scim' }),
  );
}
