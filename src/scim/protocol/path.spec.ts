import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScimError } from './errors.js';
import { parsePath } from './path.js';
import { ENTERPRISE_USER_SCHEMA, USER_SCHEMA } from './urns.js';

describe('the path parser', () => {
  it.each([
    ['displayName', { name: 'displayName' }],
    ['name.familyName', { name: 'name.familyName' }],
    ['emails[type eq "work"]', { name: 'emails', where: { kind: 'compare', value: 'work' } }],
    ['emails[type eq "work"].value', { name: 'emails', sub: 'value', where: { kind: 'compare' } }],
    ['members[value eq "a" or value eq "b"]', { name: 'members', where: { kind: 'or' } }],
    [`${ENTERPRISE_USER_SCHEMA}:department`, { name: `${ENTERPRISE_USER_SCHEMA}:department` }],
    [`${USER_SCHEMA}:userName`, { name: `${USER_SCHEMA}:userName` }],
    [ENTERPRISE_USER_SCHEMA, { name: ENTERPRISE_USER_SCHEMA }],
    ['members.$ref', { name: 'members.$ref' }],
    [' displayName ', { name: 'displayName' }],
  ])('reads %s', (text, expected) => {
    expect(parsePath(text)).toMatchObject(expected);
  });

  it.each([
    '',
    '[',
    'emails[',
    'emails[type eq "work"',
    'emails]',
    'emails[type]',
    'emails[type eq "work"]value x',
    'emails[type eq "work"].',
    'emails[type eq "work"].a.b',
    'a b',
    '"a"',
    '__proto__',
    '__proto__.polluted',
    'constructor.prototype.x',
    'name..x',
    '1a',
    'emails[type eq "work"][0]',
    `emails[${'('.repeat(40)}type pr`,
    'x'.repeat(10_000),
  ])('refuses %s as invalidPath', (text) => {
    expect(() => parsePath(text)).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidPath' }) as Error,
    );
  });

  it('throws nothing but an invalidPath, whatever it is given', () => {
    const piece = fc.constantFrom(
      'emails',
      '[',
      ']',
      '.',
      'value',
      ' eq ',
      '"x"',
      '"',
      'urn:a:',
      '(',
      ')',
      '\0',
      ' ',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (input) => {
        try {
          parsePath(input);
        } catch (error) {
          if (!(error instanceof ScimError && error.scimType === 'invalidPath')) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
