import { describe, expect, it } from 'vitest';
import { redactBody } from './redact-body.js';
import { redactFilter } from './redact-filter.js';
import { rowOf } from './redact.js';

const ID = '0192aaaa-0000-7000-8000-000000000001';

describe('a filter in the request log', () => {
  it.each([
    ['userName eq "ada@corp.example"', 'userName eq "?"'],
    ['externalId eq jyoung', 'externalId eq "?"'],
    ['emails[type eq "work"].value eq "ada@corp.example"', 'emails[type eq "work"].value eq "?"'],
    [`id eq "${ID}" and members eq "${ID}"`, `id eq "${ID}" and members eq "${ID}"`],
    ['active eq true or not (title pr)', 'active eq true or not (title pr)'],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m"',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "?"',
    ],
    ['meta.lastModified gt "2026-01-01T00:00:00Z"', 'meta.lastModified gt "2026-01-01T00:00:00Z"'],
    ['name.familyName co "O\\"Neil"', 'name.familyName co "?"'],
    ['ada@corp.example', '"?"'],
    ['userName equals ada', '"?" "?" "?"'],
    ['userName eq "ada', 'userName eq "?"'],
    ['members[value eq "ada"]', 'members[value eq "?"]'],
    ['type eq "ada@corp.example"', 'type eq "?"'],
    ['phoneNumbers[value sw "+49"] and x eq 5', 'phoneNumbers[value sw "?"] and x eq "?"'],
    ['', ''],
  ])('%s', (filter, shown) => {
    expect(redactFilter(filter)).toBe(shown);
  });

  it('is read in a time that grows with its length at most', () => {
    for (const text of ['"'.repeat(1e6), '\\"'.repeat(1e6), '('.repeat(1e6), 'a '.repeat(1e6)])
      expect(redactFilter(text).length).toBeLessThan(5_000);
  });
});

describe('a body in the request log', () => {
  it('keeps its form, and no word of a person', () => {
    const body = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'ada@corp.example',
      active: true,
      password: 'x7Gq',
      emails: [{ type: 'work', primary: true, value: 'ada@corp.example' }],
      name: { givenName: 'Ada', familyName: null },
      nickName: '',
      employeeNumber: 42,
      'urn:x:2.0:User': { department: 'R&D', manager: { value: ID } },
    };
    expect(redactBody(body, false)).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: '[redacted]',
      active: true,
      password: '[secret]',
      emails: [{ type: 'work', primary: true, value: '[redacted]' }],
      name: { givenName: '[redacted]', familyName: null },
      nickName: '',
      employeeNumber: '[redacted]',
      'urn:x:2.0:User': { department: '[redacted]', manager: { value: ID } },
    });
  });

  it('shows what a PATCH does, in every spelling', () => {
    const operations = [
      { op: 'Replace', path: 'active', value: 'False' },
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'ada@corp.example' },
      { op: 'remove', path: 'members[value eq "ada"]' },
      { op: 'replace', path: 'password', value: 'x7Gq' },
      { op: 'replace', value: { 'name.familyName': 'King', 'emails[type eq "work"].value': 'a@b.example' } },
    ];
    expect(redactBody({ Operations: operations }, false)).toEqual({
      Operations: [
        { op: 'Replace', path: 'active', value: 'False' },
        { op: 'Add', path: 'emails[type eq "work"].value', value: '[redacted]' },
        { op: 'remove', path: 'members[value eq "?"]' },
        { op: 'replace', path: 'password', value: '[secret]' },
        {
          op: 'replace',
          value: { 'name.familyName': '[redacted]', 'emails[type eq "work"].value': '[redacted]' },
        },
      ],
    });
  });

  it('keeps values where that was asked for, and secrets never', () => {
    const body = {
      userName: 'ada',
      employeeNumber: 42,
      password: 'x7Gq',
      apiToken: { deep: 'x7Gq' },
      Operations: [{ Path: 'password', value: { a: 'x7Gq' } }],
    };
    const shown = redactBody(body, true);
    expect(shown).toMatchObject({ userName: 'ada', employeeNumber: 42 });
    expect(JSON.stringify(shown)).not.toContain('x7Gq');
  });

  it('is bounded, whatever was sent', () => {
    let deep: unknown = 'x';
    for (let n = 0; n < 5_000; n++) deep = { a: deep };
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, 'x'.repeat(1_000)]));
    const members = Array.from({ length: 50_000 }, () => ({ value: ID }));
    for (const body of [deep, wide, { members }, 'x'.repeat(1e6)])
      for (const values of [false, true])
        expect(JSON.stringify(redactBody(body, values)).length).toBeLessThan(100_000);
    expect(redactBody({ members }, false)).toMatchObject({
      members: expect.arrayContaining(['[… 49980 more]']) as unknown,
    });
  });

  it('is nothing that a prototype could be changed by, or that the database refuses', () => {
    const shown = redactBody(JSON.parse('{"__proto__":{"polluted":true},"a":"\\u0000\\ud800"}'), true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(JSON.stringify(shown)).not.toMatch(/\\u0000|\\ud800/);
  });
});

describe('a request in the request log', () => {
  const row = (url: string, values = false) =>
    rowOf({ connectionId: ID, method: 'GET', url, status: 200, ms: 1.234 }, 1_000, values);

  it.each([
    [
      '/scim/v2/Users?filter=userName%20eq%20%22ada%22&startIndex=1&count=100',
      '/scim/v2/Users?startIndex=1&count=100',
    ],
    [
      `/connections/okta/scim/v2/Groups/${ID}?excludedAttributes=members`,
      `/connections/okta/scim/v2/Groups/${ID}?excludedAttributes=members`,
    ],
    ['/scim/v2/Users/ada@corp.example', '/scim/v2/Users/[redacted]'],
    [
      '/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User',
      '/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User',
    ],
    ['/scim/v2/Users?aadOptscim062020&x=ada&sortBy=ada@corp.example', '/scim/v2/Users'],
    ['/scim/v2/Users?count=%zz', '/scim/v2/Users'],
  ])('%s', (url, path) => {
    expect(row(url).path).toBe(path);
  });

  it('has its filter apart, and began before it ended', () => {
    expect(row('/scim/v2/Users?filter=userName+eq+%22ada%22')).toMatchObject({
      filter: 'userName eq "?"',
      at: '1970-01-01T00:00:00.998Z',
      ms: 1.2,
    });
    expect(row('/scim/v2/Users?filter=userName+eq+%22ada%22', true).filter).toBe('userName eq "ada"');
  });

  it('says why it was refused, without what was quoted', () => {
    const seen = { connectionId: ID, method: 'POST', url: '/scim/v2/Users', status: 409, ms: 1 };
    const detail = 'username "ada" is taken by ada@corp.example';
    expect(rowOf({ ...seen, detail, scimType: 'uniqueness' }, 0, false)).toMatchObject({
      detail: 'username "?" is taken by [redacted]',
      scim_type: 'uniqueness',
    });
  });
});
