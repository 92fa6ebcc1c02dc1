import { fullName } from './people.js';
import type { Group, Person } from './people.js';

/** What the identity provider states at one time. */
export interface Statement {
  readonly people: ReadonlyMap<number, Person>;
  readonly groups: ReadonlyMap<number, Group>;
}

export const NOTHING_STATED: Statement = { people: new Map(), groups: new Map() };

/** Members that one PATCH of a group in Coder takes. */
const MEMBERS_A_PATCH = 100;

/** What the identity provider states, as it changes. Rows are replaced, never changed, so that a snapshot is cheap. */
export class Stated implements Statement {
  readonly people = new Map<number, Person>();
  readonly groups = new Map<number, Group>();

  put(person: Person): Person {
    this.people.set(person.key, person);
    return person;
  }

  putGroup(group: Group): Group {
    this.groups.set(group.key, group);
    return group;
  }

  person(key: number): Person {
    const person = this.people.get(key);
    if (!person) throw new Error(`nobody stated person ${key}`);
    return person;
  }

  group(key: number): Group {
    const group = this.groups.get(key);
    if (!group) throw new Error(`nobody stated group ${key}`);
    return group;
  }

  /** The group with these more and those fewer. */
  changeMembers(key: number, add: readonly number[], remove: readonly number[] = []): Group {
    const group = this.group(key);
    const members = new Set(group.members);
    for (const person of remove) members.delete(person);
    for (const person of add) members.add(person);
    return this.putGroup({ ...group, members });
  }

  /** As it is now. */
  snapshot(): Statement {
    return { people: new Map(this.people), groups: new Map(this.groups) };
  }
}

/**
 * The fewest calls that change Coder from one statement to the next: one for a new account, for a suspension, for an
 * activation, for a changed name; one for a new group and for a deleted one; and of a group, one for its name or a
 * hundred changed members together. Those who are inactive from the beginning get no account.
 */
export function necessaryCalls(before: Statement, after: Statement): number {
  let calls = 0;
  for (const [key, person] of after.people) calls += callsForPerson(before.people.get(key), person);
  for (const [key, group] of after.groups) calls += callsForGroup(before.groups.get(key), group);
  for (const key of before.groups.keys()) if (!after.groups.has(key)) calls += 1;
  return calls;
}

function callsForPerson(before: Person | undefined, after: Person): number {
  if (!before) return after.active ? 1 : 0;
  if (before === after) return 0;
  const status = before.active === after.active ? 0 : 1;
  return status + (fullName(before) === fullName(after) ? 0 : 1);
}

function callsForGroup(before: Group | undefined, after: Group): number {
  if (!before) return 1 + Math.ceil(after.members.size / MEMBERS_A_PATCH);
  if (before === after) return 0;
  const renamed = before.displayName === after.displayName ? 0 : 1;
  const changed = missing(before.members, after.members) + missing(after.members, before.members);
  return Math.max(renamed, Math.ceil(changed / MEMBERS_A_PATCH));
}

/** How many of `wanted` are not in `there`. */
function missing(there: ReadonlySet<number>, wanted: ReadonlySet<number>): number {
  let count = 0;
  for (const key of wanted) if (!there.has(key)) count += 1;
  return count;
}
