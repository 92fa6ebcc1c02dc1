import type { Lane } from '../common/index.js';
import type { Database } from '../database/index.js';
import { dirtyCounts, raise, retryFailed, sweepDirty } from './dirty.js';
import type { DirtyCounts, SweepOptions } from './dirty.js';
import type { WakeUp } from './wake-ups.js';

/** The dirty marks of the whole bridge, for the scheduled sync, readiness and metrics. */
export class DirtyTargets {
  constructor(private readonly database: Database) {}

  /** See {@link sweepDirty}. */
  sweep(limit?: number, options?: SweepOptions): Promise<WakeUp[]> {
    return sweepDirty(this.database, limit, options);
  }

  counts(): Promise<DirtyCounts> {
    return dirtyCounts(this.database);
  }

  /** See {@link retryFailed}. */
  retryFailed(): Promise<number> {
    return retryFailed(this.database);
  }

  /** See {@link raise}. */
  raise(ids: readonly string[], source: string, reason: string, lane: Lane): Promise<WakeUp[]> {
    return raise(this.database, ids, source, reason, lane);
  }
}
