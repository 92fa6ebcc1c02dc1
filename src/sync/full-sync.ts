import { CoderError } from '../coder/index.js';
import type { Clock, TargetKind } from '../common/index.js';
import type {
  ClaimsDirectory,
  GroupTarget,
  TargetPages,
  TargetStore,
  UserTarget,
} from '../directory/index.js';
import type { DirtyTargets, Lock, Locks, WakeUps } from '../queue/index.js';
import type { Contexts, DeploymentReader } from '../reconcile/index.js';
import { listCoder } from './drift.js';
import type { CoderListing, CoderLists, Difference } from './drift.js';

/** What a full sync found. */
export type FullSyncResult =
  | { readonly outcome: 'busy' }
  /** Coder could not be listed whole: nothing was concluded. */
  | { readonly outcome: 'failed'; readonly reason: string; readonly durationMs: number }
  | {
      readonly outcome: 'done';
      readonly durationMs: number;
      /** Targets that were compared, and those that differ and were enqueued. */
      readonly users: { readonly compared: number; readonly differing: number };
      readonly groups: { readonly compared: number; readonly differing: number };
      /** Failed targets that get another chance. */
      readonly retried: number;
    };

const PAGE = 500;
const LOCK_MS = 120_000;

/**
 * The full sync: lists Coder in as few calls as there can be, compares with the directory, and enqueues what differs. It
 * changes nothing itself: repair and event are one code path.
 */
export class FullSync {
  constructor(
    private readonly lists: CoderLists,
    private readonly deployment: Pick<DeploymentReader, 'confirmSight'>,
    private readonly store: Pick<TargetStore, 'readUser' | 'placeOf' | 'readGroup' | 'confirmKnown'>,
    private readonly pages: TargetPages,
    private readonly dirty: Pick<DirtyTargets, 'raise' | 'retryFailed'>,
    private readonly wakeUps: WakeUps,
    private readonly locks: Pick<Locks, 'tryAcquire'>,
    private readonly contexts: Pick<Contexts, 'of'>,
    private readonly claims: Pick<ClaimsDirectory, 'tieKept'>,
    private readonly clock: Clock,
  ) {}

  /** One at a time over all replicas; a second caller is told `busy`. */
  async run(): Promise<FullSyncResult> {
    const lock = await this.locks.tryAcquire('full-sync', LOCK_MS);
    if (!lock) return { outcome: 'busy' };
    const started = this.clock.monotonic();
    const took = (): number => Math.round(this.clock.monotonic() - started);
    try {
      const retried = await this.dirty.retryFailed();
      await this.claims.tieKept();
      const listing = await listCoder(this.lists, this.deployment, this.contexts);
      const users = await this.compare('user', listing, lock);
      const groups = listing.withGroups
        ? await this.compare('group', listing, lock)
        : { compared: 0, differing: 0 };
      return { outcome: 'done', durationMs: took(), users, groups, retried };
    } catch (error) {
      if (!(error instanceof CoderError)) throw error;
      return { outcome: 'failed', reason: error.message, durationMs: took() };
    } finally {
      await lock.release();
    }
  }

  private async compare(
    kind: TargetKind,
    listing: CoderListing,
    lock: Lock,
  ): Promise<{ compared: number; differing: number }> {
    let compared = 0;
    let differing = 0;
    for (let after: string | null = null; ;) {
      const ids: string[] = await this.pages.cleanIds(kind, after, PAGE);
      const found: Record<Difference, string[]> = { none: [], gain: [], loss: [] };
      const known: Record<'seen' | 'otherwise', string[]> = { seen: [], otherwise: [] };
      for (const id of ids) {
        const target = await this.read(kind, id, listing);
        if (target === null) continue;
        const difference = await differenceOf(target, listing);
        found[difference].push(id);
        const confirmed = difference === 'none' ? await listing.confirms(target) : null;
        if (confirmed !== null) known[confirmed ? 'seen' : 'otherwise'].push(id);
      }
      await this.store.confirmKnown(known.seen, known.otherwise);
      await this.raise(found.loss, found.gain);
      compared += ids.length;
      differing += found.loss.length + found.gain.length;
      if (ids.length < PAGE) return { compared, differing };
      after = ids.at(-1) ?? null;
      await lock.renew(LOCK_MS);
    }
  }

  private async read(
    kind: TargetKind,
    id: string,
    listing: CoderListing,
  ): Promise<UserTarget | GroupTarget | null> {
    if (kind === 'user') return this.store.readUser(id);
    const place = await this.store.placeOf(id);
    const home = place && (await listing.home(place));
    return home === null ? null : this.store.readGroup(id, home);
  }

  private async raise(losses: readonly string[], gains: readonly string[]): Promise<void> {
    const reason = 'Coder differs from the directory though nothing was pushed';
    if (losses.length > 0) this.wakeUps.wake(await this.dirty.raise(losses, 'full-sync', reason, 'urgent'));
    if (gains.length > 0) this.wakeUps.wake(await this.dirty.raise(gains, 'full-sync', reason, 'normal'));
  }
}

function differenceOf(target: UserTarget | GroupTarget, listing: CoderListing): Promise<Difference> {
  return target.kind === 'user' ? listing.user(target) : listing.group(target);
}
