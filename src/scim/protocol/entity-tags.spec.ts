import { describe, expect, it } from 'vitest';
import { entityTag, isUnmodified, readConditions, requireConditions } from './entity-tags.js';

const passes = (ifMatch: string | undefined, ifNoneMatch: string | undefined, version = 5): boolean => {
  try {
    requireConditions(readConditions(ifMatch, ifNoneMatch), version);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ status: 412, kind: 'preconditionFailed' });
    return false;
  }
};

describe('entity tags', () => {
  it.each([
    ['W/"5"', true],
    ['"5"', true],
    ['w/"5"', true],
    ['5', true],
    ['*', true],
    [' * ', true],
    ['"4", W/"5"', true],
    ['"4",5', true],
    [entityTag(5, 'groups'), true],
    ['W/"4"', false],
    ['"4", "6"', false],
    ['W/"55"', false],
    ['W/"', false],
    ['"*"', false],
    ['', false],
    [',,,', false],
  ])('If-Match: %s holds for version 5: %s [C104]', (header, holds) => {
    expect(passes(header, undefined)).toBe(holds);
    expect(passes(undefined, header)).toBe(!holds);
  });

  it('differ by the version and by what is shown with the resource', () => {
    const tags = [entityTag(1), entityTag(2), entityTag(1, 'a'), entityTag(1, 'b'), entityTag(1, 'ab')];
    expect(new Set(tags).size).toBe(tags.length);
    expect(entityTag(1)).toBe('W/"1"');
  });

  it('that are known make an answer needless; others do not [C104]', () => {
    const tag = entityTag(5, 'groups');
    const known = (header?: string) => isUnmodified(readConditions(undefined, header), tag);
    expect([known(tag), known(tag.slice(2)), known(`"1", ${tag}`), known('*')]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([known(), known('W/"5"'), known(entityTag(5, 'others')), known('')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('are read in a time that grows with the header', () => {
    for (const header of [
      '"'.repeat(100_001),
      'W/'.repeat(50_000),
      `${' '.repeat(100_000)}x`,
      '"a",'.repeat(20_000),
    ])
      expect(typeof passes(header, header)).toBe('boolean');
  });
});
