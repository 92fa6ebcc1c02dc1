import type { Stated } from './model.js';
import type { Group, Person } from './people.js';
import type { Random } from './random.js';

/** How many of each change happen at once, beside those that are watched one by one. */
export interface Amounts {
  readonly renames: number;
  readonly moves: number;
  readonly leavers: number;
  readonly removals: number;
}

/**
 * Fits the changes to the company. Together with the watched ones they take away less than the safety budget of a new
 * bridge lets pass in an hour: the larger of 10 and 20 % of the people. Watched are {@link WATCHED}, of which five are losses.
 */
export function amountsFor(users: number): Amounts {
  const share = (part: number, least: number): number => Math.max(least, Math.floor(users * part));
  return {
    renames: share(0.03, 1),
    moves: share(0.03, 1),
    leavers: share(0.03, 1),
    removals: share(0.03, 1),
  };
}

/** Changes that are pushed one at a time, each after the one before has arrived. */
export const WATCHED = {
  renames: 3,
  groupRenames: 1,
  joins: 2,
  /** The losses. */
  departures: 1,
  leavers: 2,
  removals: 2,
  returns: 1,
} as const;

/** Losses of the whole demo. */
export function lossesOf({ moves, leavers, removals }: Amounts): number {
  return moves + leavers + removals + WATCHED.departures + WATCHED.leavers + WATCHED.removals;
}

/** Chooses who is changed, from what is stated at the moment: the same for the same seed. */
export class Casting {
  constructor(
    private readonly stated: Stated,
    private readonly random: Random,
  ) {}

  active(count: number): Person[] {
    return this.random.some(
      [...this.stated.people.values()].filter(({ active }) => active),
      count,
    );
  }

  inactive(): Person[] {
    return [...this.stated.people.values()].filter(({ active }) => !active);
  }

  /** A group that is not the one of everybody, so that somebody can be missing in it. */
  group(): Group {
    return this.random.pick([...this.stated.groups.values()].slice(1));
  }

  /** Memberships, of different people. */
  memberships(count: number): { group: Group; person: Person }[] {
    const groups = [...this.stated.groups.values()];
    const chosen: { group: Group; person: Person }[] = [];
    for (const person of this.active(this.stated.people.size)) {
      if (chosen.length >= count) break;
      const [group] = this.random.some(
        groups.filter(({ members }) => members.has(person.key)),
        1,
      );
      if (group) chosen.push({ group, person });
    }
    return chosen;
  }

  /** Somebody active who is not in the group yet; undefined when all are. */
  newcomer(group: Group): Person | undefined {
    const others = [...this.stated.people.values()].filter(
      ({ key, active }) => active && !group.members.has(key),
    );
    return others.length === 0 ? undefined : this.random.pick(others);
  }
}

/** A person who took another name; the first also the address by which they sign in, which Coder's username does not follow. */
export function renamed(person: Person, index: number): Person {
  const familyName = `${person.familyName}-Nowak`;
  if (index > 0) return { ...person, familyName };
  const [local = '', domain = ''] = person.userName.split('@');
  return { ...person, familyName, userName: `${local}.nowak@${domain}` };
}

/** A group that took another name; the display name stays within Coder's 64 bytes. */
export function renamedGroup(group: Group): Group {
  return { ...group, displayName: `New ${group.displayName}` };
}
