import { describe, expect, it } from 'vitest';

import { matchesAny } from './patterns.js';

describe('a name and patterns', () => {
  it.each([
    ['root', 'root', true],
    ['root2', 'root', false],
    ['svc-build', 'svc-*', true],
    ['svc-', 'svc-*', true],
    ['a-svc-', 'svc-*', false],
    ['ann@vendor.example', '*@vendor.example', true],
    ['ann@vendor.example.org', '*@vendor.example', false],
    ['anything', '*', true],
    ['', '*', true],
    ['a-b-c', 'a*b*c', true],
    ['acb', 'a*b*c', false],
    ['aa', 'a*a', true],
    ['a', 'a*a', false],
    ['abab', '*ab*ab', true],
    ['ab', '*ab*ab', false],
    ['a.c', 'a?c', false],
  ])('%s matches %s: %s', (name, pattern, expected) => {
    expect(matchesAny(name, [pattern])).toBe(expected);
  });

  it('match when any of them does', () => {
    expect(matchesAny('b', ['a', 'b*'])).toBe(true);
    expect(matchesAny('b', [])).toBe(false);
  });
});
