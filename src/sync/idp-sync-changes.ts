import type { SyncMark, SyncMarks } from '../directory/index.js';
import type { DirtyTargets, Locks, WakeUps } from '../queue/index.js';
import type { SettingDigests } from '../reconcile/index.js';

/** Longer than a turn takes. */
const LOCK_MS = 120_000;

/**
 * Raises everybody who has claims where the settings of IdP sync in Coder are others than those by which these people were last
 * decided on. Where settings cannot be read nobody is raised on account of them.
 */
export class IdpSyncChanges {
  constructor(
    private readonly marks: SyncMarks,
    private readonly digests: Pick<SettingDigests, 'of'>,
    private readonly dirty: Pick<DirtyTargets, 'raise'>,
    private readonly wakeUps: WakeUps,
    private readonly locks: Pick<Locks, 'tryAcquire'>,
  ) {}

  /**
   * One turn, by one replica at a time.
   *
   * @returns how many people were raised
   * @throws CoderError where Coder is away
   */
  async take(): Promise<number> {
    const lock = await this.locks.tryAcquire('idp-sync', LOCK_MS);
    if (!lock) return 0;
    try {
      return await this.takeNow();
    } finally {
      await lock.release();
    }
  }

  /** As {@link take}, whoever else does so: the settings were written at this moment. */
  async takeNow(): Promise<number> {
    const marks = await this.marks.all();
    if (marks.length === 0) return 0;
    const found = await this.digests.of(marks);
    let raised = 0;
    for (const mark of marks) raised += await this.compare(mark, found.get(mark.name) ?? {});
    return raised;
  }

  private async compare(mark: SyncMark, found: Readonly<Record<string, string>>): Promise<number> {
    const { id, digests } = mark;
    if (Object.entries(found).every(([part, digest]) => digests[part] === digest)) return 0;
    // First, so that nobody who is raised is decided on by settings that some process has kept.
    await this.marks.changed(id);
    const people = await this.marks.claimants(id);
    const reason = 'the settings of IdP sync changed';
    this.wakeUps.wake(await this.dirty.raise(people, 'settings', reason, 'normal'));
    // Last: a process that dies before it leaves the work to the next turn.
    await this.marks.remember(id, { ...digests, ...found });
    return people.length;
  }
}
