import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScimError } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { Filter } from './ast.js';
import { parseFilter } from './parser.js';

/** A filter in fully parenthesised form. */
function shape(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.terms.map(shape).join(` ${filter.kind} `)})`;
    case 'not':
      return `not(${shape(filter.term)})`;
    case 'present':
      return `${filter.attribute.name} pr`;
    case 'some':
      return `${filter.attribute.name}[${shape(filter.where)}]`;
    case 'compare':
      return `${filter.attribute.name} ${filter.operator} ${JSON.stringify(filter.value)}`;
  }
}

function refusal(text: string): ScimError {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error(`was accepted: ${text}`);
}

describe('the filter parser', () => {
  it.each([
    ['userName eq "ada"', 'userName eq "ada"'],
    ['title pr', 'title pr'],
    ['title ne "x"', 'title ne "x"'],
    ['a co "x" and b sw "y" and c ew "z"', '(a co "x" and b sw "y" and c ew "z")'],
    ['a gt 1 or b ge 2.5 or c lt -3 or d le 1e3', '(a gt 1 or b ge 2.5 or c lt -3 or d le 1000)'],
    ['active eq true and x eq false and y eq null', '(active eq true and x eq false and y eq null)'],
  ])('reads every operator: %s [C60]', (text, expected) => {
    expect(shape(parseFilter(text))).toBe(expected);
  });

  it.each([
    ['a pr or b pr and c pr', '(a pr or (b pr and c pr))'],
    ['(a pr or b pr) and c pr', '((a pr or b pr) and c pr)'],
    ['not (a pr) and b pr', '(not(a pr) and b pr)'],
    ['not(a pr or b pr) or c pr', '(not((a pr or b pr)) or c pr)'],
    ['((((a pr))))', 'a pr'],
  ])('gives and precedence over or, and not over both: %s [C60]', (text, expected) => {
    expect(shape(parseFilter(text))).toBe(expected);
  });

  it('reads operators and literals in any case [C55]', () => {
    expect(shape(parseFilter('USERNAME EQ "a" AND NOT (title Pr) Or x Eq TRUE'))).toBe(
      '((USERNAME eq "a" and not(title pr)) or x eq true)',
    );
  });

  it.each([
    ['emails[type eq "work"]', 'emails[type eq "work"]'],
    [
      'emails[type eq "work" and (value co "@x" or not (primary eq true))]',
      'emails[(type eq "work" and (value co "@x" or not(primary eq true)))]',
    ],
    [
      'userType eq "E" and emails[type eq "work" and value co "@x"]',
      '(userType eq "E" and emails[(type eq "work" and value co "@x")])',
    ],
  ])('reads grouping and not inside value paths: %s [C61]', (text, expected) => {
    expect(shape(parseFilter(text))).toBe(expected);
  });

  it('keeps the URN of an attribute [C62]', () => {
    const name = 'urn:ietf:params:scim:schemas:core:2.0:User:name.familyName';
    expect(shape(parseFilter(`${name} co "O'Malley"`))).toBe(`${name} co "O'Malley"`);
  });

  it.each([
    ['"a\\"b"', 'a"b'],
    ['"a\\\\b"', 'a\\b'],
    ['"\\u00e9"', 'é'],
    ['"(x) [y] and or"', '(x) [y] and or'],
    ['"😀"', '😀'],
    ['""', ''],
  ])('decodes the escapes of JSON strings: %s [C63]', (literal, value) => {
    expect(parseFilter(`userName eq ${literal}`)).toMatchObject({ value });
  });

  it.each([
    '',
    ' ',
    'userName',
    'userName eq',
    'userName eq "a',
    'userName eq "a" and',
    'and',
    'eq "a"',
    '"a" eq "b"',
    'userName xx "a"',
    'userName eq a',
    '(userName eq "a"',
    'userName eq "a")',
    'userName eq "a" userName eq "b"',
    'emails[type eq "work"',
    'emails[]',
    'emails[a[b eq "c"]]',
    'not userName eq "a"',
    'userName eq "\\x"',
    'userName eq "a\\u0000"',
    'userName eq "\\ud800"',
    'userName eq 01',
    'userName eq "a",',
    '1name eq "a"',
    'a.b.c eq "x"',
    '__proto__ eq "x"',
    'name. eq "x"',
    "userName eq 'a'",
    'userName eq "a" or',
    'emails[type eq "work"].a.b.c eq "x"',
  ])('refuses what is broken, with the position: %s [C67]', (text) => {
    const error = refusal(text);
    expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' });
    expect(error.detail).toMatch(/^filter, position \d+: /);
  });

  it('names the position of the fault', () => {
    expect(refusal('userName eq "a" and title zz "b"').detail).toContain('position 26');
  });

  it('bounds length, depth and number of conditions [C68]', () => {
    const depth = (n: number) => `${'('.repeat(n)}a pr${')'.repeat(n)}`;
    expect(shape(parseFilter(depth(LIMITS.filterDepth)))).toBe('a pr');
    expect(refusal(depth(LIMITS.filterDepth + 1)).detail).toContain('nested');
    expect(refusal(`not (`.repeat(1000)).detail).toContain('nested');
    expect(refusal(`a eq "${'x'.repeat(LIMITS.filterLength)}"`).detail).toContain('longer');
    expect(refusal(Array(1001).fill('a pr').join(' or ')).detail).toContain('conditions');
    expect(parseFilter(Array(LIMITS.filterNodes).fill('a pr').join(' or '))).toMatchObject({ kind: 'or' });
  });

  it('throws nothing but an invalidFilter, whatever it is given [C67]', () => {
    const piece = fc.constantFrom(
      'userName',
      'emails',
      ' eq ',
      ' and ',
      ' or ',
      'not ',
      '(',
      ')',
      '[',
      ']',
      '.value',
      '"',
      '\\',
      'x',
      ' ',
      '1',
      ' pr',
      ':',
      'urn:',
      '\u0000',
      '\ud800',
      '"a"',
      ',',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary', maxLength: 100 }),
    );
    fc.assert(
      fc.property(text, (input) => {
        try {
          parseFilter(input);
        } catch (error) {
          if (!(error instanceof ScimError && error.scimType === 'invalidFilter')) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back what it has read', () => {
    const name = fc.constantFrom('userName', 'name.givenName', 'emails', 'urn:x:y:z');
    const value = fc.oneof(
      fc.string().filter((s) => !s.includes('\0')),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const compare = fc
      .tuple(name, fc.constantFrom('eq', 'ne', 'co', 'gt'), value)
      .map(([n, op, v]) => `${n} ${op} ${JSON.stringify(v)}`);
    const text = fc.letrec<{ filter: string }>((tie) => ({
      filter: fc.oneof(
        { maxDepth: 4 },
        compare,
        fc
          .tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter'))
          .map(([a, op, b]) => `(${a}) ${op} (${b})`),
        tie('filter').map((inner) => `not (${inner})`),
      ),
    })).filter;
    fc.assert(
      fc.property(text, (input) => {
        const once = shape(parseFilter(input));
        expect(shape(parseFilter(once.replaceAll('not(', 'not (')))).toBe(once);
      }),
      { numRuns: 300 },
    );
  });
});
