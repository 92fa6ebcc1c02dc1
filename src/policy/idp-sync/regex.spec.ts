import { describe, expect, it } from 'vitest';
import { compileFilter } from './regex.js';

const matches = (pattern: string, text: string): boolean | string => {
  const filter = compileFilter(pattern);
  return 'refused' in filter ? filter.refused : filter.matches(text);
};

describe('the filter of group sync', () => {
  it.each([
    ['eng', 'the-engineers', true],
    ['^eng-', 'x-eng-a', false],
    ['^eng-', 'eng-a', true],
    ['(?i)^ENG', 'eng-a', true],
    ['(?P<team>a|b)-x$', 'b-x', true],
    ['a$', 'a\n', false],
    ['^.$', '\u{1f600}', true],
    ['^.$', '\r', true],
    ['\\s', '\u00a0', false],
    ['\\d', '\u0664', false],
    ['[[:alpha:]]+\\-[[:digit:]]{2}', 'ab-42', true],
    ['', 'anything', true],
  ])('%j finds in %j: %j, anywhere, as Go would', (pattern, text, found) => {
    expect(matches(pattern, text)).toBe(found);
  });

  it.each(['(?=a)', '(?!a)', '(?<=a)b', '(a)\\1', '(', '[b-a]', 'a{1001}', 'a\\', '(?>a)', 'a++', '\\Z'])(
    '%j is refused with the reason, as RE2 refuses it',
    (pattern) => {
      expect(matches(pattern, 'a')).toMatch(/error parsing regexp: ./);
    },
  );

  it('is refused where nobody can have meant it', () => {
    expect(matches('a'.repeat(5000), 'a')).toMatch('longer than 4096');
    expect(matches('('.repeat(4000), 'a')).toEqual(expect.any(String));
  });

  it('takes no longer for what blows up other engines', () => {
    expect(matches('^(a+)+$', `${'a'.repeat(5000)}b`)).toBe(false);
  });
});
