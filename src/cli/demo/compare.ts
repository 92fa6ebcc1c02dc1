import { fold } from '../../common/index.js';
import type { Account, CoderTeam, Holding } from './coder.js';
import type { Statement } from './model.js';
import { fullName } from './people.js';
import type { Group, Person } from './people.js';

/** One row of the comparison. */
export interface Row {
  readonly what: string;
  readonly stated: number;
  readonly held: number;
}

export interface Comparison {
  readonly rows: readonly Row[];
  /** In words, with names. */
  readonly differences: readonly string[];
}

/**
 * Compares what was stated with what Coder holds. People are found by their address, groups by their display name, which
 * the bridge carries over; accounts and groups of others do not count.
 *
 * @param usernames userName of each person when they were first stated: the account's name is made of it and stays
 */
export function compare(
  statement: Statement,
  holding: Holding,
  usernames: ReadonlyMap<number, string>,
): Comparison {
  const differences: string[] = [];
  const accounts = comparePeople(statement, holding, usernames, differences);
  const groups = compareGroups(statement, holding, accounts, differences);
  const people = [...statement.people.values()];
  const found = [...accounts.values()];
  const memberships = (all: readonly { readonly size: number }[]): number =>
    all.reduce((sum, { size }) => sum + size, 0);
  const rows = [
    row('active people', people.filter(({ active }) => active).length, found.filter(isActive).length),
    row(
      'suspended people',
      people.filter(({ active }) => !active).length,
      found.filter((account) => !isActive(account)).length,
    ),
    row('groups', statement.groups.size, groups.length),
    row(
      'memberships',
      memberships([...statement.groups.values()].map(({ members }) => members)),
      memberships(groups.map(({ members }) => new Set(members))),
    ),
  ];
  return { rows, differences };
}

const row = (what: string, stated: number, held: number): Row => ({ what, stated, held });

/** Dormant satisfies active: the person's next login wakes the account. */
const isActive = ({ status }: Account): boolean => status !== 'suspended';

function comparePeople(
  { people }: Statement,
  { accounts }: Holding,
  usernames: ReadonlyMap<number, string>,
  differences: string[],
): Map<number, Account> {
  const byEmail = groupedBy(accounts, ({ email }) => fold(email));
  const found = new Map<number, Account>();
  for (const person of people.values()) {
    const [account, ...others] = byEmail.get(fold(person.email)) ?? [];
    if (!account) {
      differences.push(`${person.userName}: has no account in Coder`);
      continue;
    }
    found.set(person.key, account);
    if (others.length > 0) differences.push(`${person.userName}: has ${others.length + 1} accounts in Coder`);
    differences.push(...differing(person, account, usernames.get(person.key) ?? person.userName));
  }
  return found;
}

function differing(person: Person, account: Account, firstUserName: string): string[] {
  const who = person.userName;
  const found: string[] = [];
  if (isActive(account) !== person.active) {
    found.push(
      `${who}: the account is ${account.status}, stated was ${person.active ? 'active' : 'inactive'}`,
    );
  }
  if (account.name !== fullName(person)) {
    found.push(`${who}: the account's name is "${account.name}", stated was "${fullName(person)}"`);
  }
  if (!isUsernameOf(account.username, firstUserName)) {
    found.push(`${who}: the username "${account.username}" is not made of "${firstUserName}"`);
  }
  return found;
}

/** Coder's limit of a username. */
const USERNAME_LENGTH = 32;

/**
 * Whether an account's name is made of a userName: what stands before the last @, without all but letters, digits and
 * hyphens, cut to Coder's limit, and numbered where it was taken. Where nothing is left it is `user-` and hex digits.
 */
export function isUsernameOf(username: string, userName: string): boolean {
  const at = userName.lastIndexOf('@');
  const base = fold((at < 0 ? userName : userName.slice(0, at)).replace(/[^a-zA-Z0-9-]/g, ''));
  if (base === '') return /^user-[0-9a-f]{8}(?:-\d+)?$/.test(username);
  const name = fold(username);
  if (name === base.slice(0, USERNAME_LENGTH)) return true;
  const stem = /^(.+)-\d+$/.exec(name)?.[1];
  return stem !== undefined && base.startsWith(stem) && (stem === base || name.length >= USERNAME_LENGTH - 1);
}

function compareGroups(
  statement: Statement,
  holding: Holding,
  accounts: ReadonlyMap<number, Account>,
  differences: string[],
): CoderTeam[] {
  const byName = groupedBy(holding.groups, ({ displayName }) => displayName);
  const found: CoderTeam[] = [];
  for (const group of statement.groups.values()) {
    const [team, ...others] = byName.get(group.displayName) ?? [];
    if (!team) {
      differences.push(`${group.displayName}: there is no such group in Coder`);
      continue;
    }
    found.push(team);
    if (others.length > 0)
      differences.push(`${group.displayName}: there are ${others.length + 1} such groups in Coder`);
    differences.push(...differingMembers(group, team, statement, accounts));
  }
  return found;
}

function differingMembers(
  group: Group,
  team: CoderTeam,
  { people }: Statement,
  accounts: ReadonlyMap<number, Account>,
): string[] {
  const there = new Set(team.members);
  const found: string[] = [];
  for (const key of group.members) {
    const account = accounts.get(key);
    if (account && there.delete(account.username)) continue;
    found.push(
      `${group.displayName}: ${people.get(key)?.userName ?? `person ${key}`} is not a member in Coder`,
    );
  }
  for (const username of there)
    found.push(`${group.displayName}: ${username} is a member in Coder, and was not stated`);
  return found;
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
