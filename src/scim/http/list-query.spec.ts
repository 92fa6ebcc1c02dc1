import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { userType } from '../protocol/index.js';
import { readListQuery, readSearch, statesAttributes, statesFilter } from './list-query.js';

const read = (query: string) => readListQuery(userType, `/scim/v2/Users${query}`);
const invalid = (scimType: string) => expect.objectContaining({ status: 400, scimType }) as Error;

describe('the query of a list', () => {
  it.each([
    ['', { startIndex: 1, count: 100 }],
    ['?startIndex=101&count=100', { startIndex: 101, count: 100 }],
    ['?startIndex=0', { startIndex: 1 }],
    ['?startIndex=-5&count=-1', { startIndex: 1, count: 0 }],
    ['?count=0', { count: 0 }],
    ['?count=5000', { count: 1000 }],
    ['?count=99999999999999999999999', { count: 1000 }],
    ['?startIndex=99999999999999999999999', { startIndex: 2 ** 31 }],
    ['?startIndex=&count=', { startIndex: 1, count: 100 }],
    ['?count=2&count=7', { count: 2 }],
  ])('(43) (44) has bounds and defaults: %s', (query, expected) => {
    expect(read(query)).toMatchObject(expected);
  });

  it('(9) passes over what is not known, with or without a value', () => {
    expect(read('?aadOptscim062020&x=%zz&__proto__=1&filter=a%20pr')).toMatchObject({
      filter: 'a pr',
      count: 100,
    });
  });

  it('refuses what is no number, or badly encoded', () => {
    expect(() => read('?count=many')).toThrow(invalid('invalidValue'));
    expect(() => read('?startIndex=1.5')).toThrow(invalid('invalidValue'));
    expect(() => read('?count=%zz')).toThrow(invalid('invalidValue'));
    expect(() => read('?filter=%zz')).toThrow(invalid('invalidFilter'));
    expect(() => read('?attributes=%zz')).toThrow(invalid('invalidValue'));
  });

  it('(51) may be a body', () => {
    expect(
      readSearch(userType, { filter: 'a pr', startIndex: 3, COUNT: '7', attributes: ['userName'] }),
    ).toMatchObject({ filter: 'a pr', startIndex: 3, count: 7 });
    expect(readSearch(userType, {})).toMatchObject({ startIndex: 1, count: 100 });
    const bodies: JsonObject[] = [{ count: {} }, { count: [1, 2] }, { startIndex: true }, { attributes: 5 }];
    for (const body of bodies) {
      expect(() => readSearch(userType, body)).toThrow(invalid('invalidValue'));
    }
    expect(() => readSearch(userType, { filter: 5 })).toThrow(invalid('invalidFilter'));
  });

  it('tells whether attributes and filter are stated', () => {
    expect(statesAttributes('/x?attributes=a')).toBe(true);
    expect(statesAttributes('/x?attributes=')).toBe(false);
    expect(statesAttributes('/x')).toBe(false);
    expect(statesFilter('/x?filter=')).toBe(true);
    expect(statesFilter('/x?filters=1')).toBe(false);
  });
});
