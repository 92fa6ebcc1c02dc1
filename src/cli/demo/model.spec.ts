import { describe, expect, it } from 'vitest';
import { necessaryCalls, NOTHING_STATED, Stated } from './model.js';
import type { Person } from './people.js';

const person = (key: number, change: Partial<Person> = {}): Person => ({
  key,
  userName: `p${key}@corp.example`,
  email: `p${key}@corp.example`,
  givenName: 'P',
  familyName: String(key),
  department: 'R&D',
  manager: null,
  active: true,
  ...change,
});

function company(users: number, members: number): Stated {
  const stated = new Stated();
  for (let key = 0; key < users; key += 1) stated.put(person(key));
  stated.putGroup({ key: 0, displayName: 'All', members: new Set(keys(members)) });
  return stated;
}

const keys = (count: number): number[] => Array.from({ length: count }, (_, key) => key);

/** What a change needs, made on a company of 300 people and a group of the first 250. */
function needed(change: (stated: Stated) => void): number {
  const stated = company(300, 250);
  const before = stated.snapshot();
  change(stated);
  return necessaryCalls(before, stated);
}

describe('the calls of Coder that are necessary', () => {
  it('are one for each new person, one for each new group, and one for each started hundred of members', () => {
    expect(necessaryCalls(NOTHING_STATED, company(300, 0))).toBe(301);
    expect(necessaryCalls(NOTHING_STATED, company(300, 1))).toBe(302);
    expect(necessaryCalls(NOTHING_STATED, company(300, 100))).toBe(302);
    expect(necessaryCalls(NOTHING_STATED, company(300, 101))).toBe(303);
  });

  it('are none when all is stated again', () => {
    expect(needed(() => undefined)).toBe(0);
    expect(needed((stated) => void stated.put(person(1)))).toBe(0);
    expect(needed((stated) => void stated.changeMembers(0, [1, 2]))).toBe(0);
  });

  it('are none for somebody who is inactive from the beginning', () => {
    expect(needed((stated) => void stated.put(person(999, { active: false })))).toBe(0);
  });

  it('are one for a suspension, an activation, a name; not for an address to sign in with', () => {
    expect(needed((stated) => void stated.put(person(1, { active: false })))).toBe(1);
    expect(needed((stated) => void stated.put(person(1, { familyName: 'New' })))).toBe(1);
    expect(needed((stated) => void stated.put(person(1, { familyName: 'New', active: false })))).toBe(2);
    expect(needed((stated) => void stated.put(person(1, { userName: 'new@corp.example' })))).toBe(0);
  });

  it('are shared by a new name and up to a hundred changed members of a group', () => {
    const rename = (stated: Stated): void =>
      void stated.putGroup({ ...stated.group(0), displayName: 'Everybody' });
    expect(needed(rename)).toBe(1);
    expect(
      needed((stated) => {
        rename(stated);
        stated.changeMembers(0, [250], keys(99));
      }),
    ).toBe(1);
    expect(needed((stated) => void stated.changeMembers(0, [250], keys(100)))).toBe(2);
  });

  it('are one for a deleted group', () => {
    expect(needed((stated) => void stated.groups.delete(0))).toBe(1);
  });
});
