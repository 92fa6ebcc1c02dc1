import { describe, expect, it } from 'vitest';
import { claimValues } from './claim-values.js';
import type { JsonObject } from '../../common/index.js';

const of = (claims: JsonObject, field = 'c') => claimValues({ claims, unreadable: {} }, field);

describe('the values of a claim', () => {
  it.each([
    [null, []],
    ['', []],
    [[], []],
    ['one', ['one']],
    ['one two', ['one two']],
    [
      ['b', 'a', 'b'],
      ['b', 'a', 'b'],
    ],
    [['a,b'], ['a,b']],
    [
      ['', 'a'],
      ['', 'a'],
    ],
  ])('of %j are %j: order and repetitions stay, a single text is one value', (claim, values) => {
    expect(of({ c: claim })).toEqual({ kind: 'values', values });
  });

  it.each([
    ['a,b', 'a text with a comma'],
    [',', 'a text with a comma'],
    [7, 'a number'],
    [0, 'a number'],
    [true, 'true or false'],
    [false, 'true or false'],
    [{}, 'an object'],
    [['a', 1], 'a list that holds more than texts'],
    [['a', null], 'a list that holds more than texts'],
    [[['a']], 'a list that holds more than texts'],
  ])('of %j cannot be read, and the reason says so', (claim, why) => {
    expect(of({ c: claim })).toEqual({
      kind: 'unreadable',
      cause: 'parse',
      why: expect.stringContaining(`the claim "c" is ${why}`),
    });
  });

  it('are missing where there is no such name at the top: no paths, no case, nothing inherited', () => {
    const claims = { a: { b: ['x'] }, Groups: ['x'] };
    for (const field of ['a.b', 'groups', 'constructor', '__proto__', 'toString'])
      expect(of(claims, field)).toEqual({ kind: 'missing' });
    const odd = JSON.parse('{"__proto__": ["x"], "a.b": "y"}') as JsonObject;
    expect(of(odd, '__proto__')).toEqual({ kind: 'values', values: ['x'] });
    expect(of(odd, 'a.b')).toEqual({ kind: 'values', values: ['y'] });
  });

  it('that could not be had are unreadable, not missing, whatever stands in their place', () => {
    const withheld = { kind: 'unreadable', cause: 'withheld', why: expect.stringContaining('over 200') };
    for (const claims of [{}, { groups: [] }, { groups: ['a'] }] as JsonObject[])
      expect(claimValues({ claims, unreadable: { groups: 'over 200' } }, 'groups')).toEqual(withheld);
  });

  it('are no part of the claims', () => {
    const list = ['x'];
    const read = of({ c: list });
    list.push('y');
    expect(read).toEqual({ kind: 'values', values: ['x'] });
  });

  it('keep a long name of a claim out of the reason', () => {
    const read = of({ ['x'.repeat(5000)]: 7 }, 'x'.repeat(5000));
    expect(read.kind === 'unreadable' ? read.why.length : 0).toBeLessThan(250);
  });
});
