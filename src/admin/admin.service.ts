import type { FailedTarget, HeldTarget, TargetIssues } from '../directory/index.js';
import { targetKey } from '../common/index.js';
import type { DirtyCounts, DirtyTargets, LaneQueues, WakeUps } from '../queue/index.js';
import type { FullSync, FullSyncResult } from '../sync/index.js';

/** How the bridge stands. */
export interface BridgeStatus {
  readonly targets: DirtyCounts;
  /** Jobs per lane; null while the queue does not answer. */
  readonly queue: { readonly urgent: number; readonly normal: number } | null;
  readonly coder: { readonly url: string; readonly simulator: boolean };
}

/** What the admin API can do. */
export class AdminService {
  constructor(
    private readonly fullSync: FullSync,
    private readonly issues: TargetIssues,
    private readonly dirty: DirtyTargets,
    private readonly queues: LaneQueues,
    private readonly wakeUps: WakeUps,
    private readonly coder: BridgeStatus['coder'],
  ) {}

  sync(): Promise<FullSyncResult> {
    return this.fullSync.run();
  }

  async status(): Promise<BridgeStatus> {
    const [targets, queue] = await Promise.all([this.dirty.counts(), this.depths()]);
    return { targets, queue, coder: this.coder };
  }

  failures(limit: number): Promise<FailedTarget[]> {
    return this.issues.failed(limit);
  }

  holds(limit: number): Promise<HeldTarget[]> {
    return this.issues.held(limit);
  }

  /** @returns whether the hold was there with that plan */
  async approve(id: string, hash: string): Promise<boolean> {
    const kind = await this.issues.approve(id, hash);
    if (kind) this.wakeUps.wake([{ target: targetKey(kind, id), lane: 'urgent', bringForward: true }]);
    return kind !== null;
  }

  private async depths(): Promise<BridgeStatus['queue']> {
    try {
      const [urgent, normal] = await Promise.all([this.queues.depth('urgent'), this.queues.depth('normal')]);
      return { urgent, normal };
    } catch {
      return null;
    }
  }
}
