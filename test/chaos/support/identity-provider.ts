import type { Random } from '../../support/random.js';
import type { ScimClient } from './scim-client.js';

/** A user as the bridge last acknowledged it. */
export interface StatedUser {
  readonly id: string;
  readonly userName: string;
  name: string;
  active: boolean;
  deleted: boolean;
  /** It was inactive or deleted at some time: Coder may never have heard of it. */
  everInactive: boolean;
}

/** A group as the bridge last acknowledged it; members by userName. */
export interface StatedGroup {
  readonly id: string;
  displayName: string;
  deleted: boolean;
  readonly members: Set<string>;
}

/** Words of the changes, and how often each is drawn. */
const CHANGES = {
  createUser: 30,
  createGroup: 7,
  addMembers: 25,
  removeMembers: 10,
  renameUser: 8,
  renameGroup: 5,
  deactivate: 8,
  activate: 6,
  deleteUser: 4,
  deleteGroup: 2,
} as const;
type Change = keyof typeof CHANGES;

/**
 * An identity provider that states random changes one after the other on several lines at once, never two at a time
 * about the same user or group, and remembers what was acknowledged.
 */
export class IdentityProvider {
  readonly users = new Map<string, StatedUser>();
  readonly groups = new Map<string, StatedGroup>();
  /** Changes that were acknowledged. */
  acknowledged = 0;
  private readonly taken = new Set<object>();
  private number = 0;
  private stopped = false;

  constructor(
    private readonly client: ScimClient,
    private readonly random: Random,
  ) {}

  /** Pushes until {@link stop}, or until `most` changes were acknowledged. @throws what the bridge should not have answered */
  async push(lines: number, most = Infinity): Promise<void> {
    this.stopped = false;
    const goal = this.acknowledged + most;
    const line = async (): Promise<void> => {
      while (!this.stopped && this.acknowledged < goal) {
        await this.change();
        this.acknowledged += 1;
      }
    };
    await Promise.all(Array.from({ length: lines }, line));
  }

  /** What the bridge's directory says of a user, in words: whether a difference lies before it or behind it. */
  async inDirectory(userName: string): Promise<string> {
    const { body } = await this.client.get(
      `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`,
    );
    return JSON.stringify(body['Resources']);
  }

  /** No further changes; those that were begun are pushed until they are acknowledged. */
  stop(): void {
    this.stopped = true;
  }

  private async change(): Promise<void> {
    switch (this.draw()) {
      case 'createGroup':
        return this.createGroup();
      case 'addMembers':
        return this.changeMembers('add');
      case 'removeMembers':
        return this.changeMembers('remove');
      case 'renameUser':
        return this.onUser((user) => this.renameUser(user));
      case 'deactivate':
        return this.onUser((user) => this.setActive(user, false));
      case 'activate':
        return this.onUser((user) => this.setActive(user, true));
      case 'deleteUser':
        return this.onUser((user) => this.deleteUser(user));
      case 'renameGroup':
        return this.onGroup((group) => this.renameGroup(group));
      case 'deleteGroup':
        return this.onGroup((group) => this.deleteGroup(group));
      default:
        return this.createUser();
    }
  }

  private draw(): Change {
    const all = Object.entries(CHANGES) as [Change, number][];
    let left = this.random.next() * all.reduce((sum, [, weight]) => sum + weight, 0);
    return all.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'createUser';
  }

  private async createUser(): Promise<void> {
    const userName = `ann${this.next()}@example.com`;
    const name = `Ann ${this.number}`;
    const id = await this.client.createUser({
      userName,
      active: true,
      name: { formatted: name },
      emails: [{ value: userName, primary: true, type: 'work' }],
    });
    this.users.set(userName, { id, userName, name, active: true, deleted: false, everInactive: false });
  }

  private async renameUser(user: StatedUser): Promise<void> {
    const name = `Ann ${this.next()}`;
    await this.client.patch(`/Users/${user.id}`, { op: 'replace', path: 'name.formatted', value: name });
    user.name = name;
  }

  private async setActive(user: StatedUser, active: boolean): Promise<void> {
    // Stated before it is acknowledged: it may be carried out any time from now on.
    user.everInactive ||= !active;
    await this.client.patch(`/Users/${user.id}`, { op: 'replace', path: 'active', value: active });
    user.active = active;
  }

  private async deleteUser(user: StatedUser): Promise<void> {
    user.everInactive = true;
    await this.client.delete(`/Users/${user.id}`);
    user.deleted = true;
    for (const group of this.groups.values()) group.members.delete(user.userName);
  }

  private async createGroup(): Promise<void> {
    const displayName = `Team ${this.word()}`;
    const id = await this.client.createGroup(displayName);
    this.groups.set(id, { id, displayName, deleted: false, members: new Set() });
  }

  private async renameGroup(group: StatedGroup): Promise<void> {
    const displayName = `Crew ${this.word()}`;
    await this.client.patch(`/Groups/${group.id}`, {
      op: 'replace',
      path: 'displayName',
      value: displayName,
    });
    group.displayName = displayName;
  }

  private async deleteGroup(group: StatedGroup): Promise<void> {
    await this.client.delete(`/Groups/${group.id}`);
    group.deleted = true;
  }

  private async changeMembers(op: 'add' | 'remove'): Promise<void> {
    await this.onGroup(async (group) => {
      const users = this.some(
        this.random.between(1, 5),
        (user) => op === 'add' || group.members.has(user.userName),
      );
      if (users.length === 0) return;
      try {
        const value = users.map(({ id }) => ({ value: id }));
        await this.client.patch(`/Groups/${group.id}`, { op, path: 'members', value });
        for (const { userName } of users) {
          if (op === 'add') group.members.add(userName);
          else group.members.delete(userName);
        }
      } finally {
        for (const user of users) this.taken.delete(user);
      }
    });
  }

  private some(count: number, fits: (user: StatedUser) => boolean): StatedUser[] {
    const found = new Set<StatedUser>();
    for (let i = 0; i < count; i += 1) {
      const user = this.random.pick([...this.users.values()]);
      if (user && !user.deleted && !this.taken.has(user) && fits(user)) found.add(user);
    }
    for (const user of found) this.taken.add(user);
    return [...found];
  }

  private async onUser(work: (user: StatedUser) => Promise<void>): Promise<void> {
    const [user] = this.some(1, () => true);
    if (!user) return this.createUser();
    try {
      await work(user);
    } finally {
      this.taken.delete(user);
    }
  }

  private async onGroup(work: (group: StatedGroup) => Promise<void>): Promise<void> {
    const group = this.random.pick([...this.groups.values()]);
    if (!group || group.deleted || this.taken.has(group)) return this.createGroup();
    this.taken.add(group);
    try {
      await work(group);
    } finally {
      this.taken.delete(group);
    }
  }

  private next(): number {
    return (this.number += 1);
  }

  /** A name that ends in a letter: an appended `-2` is told from it. */
  private word(): string {
    return `n${this.next()}x`;
  }
}
