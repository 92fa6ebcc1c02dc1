import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import type { Runtime } from '../app.module.js';
import { SETTLEMENTS } from '../directory/index.js';
import type { SqlSettlements } from '../directory/index.js';
import {
  DirtyTargets,
  Heartbeats,
  LaneQueues,
  LaneWorkers,
  Leases,
  WakeBuffer,
  queueErrors,
} from '../queue/index.js';
import { Reconciler } from '../reconcile/index.js';
import { Schedules } from '../sync/index.js';

/** Runs in flight get this long at shutdown. */
const RUN_GRACE_MS = 15_000;
/** How often the number of live workers is read, by which Coder's rate limit is divided. */
const COUNT_MS = 10_000;

/** What runs beside the HTTP server: workers, schedules, heartbeats. */
export class RunningRoles {
  private workers: LaneWorkers | undefined;
  private counting: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: NestFastifyApplication,
    private readonly runtime: Runtime,
    /** The number of live workers, kept up to date here. */
    private readonly live: { live: number },
  ) {}

  /** Whether the last wake-up could not be queued. */
  get queueIsFailing(): boolean {
    return this.app.get(WakeBuffer).isFailing;
  }

  dirty(): DirtyTargets {
    return this.app.get(DirtyTargets);
  }

  queues(): LaneQueues {
    return this.app.get(LaneQueues);
  }

  async start(): Promise<void> {
    const { roles, database } = this.runtime.config;
    if (roles.has('worker')) await this.startWorkers();
    if (roles.has('scheduler')) this.app.get(Schedules).start(database.engine === 'pglite');
  }

  /** Pushes that wait for their reconcile are answered at once. */
  endWaits(): void {
    void this.app.get<SqlSettlements>(SETTLEMENTS, { strict: false }).shutdown();
  }

  /** Stops fetching, lets runs in flight end, gives leases back, closes the queues. */
  async stop(): Promise<void> {
    clearInterval(this.counting);
    if (this.runtime.config.roles.has('scheduler')) this.app.get(Schedules).stop();
    await this.app.get(WakeBuffer).close();
    await this.workers?.close(RUN_GRACE_MS);
    await this.app.get(Leases).releaseAll();
    await this.app.get(Heartbeats).stop();
    await this.app.get(LaneQueues).close();
  }

  private async startWorkers(): Promise<void> {
    const { coder, queueBackend, telemetry } = this.runtime;
    const heartbeats = this.app.get(Heartbeats);
    await heartbeats.start();
    const count = async (): Promise<void> => {
      this.live.live = Math.max(1, await heartbeats.count());
    };
    await count();
    this.counting = setInterval(() => void count().catch(() => undefined), COUNT_MS).unref();
    const reconciler = this.app.get(Reconciler);
    const workers = new LaneWorkers(
      queueBackend,
      this.app.get(LaneQueues),
      (target, lane) => reconciler.run(target, lane),
      queueErrors(telemetry.log.child({ room: 'queue' })),
    );
    this.workers = workers;
    // While the token is bad or Coder is away, nothing is fetched; the health probes and resumes by itself.
    coder.health.onChange(({ allowed }) => workers.setPaused(!allowed));
  }
}
