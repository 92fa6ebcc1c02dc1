import { Controller, Get, Header, Headers, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HEALTH, type Health, type HealthReport } from './health.js';

/** Injection token of the function that knows the admin's Authorization header. */
export const ADMIN_CHECK = Symbol('ADMIN_CHECK');

/** Liveness and readiness, as Kubernetes' probes ask for them. */
@Controller()
export class HealthController {
  constructor(
    @Inject(HEALTH) private readonly health: Health,
    @Inject(ADMIN_CHECK) private readonly isAdmin: (authorization: string | undefined) => boolean,
  ) {}

  /** Whoever can answer lives: nothing outside the process may get it restarted. */
  @Get('healthz')
  @Header('Cache-Control', 'no-store')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Header('Cache-Control', 'no-store')
  async ready(
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const report = await this.health.report();
    reply.status(report.ready ? 200 : 503);
    return render(report, this.isAdmin(authorization));
  }
}

/** Everybody sees which components are well; reasons may name hosts and resources, so they are for the admin. */
function render({ status, components, notes }: HealthReport, withReasons: boolean): object {
  const shown = [...components].map(([name, state]) => [name, withReasons ? state : state.status] as const);
  return { status, components: Object.fromEntries(shown), notes };
}
