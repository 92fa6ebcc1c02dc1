import { Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { systemClock } from '../common/index.js';
import { CONFIG, type Config } from '../config/index.js';
import type { Access, Connections } from '../connections/index.js';
import {
  CLAIMS,
  DirectoryModule,
  LOGOUTS,
  SETTLEMENTS,
  USERS,
  type ClaimsDirectory,
  type Logouts,
  type Settlements,
  type Users,
} from '../directory/index.js';
import { LOG, METRICS, type Log, type Metrics } from '../telemetry/index.js';
import { HookCounts } from './hooks/counts.js';
import { HookReceiver } from './hooks/receiver.js';
import { registerHookRoutes } from './hooks/routes.js';
import { registerClaimsRoute } from './http/claims-route.js';
import { registerLoginRoutes } from './http/login-routes.js';
import { registerLogoutRoutes } from './http/logout-routes.js';
import { LoginService } from './login/login-service.js';
import { CountedClaims } from './counted-claims.js';
import { registerRequestLines } from './http/request-lines.js';
import { LogoutReceiver } from './logout/logout-receiver.js';
import { OidcConnections } from './oidc-connections.js';
import { ClaimsReceiver } from './receive.js';

/** Claims of OpenID providers: handed over, or by a login. The application also has to be prepared by {@link configureOidc}. */
@Module({})
export class OidcModule {
  /** @param access counts bad tokens and requests together with the SCIM face */
  static register(connections: Connections, access: Access): DynamicModule {
    return {
      module: OidcModule,
      imports: [DirectoryModule],
      providers: [
        {
          provide: OidcConnections,
          inject: [LOG],
          useFactory: (log: Log) =>
            new OidcConnections(connections, systemClock, log.child({ room: 'oidc' })),
        },
        {
          provide: CountedClaims,
          inject: [CLAIMS, METRICS],
          useFactory: (claims: ClaimsDirectory, metrics: Metrics) => new CountedClaims(claims, metrics),
        },
        {
          provide: ClaimsReceiver,
          inject: [CountedClaims],
          useFactory: (claims: CountedClaims) => new ClaimsReceiver(claims, access),
        },
        {
          provide: HookCounts,
          inject: [METRICS],
          useFactory: (metrics: Metrics) => new HookCounts(metrics),
        },
        {
          provide: HookReceiver,
          inject: [CountedClaims, HookCounts],
          useFactory: (claims: CountedClaims, counts: HookCounts) =>
            new HookReceiver(claims, access, counts, systemClock),
        },
        {
          provide: LogoutReceiver,
          inject: [LOGOUTS],
          useFactory: (logouts: Logouts) => new LogoutReceiver(logouts, access),
        },
        {
          provide: LoginService,
          inject: [CountedClaims, SETTLEMENTS, USERS, CONFIG],
          useFactory: (claims: CountedClaims, settlements: Settlements, users: Users, config: Config) =>
            new LoginService({ claims, settlements, users }, access, config.publicUrl, systemClock),
        },
      ],
    };
  }
}

/** Whether a connection takes claims: only then there is an {@link OidcModule}. */
export function takesClaims(connections: Connections): boolean {
  return connections.served.some(({ config }) => config.oidc !== undefined);
}

/**
 * Registers the routes of an application that has the {@link OidcModule}. To be called before the server listens.
 *
 * @param hookMs how long a hook's answer waits for the work, milliseconds; asked at each hook; none: 85
 */
export function configureOidc(
  app: NestFastifyApplication,
  log: Log,
  hookMs?: () => number | undefined,
): void {
  const fastify = app.getHttpAdapter().getInstance();
  const connections = app.get(OidcConnections, { strict: false });
  const own = log.child({ room: 'oidc' });
  registerRequestLines(fastify, app.get<Metrics>(METRICS, { strict: false }), own);
  registerClaimsRoute(fastify, connections, app.get(ClaimsReceiver, { strict: false }), own);
  registerLoginRoutes(fastify, connections, app.get(LoginService, { strict: false }), own);
  registerHookRoutes(fastify, {
    connections,
    receiver: app.get(HookReceiver, { strict: false }),
    counts: app.get(HookCounts, { strict: false }),
    log: own,
    ...(hookMs && { workMs: hookMs }),
  });
  const { publicUrl } = app.get<Config>(CONFIG, { strict: false });
  const receiver = app.get(LogoutReceiver, { strict: false });
  registerLogoutRoutes(fastify, { connections, receiver, publicUrl, log: own });
}
