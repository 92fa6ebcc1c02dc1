import { describe, expect, it } from 'vitest';
import { deriveUsername, freeUsername, isUsernameFor, usernameCandidates } from './index.js';

const ID = '0198f3a2-7c1d-7e55-9a41-c0ffee15600d';

function take(count: number, names: Iterable<string>): string[] {
  const taken: string[] = [];
  for (const name of names) {
    if (taken.push(name) >= count) break;
  }
  return taken;
}

describe('deriving a Coder username', () => {
  it.each([
    ['ann', 'ann'],
    ['Ann-Lee7', 'Ann-Lee7'],
    ['j.doe@x.io', 'jdoe'],
    ['j.doe@home@x.io', 'jdoehome'],
    ['ann+test@x.io', 'anntest'],
    ['DOMAIN\\ann', 'DOMAINann'],
    ['zoë@x.io', 'zo'],
    ['-ann--lee-', 'ann-lee'],
    ['a.-.-.b', 'a-b'],
    ['x'.repeat(40), 'x'.repeat(32)],
    [`${'x'.repeat(31)}-y@x.io`, 'x'.repeat(31)],
    ['New', 'New'],
  ])('makes of %j the name %j', (userName, expected) => {
    expect(deriveUsername(userName, ID)).toBe(expected);
  });

  it.each(['', '@x.io', '李明@x.io', '---', 'new', 'create', 'new@x.io'])(
    'falls back to digits of the id where %j leaves nothing that Coder takes',
    (userName) => {
      expect(deriveUsername(userName, ID)).toBe('user-ee15600d');
    },
  );

  it('tells ids of the same minute apart in the fallback', () => {
    const other = '0198f3a2-7c1d-7e55-9a41-c0ffee15600e';
    expect(deriveUsername('', ID)).not.toBe(deriveUsername('', other));
  });
});

describe('candidates for a username', () => {
  it('count up from 2', () => {
    expect(take(3, usernameCandidates('ann@x.io', ID))).toEqual(['ann', 'ann-2', 'ann-3']);
  });

  it('are cut so that the number fits', () => {
    const long = `${'x'.repeat(29)}-yz`;
    expect(take(2, usernameCandidates(long, ID))).toEqual([long, `${'x'.repeat(29)}-2`]);
  });

  it('never come twice, even where the name itself ends in a number and fills the limit', () => {
    const names = take(3, usernameCandidates(`${'a'.repeat(30)}-2`, ID));
    expect(names).toEqual([`${'a'.repeat(30)}-2`, `${'a'.repeat(30)}-3`, `${'a'.repeat(30)}-4`]);
  });

  it('are passed over when taken in whatever case', () => {
    const taken = new Set(['ann', 'ann-2']);
    expect(freeUsername('Ann', ID, (name) => taken.has(name))).toBe('Ann-3');
  });

  it('end in a name of the whole id when everything is taken', () => {
    expect(freeUsername('ann', ID, () => true)).toBe('user-0198f3a27c1d7e559a41c0ffee1');
  });

  it.each([
    ['ann', true],
    ['ANN-2', true],
    ['ann-10', true],
    ['ann-1', false],
    ['ann-02', false],
    ['ann-lee', false],
    ['bob', false],
  ])('are recognised: %j', (username, expected) => {
    expect(isUsernameFor(username, 'Ann@x.io', ID)).toBe(expected);
  });
});
