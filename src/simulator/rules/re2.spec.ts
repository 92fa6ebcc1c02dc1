import { describe, expect, it } from 'vitest';
import { re2 } from './re2.js';

describe('the regular expressions of group sync', () => {
  it.each([
    ['^eng-', 'eng-a', true],
    ['^eng-', 'x-eng-a', false],
    ['eng', 'the-engineers', true],
    ['(?i)^ENG', 'eng-a', true],
    ['(?P<team>a|b)-x$', 'b-x', true],
    ['\\Aeng\\z', 'eng', true],
    ['[[:alpha:]]+\\-[[:digit:]]{2}', 'ab-42', true],
    ['^[^]]+$', 'a]', false],
    ['\\pL\\p{Nd}', 'é7', true],
    ['a{', 'a{', true],
    ['^.$', '\r', true],
    ['^.$', '\n', false],
    ['(?s)^.$', '\n', true],
    ['(?m)^a$', 'b\na', true],
    ['(?m)^a', 'b\ra', false],
    ['\\s|[\\s]', '\u00a0\v', false],
    ['[[:space:]]', '\v', true],
    ['[\\S]', '\v', true],
    ['^*\\b?a', 'a', true],
    ['\\p{Greek}\\P{^Greek}', 'αβ', true],
  ])('%s on %s says %s, unanchored', (pattern, text, matches) => {
    expect(re2(pattern)(text)).toBe(matches);
  });

  it.each([
    '(?=a)',
    '(?!a)',
    '(?<=a)b',
    '(a)\\1',
    '(?<n>a)\\k<n>',
    '(',
    '[b-a]',
    'a{1001}',
    'a\\',
    '(?>a)',
    '\\é',
  ])('refuses %s, as RE2 does', (pattern) => {
    expect(() => re2(pattern)).toThrow(SyntaxError);
  });
});
