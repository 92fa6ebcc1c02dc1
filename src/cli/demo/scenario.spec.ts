import { describe, expect, it } from 'vitest';
import { Stated } from './model.js';
import { inventCompany } from './people.js';
import { Random } from './random.js';
import { amountsFor, Casting, lossesOf, renamed, WATCHED } from './scenario.js';

describe('the story of the demo', () => {
  it('takes away less than the safety budget lets pass in an hour, however large the company', () => {
    for (let users = 10; users <= 10_000; users += 1) {
      const budget = Math.max(10, Math.floor(users * 0.2));
      expect(lossesOf(amountsFor(users)), `${users} users`).toBeLessThanOrEqual(budget);
    }
  });

  it('watches at least ten single changes', () => {
    expect(Object.values(WATCHED).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(10);
  });

  it('chooses the same people and groups for the same seed, and only what is there', () => {
    const cast = (seed: number) => {
      const { people, groups } = inventCompany(40, 5, 1);
      const stated = new Stated();
      for (const one of people) stated.put(one);
      for (const one of groups) stated.putGroup(one);
      const casting = new Casting(stated, new Random(seed));
      return { chosen: casting.memberships(10), newcomer: casting.newcomer(stated.group(1)), stated };
    };
    const [one, again, other] = [cast(1), cast(1), cast(2)];
    expect(again.chosen).toEqual(one.chosen);
    expect(other.chosen).not.toEqual(one.chosen);
    expect(one.chosen).toHaveLength(10);
    expect(one.chosen.every(({ group, person }) => group.members.has(person.key))).toBe(true);
    expect(new Set(one.chosen.map(({ person }) => person.key)).size).toBe(10);
    expect(one.stated.group(1).members.has(one.newcomer!.key)).toBe(false);
  });

  it('lets the first who takes another name also sign in by another address, and none change the email', () => {
    const [person] = inventCompany(10, 2, 1).people;
    expect(renamed(person!, 0).userName).toBe('ann.nowak@corp.example');
    expect(renamed(person!, 1).userName).toBe(person!.userName);
    expect(renamed(person!, 0).email).toBe(person!.email);
  });
});
