import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../common/index.js';
import {
  findAttribute,
  parseFilter,
  userType,
  type AttributeDefinition,
  type PatchOperation,
} from '../protocol/index.js';
import { allDialects, decodeQueryValue, dialectsFor, presentedToken } from './index.js';
import { entraDottedKeys } from './entra-dotted-keys.js';
import { entraManagerWithoutUrn } from './entra-manager-without-urn.js';
import { entraValuePathInFilter } from './entra-value-path-in-filter.js';

const attribute = (name: string): AttributeDefinition => findAttribute(userType.schema.attributes, name)!;
const context = { type: userType, id: 'u-1' };
const operations = (operation: PatchOperation) => allDialects.operations(operation, context);

describe('dialects', () => {
  it('are chosen by their names, those that are always spoken being so', () => {
    expect(allDialects.permits('sameId')).toBe(true);
    expect(allDialects.permits('reviveInactive')).toBe(false);
    const revives = dialectsFor(['okta-post-again', 'entra-dotted-keys']);
    expect(revives.permits('reviveInactive')).toBe(true);
    expect(revives.permits('sameId')).toBe(true);
    expect(dialectsFor(['okta-post-again'])).toBe(revives);
    expect(dialectsFor([])).toBe(allDialects);
    for (const name of ['', 'okta', 'OKTA-POST-AGAIN', '__proto__', 'raw-plus-in-query'])
      expect(() => dialectsFor([name]), name).toThrow(RangeError);
  });

  it('change nothing that is legal', () => {
    const legal: [string, Json][] = [
      ['active', true],
      ['title', 'True'],
      ['emails', [{ value: 'x', type: 'work' }]],
      ['name', { givenName: 'A' }],
      ['roles', [{ value: 'Admin', display: 'A' }]],
      ['title', null],
      ['emails', []],
    ];
    for (const [name, value] of legal) expect(allDialects.value(attribute(name), value)).toEqual(value);
    for (const operation of [
      { op: 'replace', path: 'title', value: 'x' },
      { op: 'add', value: { displayName: 'x', name: { givenName: 'y' } } },
      { op: 'remove', path: 'emails[type eq "work"]' },
    ] as PatchOperation[])
      expect(operations(operation)).toEqual([operation]);
    for (const filter of [
      'userName eq "x"',
      'active eq true',
      'a gt 1 and not (b pr)',
      'emails[type eq "work" and value eq "x"]',
      'a eq null',
    ])
      expect(allDialects.filter(filter)).toBe(filter);
  });

  it('change what they rewrote no further', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(fc.constantFrom('active', 'emails', 'roles', 'name', 'title'), value, (name, stated) => {
        const once = allDialects.value(attribute(name), stated);
        expect(allDialects.value(attribute(name), once)).toEqual(once);
      }),
    );
  });

  it('split dotted keys into operations with paths', () => {
    expect(
      operations({
        op: 'replace',
        value: {
          displayName: 'A',
          'name.familyName': 'K',
          'emails[type eq "work"].value': 'x',
          'no such.key': 1,
        },
      }),
    ).toEqual([
      { op: 'replace', value: { displayName: 'A', 'no such.key': 1 } },
      { op: 'replace', path: 'name.familyName', value: 'K' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'x' },
    ]);
    const proto = JSON.parse('{"__proto__":{"a":1},"name.givenName":"x"}') as never;
    const [rest] = entraDottedKeys.operation!({ op: 'add', value: proto }, context);
    expect(Object.keys(rest!.value as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(rest!.value)).toBe(Object.prototype);
  });

  it('give the manager its URN, for users only', () => {
    const rewrite = (path: string) =>
      entraManagerWithoutUrn.operation!({ op: 'remove', path }, context)[0]!.path;
    expect(rewrite('Manager')).toMatch(/enterprise:2.0:User:manager$/i);
    expect(rewrite('manager[value eq "x"]')).toMatch(/:manager\[value eq "x"\]$/);
    expect(rewrite('managers')).toBe('managers');
  });

  it('take a sub-attribute after a value path for a condition on the same value [C57]', () => {
    const rewritten = (text: string) => entraValuePathInFilter.filter!(text);
    expect(rewritten('emails[type eq "work" or type eq "home"].value eq "x" and active eq true')).toBe(
      'emails[(type eq "work" or type eq "home") and value eq "x"] and active eq true',
    );
    expect(rewritten('a pr or emails[ type eq "work" ].value PR or phoneNumbers[type pr].value sw "+"')).toBe(
      'a pr or emails[( type eq "work" ) and value PR] or phoneNumbers[(type pr) and value sw "+"]',
    );
    for (const other of [
      'emails[type eq "work"]',
      'emails[type eq "work"] .value eq "x"',
      'emails[type eq "work"].value',
      'emails[type eq "work"].value is "x"',
      'emails[type eq "work"].value eq (',
      ']. eq x',
      'a[b',
    ])
      expect(rewritten(other)).toBe(other);
  });

  it('quote a filter value without quotes', () => {
    expect(allDialects.filter('externalId eq jyoung')).toBe('externalId eq "jyoung"');
    expect(allDialects.filter('userName eq ada@corp.example and active eq true')).toBe(
      'userName eq "ada@corp.example" and active eq true',
    );
    expect(parseFilter(allDialects.filter('externalId eq a or externalId eq b'))).toMatchObject({
      kind: 'or',
    });
    for (const broken of ['', 'a', 'a eq', '(((', 'a eq "x', 'eq eq eq eq'])
      expect(typeof allDialects.filter(broken)).toBe('string');
  });

  it.each([
    ['userName%20eq%20%22ada+test@x%22', 'userName eq "ada+test@x"'],
    ['userName%20eq%20%22ada%2Btest@x%22', 'userName eq "ada+test@x"'],
    ['userName+eq+%22ada%2Btest@x%22', 'userName eq "ada+test@x"'],
    ['userName+eq+%22ada+byron%22', 'userName eq "ada byron"'],
    ['displayName%20eq%20%22a%5C%22+b%22', 'displayName eq "a\\"+b"'],
    ['%C3%A9', 'é'],
    ['%zz', undefined],
    ['%C3', undefined],
    ['a+%', undefined],
  ])('decode %s [C63]', (raw, decoded) => {
    expect(decodeQueryValue(raw)).toBe(decoded);
  });

  it.each([
    ['Bearer t', 't'],
    ['bearer  t ', 't'],
    ['Bearer Bearer t', 't'],
    ['t', 't'],
    ['Bearer', ''],
    ['', ''],
    [undefined, ''],
    ['Bearer Bearer Bearer t', 'Bearer t'],
    ['Bearert', 'Bearert'],
    [`Basic ${btoa('okta:t')}`, 't'],
    [`basic  ${btoa(':t')}`, 't'],
    [`Basic ${btoa('okta:t:u:')}`, 't:u:'],
    [`Basic ${btoa('t')}`, ''],
    ['Basic', ''],
    ['Basic !!', ''],
    [`Basic ${'A'.repeat(20_000)}`, ''],
    ['Basict', 'Basict'],
  ])('find the token in the header %j', (header, token) => {
    expect(presentedToken(header)).toBe(token);
  });
});
