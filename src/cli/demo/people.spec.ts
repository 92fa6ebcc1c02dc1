import { describe, expect, it } from 'vitest';
import { fullName, inventCompany } from './people.js';

describe('an invented company', () => {
  const company = inventCompany(10_000, 500, 1);

  it('has as many people and groups as were asked for', () => {
    for (const [users, groups] of [
      [10, 2],
      [20, 4],
      [1_000, 500],
    ] as const) {
      const { people, groups: teams } = inventCompany(users, groups, 1);
      expect([people.length, teams.length]).toEqual([users, groups]);
    }
  });

  it('is the same for the same seed, and shares no address and no group name with that of another', () => {
    const [one, again, other] = [1, 1, 2].map((seed) => inventCompany(100, 20, seed));
    expect(again).toEqual(one);
    const names = new Set([
      ...one!.people.flatMap(({ userName, email }) => [userName, email]),
      ...one!.groups.map(({ displayName }) => displayName),
    ]);
    const shared = [
      ...other!.people.flatMap(({ userName, email }) => [userName, email]),
      ...other!.groups.map(({ displayName }) => displayName),
    ].filter((name) => names.has(name));
    expect(shared).toEqual([]);
  });

  it('gives nobody the address of another, in whatever case, and no two groups one name', () => {
    for (const values of [
      company.people.map(({ userName }) => userName),
      company.people.map(({ email }) => email),
      company.groups.map(({ displayName }) => displayName),
    ]) {
      expect(new Set(values.map((value) => value.toLowerCase())).size).toBe(values.length);
    }
  });

  it('has those whom programs trip over, even when it is small', () => {
    const { people, groups } = inventCompany(20, 4, 1);
    expect(people.filter(({ userName }) => userName.startsWith('ann@'))).toHaveLength(2);
    const names = people.map(fullName).join(' ');
    for (const part of ['ë', 'ü', "'", '🦊', '陈']) expect(names).toContain(part);
    const slugs = groups.map(({ displayName }) => displayName.replace(/[^A-Za-z]+/g, '-'));
    expect(new Set(slugs).size).toBeLessThan(slugs.length);
    expect(people.some(({ email }) => email !== email.toLowerCase())).toBe(true);
  });

  it('fills each group with people who are there, the first with everybody', () => {
    const keys = new Set(company.people.map(({ key }) => key));
    expect(company.groups[0]?.members.size).toBe(10_000);
    for (const { members } of company.groups) {
      expect(members.size).toBeGreaterThanOrEqual(3);
      expect([...members].every((key) => keys.has(key))).toBe(true);
    }
  });

  it('has addresses and names that Coder takes', () => {
    for (const { email } of company.people) expect(email).toMatch(/^[\x21-\x7e]+@[a-z0-9.-]+$/i);
    for (const { displayName } of company.groups) {
      expect(Buffer.byteLength(`New ${displayName} 999999`)).toBeLessThanOrEqual(64);
    }
  });

  it('lets nobody be their own manager', () => {
    expect(company.people.some(({ key, manager }) => key === manager)).toBe(false);
  });
});
