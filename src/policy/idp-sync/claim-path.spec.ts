import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../common/index.js';
import { withClaimPaths, type ClaimPath } from './claim-path.js';
import { claimValues } from './claim-values.js';

const PATH: ClaimPath = { paths: ['at'], separator: null, absentIsEmpty: false };

function read(claims: JsonObject, change: Partial<ClaimPath> = {}, unreadable: Record<string, string> = {}) {
  return withClaimPaths({ claims, unreadable }, new Map([['groups', { ...PATH, ...change }]]));
}
function values(...given: Parameters<typeof read>): readonly string[] | string {
  const found = claimValues(read(...given), 'groups');
  return found.kind === 'values' ? found.values : found.kind === 'missing' ? 'missing' : found.why;
}

describe('a claim by a configured path', () => {
  it('is off for all claims that no path is configured for', () => {
    const claims = { realm_access: { roles: ['a'] }, groups: 'b;c' };
    const given = { claims, unreadable: {} };
    expect(withClaimPaths(given, new Map())).toBe(given);
    expect(read(claims).claims['realm_access']).toBe(claims.realm_access);
  });

  it.each<readonly [string, JsonObject]>([
    ['realm_access.roles', { realm_access: { roles: ['x'] } }],
    ['https://acme.example/roles', { 'https://acme.example/roles': ['x'] }],
    ['a.b', { 'a.b': ['x'], a: { b: ['y'] } }],
    ['resource_access.my.client.roles', { resource_access: { 'my.client': { roles: ['x'] } } }],
    ['a.b.c', { 'a.b': { d: 1 }, a: { 'b.c': ['x'] } }],
    ['__proto__.roles', JSON.parse('{"__proto__":{"roles":["x"]}}') as JsonObject],
  ])('is found at %s: the exact name first, then step by step', (path, claims) => {
    expect(values(claims, { paths: [path] })).toEqual(['x']);
  });

  it.each(['constructor.name', 'length', 'a.length', 'at.0', '__proto__.x', ''])(
    'finds nothing at %j',
    (path) => {
      expect(values({ a: ['x'], at: ['x'] }, { paths: [path] })).toMatch('there is nothing at');
    },
  );

  it('is the first of several paths that is there, empty or not', () => {
    expect(values({ two: ['x'], three: ['y'] }, { paths: ['one', 'two', 'three'] })).toEqual(['x']);
    expect(values({ one: [], two: ['x'] }, { paths: ['one', 'two'] })).toEqual([]);
  });

  it.each<readonly [Json, readonly string[]]>([
    ['one', ['one']],
    ['a,b', ['a,b']],
    [
      ['a', ' b ', 'a', '', 7, null, ['c']],
      ['a', 'b'],
    ],
    ['["a","b"]', ['a', 'b']],
    ['[not json', ['[not json']],
    [null, []],
    ['', []],
    [[], []],
    [
      [{ name: 'a', id: '1' }, { id: 'b' }, { value: 'c' }, { displayName: 'd' }, { other: 'e' }],
      ['a', 'b', 'c', 'd'],
    ],
    [{ name: 'a' }, ['a']],
    [
      ['x'.repeat(257), 'A', 'a'],
      ['A', 'a'],
    ],
  ])('makes of %j the values %j', (claim, list) => {
    expect(values({ at: claim })).toEqual(list);
  });

  it('is split only where a separator is configured', () => {
    expect(values({ at: 'a; b;;c' })).toEqual(['a; b;;c']);
    expect(values({ at: 'a; b;;c' }, { separator: ';' })).toEqual(['a', 'b', 'c']);
    expect(values({ at: ['a;b'] }, { separator: ';' })).toEqual(['a;b']);
  });

  it.each([7, true, { other: 'a' }])('cannot be read as %j', (claim) => {
    expect(values({ at: claim })).toMatch('neither a text nor a list');
  });

  it('is not known where it is absent, unless absent is configured to mean none', () => {
    expect(values({ groups: ['x'] })).toMatch('there is nothing at "at"');
    expect(values({ groups: ['x'] }, { absentIsEmpty: true })).toEqual([]);
  });

  it('is not known where its provider withheld it, whatever absent means', () => {
    for (const name of ['at', 'at.deep'])
      expect(values({}, { paths: ['at.deep'], absentIsEmpty: true }, { [name]: 'over 200' })).toMatch(
        'over 200',
      );
  });

  it('is not known where it has more values than anybody reads', () => {
    expect(values({ at: Array.from({ length: 1001 }, (_, i) => `g${i}`) })).toMatch('more than 1000');
  });

  it('takes the place of a claim of the name that Coder reads', () => {
    const found = read({ at: ['a'], groups: ['b'] }, {}, { groups: 'not this one' });
    expect(found).toEqual({ claims: { at: ['a'], groups: ['a'] }, unreadable: {} });
  });
});
