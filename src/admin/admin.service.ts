import type {
  FailedTarget,
  HeldTarget,
  PausedConnection,
  Pausing,
  TargetIssues,
} from '../directory/index.js';
import type { FullSync, FullSyncResult } from '../sync/index.js';

/** How much waits. */
export interface Backlog {
  /** Targets: dirty (waiting for a run), of them urgent, failed, held, of a paused connection; age of the oldest dirty one, milliseconds. */
  readonly targets: {
    readonly dirty: number;
    readonly urgent: number;
    readonly failed: number;
    readonly held: number;
    readonly paused: number;
    readonly oldestDirtyMs: number;
  };
  /** Jobs per lane; null while the queue does not answer. */
  readonly queue: { readonly urgent: number; readonly normal: number } | null;
}

/** How the bridge stands. */
export interface BridgeStatus extends Backlog {
  readonly coder: { readonly url: string; readonly simulator: boolean };
  /** Connections of which nothing is applied. */
  readonly paused: readonly PausedConnection[];
}

/** What the admin API can do. */
export class AdminService {
  constructor(
    private readonly fullSync: Pick<FullSync, 'run'>,
    private readonly issues: TargetIssues,
    private readonly backlog: () => Promise<Backlog>,
    private readonly coder: BridgeStatus['coder'],
    private readonly pausing: Pick<Pausing, 'paused'>,
  ) {}

  sync(): Promise<FullSyncResult> {
    return this.fullSync.run();
  }

  async status(): Promise<BridgeStatus> {
    const [backlog, paused] = await Promise.all([this.backlog(), this.pausing.paused()]);
    return { ...backlog, coder: this.coder, paused };
  }

  failures(limit: number): Promise<FailedTarget[]> {
    return this.issues.failed(limit);
  }

  holds(limit: number): Promise<HeldTarget[]> {
    return this.issues.held(limit);
  }

  /** @returns whether the hold was there with that plan */
  approve(id: string, hash: string): Promise<boolean> {
    return this.issues.approve(id, hash);
  }
}
