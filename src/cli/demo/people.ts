import { AWKWARD_GROUPS, DEPARTMENTS, FAMILY_NAMES, GIVEN_NAMES, PLACES, TEAMS } from './names.js';
import { Random } from './random.js';

/** A person as the identity provider knows them. Invented; the domains are reserved for examples (RFC 2606). */
export interface Person {
  /** What tells people apart in the demo; the identity provider's own id is made of it. */
  readonly key: number;
  readonly userName: string;
  /** Coder cannot change an account's address, so neither does the demo. */
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly department: string;
  /** Key of another person. */
  readonly manager: number | null;
  readonly active: boolean;
}

export interface Group {
  readonly key: number;
  readonly displayName: string;
  /** Keys of people. */
  readonly members: ReadonlySet<number>;
}

export interface Company {
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
}

/** As a person is called. */
export function fullName(person: Person): string {
  return `${person.givenName} ${person.familyName}`;
}

/**
 * Invents a company: the same for the same numbers. Among the people are two whose usernames collide, letters beyond
 * ASCII, apostrophes, hyphens, an emoji, a username too long for Coder, and addresses in mixed case; among the groups, one of
 * everybody, and two whose names give one slug.
 *
 * @param seed 1 has plain names; any other makes all addresses and group names different from those of other seeds
 */
export function inventCompany(users: number, groups: number, seed: number): Company {
  const random = new Random(seed);
  const names = new Names(seed);
  const people = Array.from({ length: users }, (_, key) => inventPerson(key, users, names, random));
  return { people, groups: inventGroups(groups, people, seed, random) };
}

/** Users' addresses, none twice. */
class Names {
  private readonly taken = new Set<string>();
  readonly corporation: string;
  readonly other: string;

  constructor(seed: number) {
    const suffix = seed === 1 ? '' : `-${seed}`;
    this.corporation = `corp${suffix}.example`;
    this.other = `other${suffix}.example`;
  }

  address(local: string): string {
    let address = `${local}@${this.corporation}`;
    for (let number = 2; this.taken.has(address); number += 1)
      address = `${local}${number}@${this.corporation}`;
    this.reserve(address);
    return address;
  }

  reserve(address: string): void {
    this.taken.add(address.toLowerCase());
  }
}

/** Those whose like a company surely has, and that a program easily trips over. */
const AWKWARD: readonly ((
  names: Names,
) => Pick<Person, 'userName' | 'email' | 'givenName' | 'familyName'>)[] = [
  (names) => plain(`ann@${names.corporation}`, 'Ann', 'Lee'),
  (names) => plain(`ann@${names.other}`, 'Ann', 'Lee'),
  (names) => ({
    ...plain(`zoe.muller@${names.corporation}`, 'Zoë', 'Müller'),
    email: `Zoe.Muller@${names.corporation.toUpperCase()}`,
  }),
  (names) => plain(`sinead.o'connor@${names.corporation}`, 'Sinéad', "O'Connor"),
  (names) => plain(`rocket.fox@${names.corporation}`, 'Rocket 🦊', 'Fox'),
  (names) =>
    plain(
      `bartholomew.featherstonehaugh-cholmondeley@${names.corporation}`,
      'Bartholomew',
      'Featherstonehaugh-Cholmondeley',
    ),
  (names) => plain(`J.R.R@${names.corporation}`, 'J. R. R.', 'Doe, Jr.'),
  (names) => plain(`陈伟@${names.corporation}`, '伟', '陈', `wei.chen@${names.corporation}`),
];

function plain(userName: string, givenName: string, familyName: string, email = userName) {
  return { userName, email, givenName, familyName };
}

function inventPerson(key: number, users: number, names: Names, random: Random): Person {
  const who = AWKWARD[key]?.(names) ?? ordinary(key, names, random);
  names.reserve(who.email);
  // The first tenth are managers; they have none.
  const managers = Math.max(1, Math.floor(users / 10));
  const manager = key < managers ? null : random.below(managers);
  return { ...who, key, department: random.pick(DEPARTMENTS), manager, active: true };
}

function ordinary(key: number, names: Names, random: Random) {
  const givenName = random.pick(GIVEN_NAMES);
  const familyName = random.pick(FAMILY_NAMES);
  const userName = names.address(`${ascii(givenName)}.${ascii(familyName)}`);
  const email = key % 7 === 0 ? userName.replace(/(?:^|[.@])[a-z]/g, (at) => at.toUpperCase()) : userName;
  return { userName, email, givenName, familyName };
}

/** Letters that do not come apart into one of ASCII and its accent. */
const LETTERS: Readonly<Record<string, string>> = { ł: 'l', ø: 'o', ı: 'i', ß: 'ss', đ: 'd' };

/** As companies make addresses of names; apostrophes stay, where they are legal. */
function ascii(name: string): string {
  return name
    .toLowerCase()
    .replace(/[łøıßđ]/g, (letter) => LETTERS[letter] ?? '')
    .normalize('NFD')
    .replace(/[^a-z'-]/g, '');
}

function inventGroups(count: number, people: readonly Person[], seed: number, random: Random): Group[] {
  const suffix = seed === 1 ? '' : ` ${seed}`;
  const keys = people.map(({ key }) => key);
  // About three groups a person, however many groups there are.
  const usual = Math.min(keys.length, Math.max(3, Math.ceil((3 * keys.length) / count)));
  return groupNames(count).map((name, key) => {
    // The first group is that of everybody, which in a large company takes many calls of Coder.
    const size = key === 0 ? keys.length : Math.max(3, Math.ceil(usual * (0.5 + random.next())));
    return { key, displayName: `${name}${suffix}`, members: new Set(random.some(keys, size)) };
  });
}

function groupNames(count: number): string[] {
  const combined = TEAMS.flatMap((team) => PLACES.map((place) => `${place} ${team}`));
  return [...AWKWARD_GROUPS, ...combined].slice(0, count);
}
