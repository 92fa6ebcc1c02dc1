import { fold } from '../../common/index.js';
import type { Account, CoderTeam, CoderView } from './coder.js';
import type { IdentityProvider } from './identity-provider.js';
import type { Stated } from './model.js';
import { counted } from './paint.js';
import { fullName } from './people.js';
import type { Company, Group, Person } from './people.js';
import type { Push, Run, Watched } from './run.js';
import { amountsFor, renamed, renamedGroup, WATCHED } from './scenario.js';
import type { Casting } from './scenario.js';

/** Who plays, and what. */
export interface Cast {
  readonly provider: IdentityProvider;
  readonly company: Company;
  readonly stated: Stated;
  readonly casting: Casting;
  readonly coder: CoderView;
}

/** The story: people and groups arrive, change, leave and return, and all of it is stated again. */
export async function play(run: Run, cast: Cast): Promise<void> {
  const story = new Story(run, cast);
  const references = cast.provider.linkManagers ? 1 : 0;
  await run.phase('1 Connect', { together: 1 }, () => story.connect());
  await run.phase('2 Assign people', { together: 1 + references }, () => story.assign());
  await run.phase('3 Push groups', { together: 1 }, () => story.pushGroups());
  await run.phase('4 Changes', { together: 1, single: 6 }, () => story.changes());
  await run.phase('5 Leavers', { together: 1, single: 4 }, () => story.leavers());
  await run.phase('6 Return', { single: 2 }, () => story.returns());
  await run.phase('7 All of it again', { together: 2 }, () => story.again());
}

class Story {
  private readonly amounts;
  /** Accounts by folded address, ids of groups by their key: by them single changes are recognised in Coder. */
  private readonly accounts = new Map<string, Account>();
  private readonly teamIds = new Map<number, string>();

  constructor(
    private readonly run: Run,
    private readonly cast: Cast,
  ) {
    this.amounts = amountsFor(cast.company.people.length);
  }

  async connect(): Promise<string> {
    await this.run.together('test requests', [[() => this.cast.provider.connect()]]);
    return 'the provider can reach the bridge';
  }

  async assign(): Promise<string> {
    const { provider, company, stated } = this.cast;
    const { people } = company;
    const assignments = people.map((person) => [() => provider.assign(stated.put(person))]);
    // References are set in a second pass, when both ends are there.
    const managed = people.filter(({ manager }) => manager !== null);
    const references = provider.linkManagers
      ? managed.map((person) => [() => provider.linkManagers?.(person) ?? Promise.resolve()])
      : [];
    await this.run.together('people', assignments);
    if (references.length > 0) await this.run.together('managers', references);
    return counted(people.length, 'person', 'people');
  }

  async pushGroups(): Promise<string> {
    const { company, provider, stated } = this.cast;
    const chains = company.groups.map((group): Push[] => [
      () => provider.pushGroup(stated.putGroup({ ...group, members: new Set() })),
      ...inBatches([...group.members], provider.batch).map(
        (keys) => () => provider.addMembers(stated.changeMembers(group.key, keys), this.people(keys)),
      ),
    ]);
    await this.run.together('groups', chains);
    await this.learnIds();
    const memberships = company.groups.reduce((sum, { members }) => sum + members.size, 0);
    return `${counted(chains.length, 'group', 'groups')} with ${memberships} memberships`;
  }

  async changes(): Promise<string> {
    const { casting } = this.cast;
    const { renames, moves } = this.amounts;
    const people = casting.active(renames + WATCHED.renames);
    const bulk = people.slice(0, renames).map((person, index) => [this.renaming(person, index)]);
    const moving = this.byGroup(casting.memberships(moves), ({ group, person }) => {
      const to = casting.group();
      const joins = to.members.has(person.key) || to.key === group.key ? [] : [this.joining(to, person)];
      return [this.leaving(group, person), ...joins];
    });
    await this.run.together('changes', [...bulk, ...moving]);
    const single = people.slice(renames).map((person, index) => this.watchedRename(person, index + 1));
    await this.run.oneByOne(single);
    await this.run.oneByOne([this.watchedGroupRename(casting.group())]);
    await this.run.oneByOne(this.watchedJoin());
    await this.run.oneByOne(this.watchedLeave(WATCHED.departures));
    return `${people.length} people and 1 group renamed, ${moves + 2} memberships changed`;
  }

  async leavers(): Promise<string> {
    const { casting, provider, stated } = this.cast;
    const { leavers, removals } = this.amounts;
    const gone = casting.active(leavers + WATCHED.leavers);
    const bulk = gone
      .slice(0, leavers)
      .map((person) => [() => provider.deactivate(stated.put({ ...person, active: false }))]);
    const removed = this.byGroup(casting.memberships(removals), ({ group, person }) => [
      this.leaving(group, person),
    ]);
    await this.run.together('leavers', [...bulk, ...removed]);
    await this.run.oneByOne(gone.slice(leavers).map((person) => this.watchedDeactivation(person)));
    await this.run.oneByOne(this.watchedLeave(WATCHED.removals));
    return `${gone.length} people deactivated, ${removals + WATCHED.removals} taken out of groups`;
  }

