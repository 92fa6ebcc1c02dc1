import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../common/index.js';
import { userType } from '../../protocol/index.js';
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
  ])('has bounds and defaults: %s [C43] [C44]', (query, expected) => {
    expect(read(query)).toMatchObject(expected);
  });

  it('passes over what is not known, with or without a value [C9]', () => {
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

  it('may be a body [C51]', () => {
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

  it('has an order, of which a direction alone says nothing [C52]', () => {
    expect(read('?sortBy=name.familyName&sortOrder=Descending')).toMatchObject({
      sort: { by: 'name.familyName', descending: true },
    });
    expect(read('?sortby=userName').sort).toEqual({ by: 'userName', descending: false });
    expect(read('?sortBy=&sortOrder=descending').sort).toBeUndefined();
    expect(readSearch(userType, { sortBy: 'title', SORTORDER: 'ascending' }).sort?.by).toBe('title');
    expect(() => read('?sortBy=a&sortOrder=up')).toThrow(invalid('invalidValue'));
    expect(() => readSearch(userType, { sortBy: 1 })).toThrow(invalid('invalidValue'));
  });

  it('goes by cursors where there is one, if only an empty one [C105] [C106]', () => {
    expect(read('?count=5').cursor).toBeUndefined();
    expect(read('?cursor')).toMatchObject({ cursor: '', count: 100 });
    expect(read('?cursor=&count=1000')).toMatchObject({ cursor: '', count: 1000 });
    expect(read('?cursor=aB_-9&startIndex=7')).toMatchObject({ cursor: 'aB_-9' });
    expect(readSearch(userType, { cursor: '', count: 2 })).toMatchObject({ cursor: '', count: 2 });
    expect(readSearch(userType, { cursor: null }).cursor).toBeUndefined();
    for (const count of ['0', '-1', '1001', 'x', '1.5']) {
      expect(() => read(`?cursor=&count=${count}`)).toThrow(invalid('invalidCount'));
    }
    expect(() => readSearch(userType, { cursor: '', count: true })).toThrow(invalid('invalidCount'));
    expect(() => readSearch(userType, { cursor: 5 })).toThrow(invalid('invalidCursor'));
    expect(() => read('?cursor=%zz')).toThrow(invalid('invalidCursor'));
    expect(() => read(`?cursor=${'a'.repeat(8193)}`)).toThrow(invalid('invalidCursor'));
  });

  it('tells whether attributes and filter are stated', () => {
    expect(statesAttributes('/x?attributes=a')).toBe(true);
    expect(statesAttributes('/x?attributes=')).toBe(false);
    expect(statesAttributes('/x')).toBe(false);
    expect(statesFilter('/x?filter=')).toBe(true);
    expect(statesFilter('/x?filters=1')).toBe(false);
  });
});
