import { describe, expect, it } from 'vitest';
import type { Account, Holding } from './coder.js';
import { compare, isUsernameOf } from './compare.js';
import { Stated } from './model.js';
import { fullName, inventCompany } from './people.js';

const company = inventCompany(10, 2, 1);
const usernames = new Map(company.people.map(({ key, userName }) => [key, userName]));

function stated(): Stated {
  const statement = new Stated();
  for (const person of company.people) statement.put(person);
  for (const group of company.groups) statement.putGroup(group);
  return statement;
}

const username = (key: number): string =>
  key === 1
    ? 'ann-2'
    : (usernames.get(key) ?? '')
        .split('@')[0]!
        .replace(/[^a-z0-9-]/gi, '')
        .slice(0, 32) || 'user-0a1b2c3d';

/** Coder as it should be, with the bridge's own account and the group Everyone. */
function holding(
  change: (accounts: Account[], groups: Holding['groups'][number][]) => void = () => undefined,
) {
  const accounts: Account[] = company.people.map((person) => ({
    id: `id-${person.key}`,
    username: username(person.key),
    email: person.email,
    name: fullName(person),
    status: 'dormant',
  }));
  accounts.push({ id: 'self', username: 'idp-bridge', email: 'b@coder.example', name: '', status: 'active' });
  const groups = company.groups.map(({ key, displayName, members }) => ({
    id: `group-${key}`,
    name: `g${key}`,
    displayName,
    members: [...members].map(username),
  }));
  groups.push({ id: 'everyone', name: 'Everyone', displayName: '', members: ['idp-bridge'] });
  change(accounts, groups);
  return { accounts, groups };
}

describe('the comparison', () => {
  it('finds no difference where Coder holds what was stated, whatever else it holds', () => {
    const { rows, differences } = compare(stated(), holding(), usernames);
    const memberships = company.groups.reduce((sum, { members }) => sum + members.size, 0);
    expect(differences).toEqual([]);
    expect(rows.map(({ stated: said, held }) => [said, held])).toEqual([
      [10, 10],
      [0, 0],
      [2, 2],
      [memberships, memberships],
    ]);
  });

  it.each<[what: string, change: Parameters<typeof holding>[0], difference: string]>([
    ['a missing account', (accounts) => void accounts.shift(), 'ann@corp.example: has no account in Coder'],
    [
      'a second account',
      (accounts) => void accounts.push({ ...accounts[0]!, id: 'x', username: 'ann-3' }),
      'ann@corp.example: has 2 accounts in Coder',
    ],
    [
      'another status',
      (accounts) => void (accounts[0] = { ...accounts[0]!, status: 'suspended' }),
      'ann@corp.example: the account is suspended, stated was active',
    ],
    [
      'another name',
      (accounts) => void (accounts[0] = { ...accounts[0]!, name: 'Bob' }),
      'ann@corp.example: the account\'s name is "Bob", stated was "Ann Lee"',
    ],
    [
      'a username that is not of this person',
      (accounts) => void (accounts[3] = { ...accounts[3]!, username: 'bob' }),
      'the username "bob" is not made of "sinead.o\'connor@corp.example"',
    ],
    ['a missing group', (_, groups) => void groups.shift(), 'All Staff 🎉: there is no such group in Coder'],
    [
      'a second group',
      (_, groups) => void groups.push(groups[0]!),
      'All Staff 🎉: there are 2 such groups in Coder',
    ],
    [
      'a missing member',
      (_, groups) => void (groups[0] = { ...groups[0]!, members: groups[0]!.members.slice(1) }),
      'is not a member in Coder',
    ],
    [
      'a member that nobody stated',
      (_, groups) => void (groups[1] = { ...groups[1]!, members: [...groups[1]!.members, 'eve'] }),
      'Platform & Tools: eve is a member in Coder, and was not stated',
    ],
  ])('finds %s', (_what, change, difference) => {
    const { differences } = compare(stated(), holding(change), usernames);
    expect(
      differences.some((line) => line.includes(difference)),
      differences.join('\n'),
    ).toBe(true);
  });

  it('wants those who left suspended, and counts them apart', () => {
    const statement = stated();
    statement.put({ ...statement.person(0), active: false });
    expect(compare(statement, holding(), usernames).differences).toEqual([
      'ann@corp.example: the account is dormant, stated was inactive',
    ]);
    const { differences, rows } = compare(
      statement,
      holding((accounts) => void (accounts[0] = { ...accounts[0]!, status: 'suspended' })),
      usernames,
    );
    expect(differences).toEqual([]);
    expect(rows[1]).toMatchObject({ what: 'suspended people', stated: 1, held: 1 });
  });

  it.each([
    ['ann', 'ann@x.io', true],
    ['Ann-12', 'ann@x.io', true],
    ['ann-', 'ann@x.io', false],
    ['annb', 'ann@x.io', false],
    ['user-0a1b2c3d', '陈伟@x.io', true],
    ['user-0a1b2c3d', 'ann@x.io', false],
    [`${'x'.repeat(30)}-2`, `${'x'.repeat(40)}@x.io`, true],
  ])('takes %s for made of %s: %s', (name, userName, expected) => {
    expect(isUsernameOf(name, userName)).toBe(expected);
  });
});
