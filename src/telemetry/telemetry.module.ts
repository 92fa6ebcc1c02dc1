import { Module, type DynamicModule } from '@nestjs/common';
import { ADMIN_CHECK, HealthController } from './health.controller.js';
import { HEALTH, type Health } from './health.js';
import { LOG, type Log } from './log.js';
import { MetricsController } from './metrics.controller.js';
import { METRICS, type Metrics } from './metrics.js';
import { tokenCheck } from './token-check.js';

export interface TelemetryOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Whoever sends it as a bearer token sees reasons in /readyz; none: nobody does. */
  readonly adminToken?: string;
}

/** /healthz, /readyz and /metrics, and the logger, metrics and health for every other module. */
@Module({})
export class TelemetryModule {
  static register({ log, metrics, health, adminToken }: TelemetryOptions): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: LOG, useValue: log },
        { provide: METRICS, useValue: metrics },
        { provide: HEALTH, useValue: health },
        { provide: ADMIN_CHECK, useValue: tokenCheck(adminToken) },
      ],
      exports: [LOG, METRICS, HEALTH],
    };
  }
}
