import { Inject, Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';

import type { Log } from '../telemetry/index.js';
import type { FullSync } from './full-sync.js';
import type { Sweeper } from './sweeper.js';

/** How often the sweep looks, milliseconds. */
const SWEEP_MS = 2_000;
/** How often the database is tidied. */
const TIDY_CRON = '*/2 * * * *';

/** What the schedules run. */
export interface Scheduled {
  readonly sweeper: Pick<Sweeper, 'sweep'>;
  readonly fullSync: Pick<FullSync, 'run'>;
  readonly fullSyncCron: string;
  /** Takes up changes of the settings of IdP sync in Coder. */
  readonly idpSync: { take(): Promise<number> };
  readonly idpSyncCron: string;
  /** Takes up changes of the configuration, until it has succeeded once. */
  readonly settings: { take(): Promise<number> };
  /** Housekeeping of the database; cheap where there is nothing to do. */
  readonly tidy: () => Promise<unknown>;
  readonly log: Log;
}

/** Injection token of {@link Scheduled}. */
export const SCHEDULED = Symbol('SCHEDULED');

/** Every replica's timers fire; a lease in the database lets one of them work. A turn that is late is passed over. */
@Injectable()
export class Schedules {
  private readonly running = new Set<string>();
  private stopped = false;

  constructor(
    @Inject(SchedulerRegistry) private readonly registry: SchedulerRegistry,
    @Inject(SCHEDULED) private readonly scheduled: Scheduled,
  ) {}

  /** @param atStart sweep at once, also what is fresh: on the embedded engine nobody else has it in hand */
  start(atStart: boolean): void {
    const { sweeper, fullSync, fullSyncCron, idpSync, idpSyncCron, settings, tidy } = this.scheduled;
    void this.once('sweep', () => sweeper.sweep(atStart));
    void this.once('settings', () => settings.take());
    this.registry.addInterval(
      'sweep',
      setInterval(() => void this.once('sweep', () => sweeper.sweep()), SWEEP_MS),
    );
    this.cron('full-sync', fullSyncCron, async () => {
      const result = await fullSync.run();
      this.scheduled.log.info({ result }, 'full sync');
    });
    this.cron('idp-sync', idpSyncCron, () => idpSync.take());
    this.cron('tidy', TIDY_CRON, async () => {
      await settings.take();
      await tidy();
    });
  }

  /** No further turns; one that runs goes on. */
  stop(): void {
    this.stopped = true;
    for (const name of this.registry.getIntervals()) this.registry.deleteInterval(name);
    for (const [name] of this.registry.getCronJobs()) this.registry.deleteCronJob(name);
  }

  private cron(name: string, expression: string, work: () => Promise<unknown>): void {
    const job = CronJob.from({ cronTime: expression, onTick: () => void this.once(name, work) });
    this.registry.addCronJob(name, job);
    job.start();
  }

  private async once(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.running.has(name)) return;
    this.running.add(name);
    try {
      await work();
    } catch (error) {
      // What it worked with may be closed by now.
      if (this.stopped) return;
      this.scheduled.log.warn(
        { schedule: name, err: error },
        'a scheduled turn failed; the next one tries again',
      );
    } finally {
      this.running.delete(name);
    }
  }
}