  async returns(): Promise<string> {
    const { casting, provider, stated } = this.cast;
    const returning = casting.inactive().slice(0, WATCHED.returns);
    await this.run.oneByOne(
      returning.map((person) => ({
        kind: 'reactivated',
        push: () => provider.assign(stated.put({ ...person, active: true })),
        change: this.personChange(person, ({ status }) => status !== 'suspended'),
      })),
    );
    await this.run.oneByOne(this.watchedJoin());
    return `${counted(returning.length, 'person is', 'people are')} back`;
  }

  /** The groups follow when everybody was stated, as in the beginning. */
  async again(): Promise<string> {
    const { provider, stated } = this.cast;
    const people = [...stated.people.values()].filter(({ active }) => active);
    const groups = [...stated.groups.values()];
    await this.run.together(
      'people again',
      people.map((person) => [() => provider.repeatPerson(person)]),
    );
    await this.run.together(
      'groups again',
      groups.map((group) => [() => provider.repeatGroup(group, this.people([...group.members]))]),
    );
    return `${counted(people.length, 'person', 'people')} and ${counted(groups.length, 'group', 'groups')} stated again`;
  }

  private people(keys: readonly number[]): Person[] {
    return keys.map((key) => this.cast.stated.person(key));
  }

  private renaming(person: Person, index: number): Push {
    const { provider, stated } = this.cast;
    return () => provider.updateProfile(stated.put(renamed(person, index)));
  }

  private joining({ key }: Group, person: Person): Push {
    const { provider, stated } = this.cast;
    return () => provider.addMembers(stated.changeMembers(key, [person.key]), [person]);
  }

  private leaving({ key }: Group, person: Person): Push {
    const { provider, stated } = this.cast;
    return () => provider.removeMembers(stated.changeMembers(key, [], [person.key]), [person]);
  }

  /** Providers send what concerns one group in order; different groups go side by side. */
  private byGroup<T extends { group: Group }>(items: readonly T[], pushesOf: (item: T) => Push[]): Push[][] {
    const chains = new Map<number, Push[]>();
    for (const item of items) {
      const { key } = item.group;
      chains.set(key, [...(chains.get(key) ?? []), ...pushesOf(item)]);
    }
    return [...chains.values()];
  }

  private watchedRename(person: Person, index: number): Watched {
    const name = fullName(renamed(person, index));
    return {
      kind: 'name changed',
      push: this.renaming(person, index),
      change: this.personChange(person, (account) => account.name === name),
    };
  }

  private watchedDeactivation(person: Person): Watched {
    const { provider, stated } = this.cast;
    return {
      kind: 'deactivated',
      push: () => provider.deactivate(stated.put({ ...person, active: false })),
      change: this.personChange(person, ({ status }) => status === 'suspended'),
    };
  }

  private watchedGroupRename(group: Group): Watched {
    const { provider, stated } = this.cast;
    const to = renamedGroup(group);
    return {
      kind: 'group renamed',
      push: () => provider.renameGroup(stated.putGroup(to)),
      change: this.groupChange(group, ({ displayName }) => displayName === to.displayName),
    };
  }

  private watchedJoin(): Watched[] {
    const { casting } = this.cast;
    const group = casting.group();
    const person = casting.newcomer(group);
    if (!person) return [];
    const username = this.usernameOf(person);
    return [
      {
        kind: 'added to a group',
        push: this.joining(group, person),
        change: this.groupChange(group, ({ members }) => members.includes(username)),
      },
    ];
  }

  private watchedLeave(count: number): Watched[] {
    return this.cast.casting.memberships(count).map(({ group, person }) => ({
      kind: 'removed from a group',
      push: this.leaving(group, person),
      change: this.groupChange(group, ({ members }) => !members.includes(this.usernameOf(person))),
    }));
  }

  private usernameOf({ email }: Person): string {
    return this.accounts.get(fold(email))?.username ?? 'unknown';
  }

  private personChange({ email }: Person, arrived: (account: Account) => boolean) {
    return { kind: 'person', id: this.accounts.get(fold(email))?.id ?? 'unknown', arrived } as const;
  }

  private groupChange({ key }: Group, arrived: (team: CoderTeam) => boolean) {
    return { kind: 'group', id: this.teamIds.get(key) ?? 'unknown', arrived } as const;
  }

  private async learnIds(): Promise<void> {
    const { accounts, groups } = await this.cast.coder.read();
    for (const account of accounts) this.accounts.set(fold(account.email), account);
    const byName = new Map(groups.map(({ displayName, id }) => [displayName, id]));
    for (const { key, displayName } of this.cast.company.groups) {
      const id = byName.get(displayName);
      if (id !== undefined) this.teamIds.set(key, id);
    }
  }
}

function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
