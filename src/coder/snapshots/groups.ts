import type { CoderClient } from '../client.js';
import { TransientError } from '../errors.js';
import type { CoderGroup } from '../types.js';
import { FreshCopy, MAX_AGE_MS, type FreshCopyOptions } from './fresh-copy.js';

/** All groups of an organization at a time, with own changes written through. */
export interface GroupsView {
  readonly size: number;
  byId(id: string): CoderGroup | undefined;
  /** Exact: Coder tells group names apart by case. */
  byName(name: string): CoderGroup | undefined;
  all(): IterableIterator<CoderGroup>;
}

/** An organization's groups with their members, listed once for many decisions. As UserSnapshot. */
export class GroupsSnapshot {
  private readonly copy: FreshCopy<GroupIndex>;

  constructor(client: Pick<CoderClient, 'listGroups'>, organizationId: string, options: FreshCopyOptions) {
    this.copy = new FreshCopy(async () => {
      const groups = await client.listGroups(organizationId, { urgent: true });
      if (!groups.some(isEveryone)) {
        const why = 'the list of groups lacks Everyone, which every organization has';
        throw new TransientError('GET /organizations/{organization}/groups', why, false, 200);
      }
      return new GroupIndex(groups);
    }, options);
  }

  /**
   * All groups, at most `maxAgeMs` old; use the view at once, do not keep it.
   *
   * @throws CoderError; never a partial list
   */
  get(maxAgeMs = MAX_AGE_MS): Promise<GroupsView> {
    return this.copy.get(maxAgeMs);
  }

  /** Whether {@link get} would list anew. */
  stale(maxAgeMs = MAX_AGE_MS): boolean {
    return this.copy.stale(maxAgeMs);
  }

  /** Something contradicted the snapshot: the next {@link get} lists anew. */
  invalidate(): void {
    this.copy.invalidate();
  }

  /** The bridge created this group. */
  noteCreated(group: CoderGroup): void {
    this.noteChanged(group);
  }

  /** The bridge changed this group, or read it. */
  noteChanged(group: CoderGroup): void {
    this.copy.write((index) => index.put(group));
  }

  /** The bridge deleted this group, or found that it is gone. */
  noteDeleted(id: string): void {
    this.copy.write((index) => index.delete(id));
  }
}

/** The group of all members has its organization's id. Whoever may read any group of it sees this one. */
function isEveryone(group: CoderGroup): boolean {
  return group.id === group.organization_id;
}

class GroupIndex implements GroupsView {
  private readonly ids = new Map<string, CoderGroup>();
  private readonly names = new Map<string, CoderGroup>();

  constructor(groups: readonly CoderGroup[]) {
    for (const group of groups) this.put(group);
  }

  get size(): number {
    return this.ids.size;
  }

  byId(id: string): CoderGroup | undefined {
    return this.ids.get(id);
  }

  byName(name: string): CoderGroup | undefined {
    return this.names.get(name);
  }

  all(): IterableIterator<CoderGroup> {
    return this.ids.values();
  }

  put(group: CoderGroup): void {
    this.delete(group.id);
    this.ids.set(group.id, group);
    this.names.set(group.name, group);
  }

  delete(id: string): void {
    const group = this.ids.get(id);
    if (!group) return;
    this.ids.delete(id);
    if (this.names.get(group.name) === group) this.names.delete(group.name);
  }
}
