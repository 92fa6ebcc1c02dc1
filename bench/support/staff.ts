import type { Simulator } from '../../src/simulator/index.js';
import type { Scene } from './bridge.js';
import { each } from './idp.js';
import { addMembers, groupBody, userBody } from './people.js';

/** Coder takes so many additions in one PATCH. */
const CHUNK = 100;

/** What the identity provider got as ids, by number of the user and of the group. */
export interface Pushed {
  readonly users: string[];
  readonly groups: string[];
}

/** The people of a company: all are in the first group, and each is in one of the others. */
export class Staff {
  /** Users by number in each group. */
  readonly members: readonly (readonly number[])[];
  /** The fewest mutations: one for each user, for each group, and for each 100 members begun. */
  readonly minimum: number;
  /** When each membership was first pushed: `<group> <user>` to milliseconds since the epoch. */
  readonly joined = new Map<string, number>();

  constructor(
    readonly users: number,
    readonly groups: number,
  ) {
    this.members = Array.from({ length: groups }, (_, group) =>
      Array.from({ length: users }, (__, user) => user).filter(
        (user) => group === 0 || 1 + (user % (groups - 1)) === group,
      ),
    );
    this.minimum =
      users + groups + this.members.reduce((sum, list) => sum + Math.ceil(list.length / CHUNK), 0);
  }

  body(user: number) {
    return userBody(`person-${user}`);
  }

  /** Users first, then groups with all their members: Okta's and Entra's first import. */
  async usersFirst({ idp }: Scene): Promise<Pushed> {
    const pushed: Pushed = { users: [], groups: [] };
    await each(this.members[0]!, async (user) => {
      pushed.users[user] = await idp.create('Users', this.body(user));
    });
    await each(this.members, async (members, group) => {
      const ids = members.map((user) => pushed.users[user]!);
      for (const user of members) this.joined.set(`${group} ${user}`, Date.now());
      pushed.groups[group] = await idp.create('Groups', groupBody(`Group ${group}`, ids));
    });
    return pushed;
  }

  /** Empty groups, then each user followed by the memberships, one PATCH each. */
  async interleaved({ idp }: Scene): Promise<Pushed> {
    const pushed: Pushed = { users: [], groups: [] };
    await each(this.members, async (_, group) => {
      pushed.groups[group] = await idp.create('Groups', groupBody(`Group ${group}`, []));
    });
    await each(this.members[0]!, async (user) => {
      const id = await idp.create('Users', this.body(user));
      pushed.users[user] = id;
      for (const group of [0, 1 + (user % (this.groups - 1))]) {
        this.joined.set(`${group} ${user}`, Date.now());
        await idp.patch('Groups', pushed.groups[group]!, addMembers(id));
      }
    });
    return pushed;
  }

  /** Says all of it again: each user looked up and replaced, each group replaced, each member added; then a full sync. */
  async replay({ idp, settled }: Scene, { users, groups }: Pushed): Promise<void> {
    await each(users, async (id, user) => {
      await idp.find(this.body(user).userName);
      await idp.replace('Users', id, this.body(user));
      await idp.patch('Groups', groups[0]!, addMembers(id));
    });
    await each(groups, async (id, group) => {
      const ids = this.members[group]!.map((user) => users[user]!);
      await idp.replace('Groups', id, groupBody(`Group ${group}`, ids));
    });
    await settled();
    await idp.fullSync();
    await settled();
  }

  /** A benchmark of something that does not work would say nothing. @throws when the groups are not as stated */
  assertComplete({ state }: Simulator): void {
    const sizes = [...state.groups.values()].map((group) => state.usersIn(group).length);
    for (const { length } of this.members) {
      const at = sizes.indexOf(length);
      if (at < 0) throw new Error(`no group of ${length} members: ${sizes.slice(0, 100).join(' ')}`);
      sizes.splice(at, 1);
    }
  }

  /** The longest time from a membership's push to its PATCH, milliseconds. */
  longestWait({ calls, state }: Simulator): number {
    const usernames = new Map([...state.users.values()].map(({ id, username }) => [id, username]));
    let longest = 0;
    for (const { at, method, path, body } of calls.mutations()) {
      const group = /\/groups\/([^/]+)$/.exec(path)?.[1];
      if (method !== 'PATCH' || group === undefined) continue;
      const number = /-(\d+)$/.exec(state.groups.get(group)?.name ?? '')?.[1] ?? '';
      for (const id of addedBy(body)) {
        const user = /(\d+)$/.exec(usernames.get(id) ?? '')?.[1] ?? '';
        longest = Math.max(longest, at - (this.joined.get(`${number} ${user}`) ?? at));
      }
    }
    return longest;
  }
}

function addedBy(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null || !('add_users' in body)) return [];
  return Array.isArray(body.add_users) ? (body.add_users as string[]) : [];
}
