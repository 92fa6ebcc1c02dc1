import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { allDialects } from '../dialects/index.js';
import { schemasOf } from './document.js';
import { ScimError } from './errors.js';
import { userType } from './schema/index.js';
import { strict } from './tolerance.js';
import { ENTERPRISE_USER_SCHEMA as ENT, USER_SCHEMA } from './urns.js';
import { readUser, userFacts } from './user.js';

const read = (body: object, wasActive?: boolean) => readUser(body as JsonObject, allDialects, wasActive);
const invalid = (at: RegExp) =>
  expect.objectContaining({
    status: 400,
    scimType: 'invalidValue',
    detail: expect.stringMatching(at) as string,
  }) as Error;

describe('the body of a user', () => {
  it('loses what only the bridge may say, the password, and what no schema knows [C25] [C35]', () => {
    const body = {
      schemas: [USER_SCHEMA, 'urn:scim:schemas:core:1.0'],
      id: 'mine',
      meta: { location: 'x' },
      groups: [{ value: 'g' }],
      password: 'x7Gq',
      'urn:custom:schema': { a: 1 },
      favouriteColour: 'red',
      userName: 'ada',
      [ENT]: { manager: { value: 'u-17', $ref: 'x', displayName: 'Bob' }, shoeSize: 42 },
    };
    expect(read(body)).toEqual({ userName: 'ada', active: true, [ENT]: { manager: { value: 'u-17' } } });
  });

  it('keeps every value of the schema as it was sent [C29]', () => {
    const body = {
      userName: 'Ada@Corp.example',
      externalId: '00u9examplE0001',
      name: { formatted: 'Ada Byron', familyName: 'Byron', givenName: 'Ada', honorificPrefix: 'Lady' },
      displayName: '  Ada ',
      locale: 'en-US',
      active: true,
      emails: [
        { primary: true, value: 'ada@corp.example', type: 'work' },
        { value: 'a@home.example', type: 'home', display: 'A' },
      ],
      phoneNumbers: [{ value: '+44 (0)20 7946-0001', type: 'mobile' }],
      addresses: [{ type: 'work', formatted: '12 Mill Lane\nLondon', primary: true }],
      roles: [{ primary: false, type: 'WindowsAzureActiveDirectoryRole', display: 'Admin', value: 'Admin' }],
      x509Certificates: [{ value: 'MIID' }],
      [ENT]: { employeeNumber: '0042', department: 'R&D' },
    };
    expect(read(body)).toEqual(body);
  });

  it('needs a userName [C26]', () => {
    for (const body of [{}, { userName: null }, { userName: '' }, { userName: '   ' }]) {
      expect(() => read(body)).toThrow(invalid(/^userName: is required/));
    }
  });

  it('is active unless it says otherwise, and as it was where it does not say [C30]', () => {
    expect(read({ userName: 'a' })['active']).toBe(true);
    expect(read({ userName: 'a', active: null })['active']).toBe(true);
    expect(read({ userName: 'a', active: false })['active']).toBe(false);
    expect(read({ userName: 'a' }, false)['active']).toBe(false);
  });

  it('"True" for a boolean means true, and for nothing else [C31]', () => {
    expect(read({ userName: 'a', active: 'True' })['active']).toBe(true);
    expect(read({ userName: 'a', active: 'false' })['active']).toBe(false);
    expect(read({ userName: 'a', title: 'True' })['title']).toBe('True');
    expect(() => read({ userName: 'a', active: 'yes' })).toThrow(invalid(/^active: must be true or false/));
    expect(() => readUser({ schemas: [USER_SCHEMA], userName: 'a', active: 'True' }, strict)).toThrow(
      invalid(/^active/),
    );
  });

  it('has one primary value at most [C32]', () => {
    const emails = [
      { value: 'a', primary: true },
      { value: 'b', primary: true },
      { value: 'c', primary: 'True' },
    ];
    expect(read({ userName: 'a', emails })['emails']).toEqual([
      { value: 'a', primary: true },
      { value: 'b', primary: false },
      { value: 'c', primary: false },
    ]);
  });

  it('takes null, "" and empty arrays and objects for absent [C34]', () => {
    const body = {
      userName: 'a',
      title: null,
      nickName: '',
      emails: [],
      roles: [null],
      name: {},
      addresses: [{}],
      externalId: null,
      [ENT]: null,
    };
    expect(read(body)).toEqual({ userName: 'a', active: true });
    expect(
      read({ userName: 'a', name: { givenName: null, familyName: 'B' }, [ENT]: { department: '' } }),
    ).toEqual({
      userName: 'a',
      active: true,
      name: { familyName: 'B' },
    });
  });

  it('is read with names in any case, URNs too [C37]', () => {
    expect(
      read({
        USERNAME: 'a',
        Emails: [{ VALUE: 'x', Primary: true }],
        [ENT.toUpperCase()]: { Department: 'R' },
      }),
    ).toEqual({
      userName: 'a',
      active: true,
      emails: [{ value: 'x', primary: true }],
      [ENT]: { department: 'R' },
    });
  });

  it('takes one object, and plain strings, for a list of values', () => {
    expect(read({ userName: 'a', emails: { value: 'x@y' } })['emails']).toEqual([{ value: 'x@y' }]);
    expect(read({ userName: 'a', roles: ['Admin', { value: 'B' }] })['roles']).toEqual([
      { value: 'Admin' },
      { value: 'B' },
    ]);
  });

  it('takes a role that is JSON in a string for what is inside it, and displayName for display', () => {
    const value = JSON.stringify({ id: '1', value: 'Admin', displayName: 'Administrator' });
    expect(
      read({ userName: 'a', roles: [{ value }, { value: '{no json' }, { value: 'x', displayName: 'X' }] })[
        'roles'
      ],
    ).toEqual([
      { value: 'Admin', display: 'Administrator' },
      { value: '{no json' },
      { value: 'x', display: 'X' },
    ]);
  });

  it.each([
    [{ userName: 1 }, /^userName: must be a string/],
    [{ userName: ['a'] }, /^userName/],
    [{ userName: 'a', name: 'Ada' }, /^name: must be an object/],
    [{ userName: 'a', emails: 5 }, /^emails\[0\]: must be an object/],
    [{ userName: 'a', emails: [{ value: {} }] }, /^emails\[0\]\.value: must be a string/],
    [{ userName: 'a', emails: [{ value: 'x' }, { primary: 3 }] }, /^emails\[1\]\.primary/],
    [{ userName: 'a', [ENT]: 'x' }, /enterprise:2\.0:User: must be an object/],
    [{ userName: 'a', [ENT]: { department: 7 } }, /enterprise:2\.0:User:department: must be a string/],
    [{ userName: 'a', title: 'x\0y' }, /^title: contains a NUL/],
    [{ userName: 'a', name: { givenName: '\ud800' } }, /^name\.givenName: contains a lone surrogate/],
    [{ userName: 'x'.repeat(513) }, /^userName: is longer than 512/],
    [{ userName: 'a', externalId: 'x'.repeat(513) }, /^externalId/],
    [{ userName: 'a', emails: [{ value: 'x'.repeat(513) }] }, /^emails\[0\]\.value/],
    [{ userName: 'a', title: 'é'.repeat(140_000) }, /larger than/],
    [{ userName: 'a', roles: Array(1001).fill({ value: 'x' }) }, /^roles: holds more/],
  ])('refuses what has another type or is too large, naming where: %#', (body, at) => {
    expect(() => read(body)).toThrow(invalid(at));
  });

  it('cannot reach a prototype', () => {
    const body = JSON.parse(
      '{"userName":"a","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":{"__proto__":{"polluted":1},"givenName":"A"}}',
    ) as JsonObject;
    expect(read(body)).toEqual({ userName: 'a', active: true, name: { givenName: 'A' } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('throws nothing but a ScimError, whatever it holds', () => {
    const names = [
      'userName',
      'emails',
      'name',
      'active',
      'roles',
      ENT,
      'manager',
      'value',
      '__proto__',
      'externalId',
      'x',
    ];
    const body = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 4 }));
    const nested = fc.tuple(body, body).map(([a, b]) => ({ ...a, emails: [b, b], [ENT]: b, name: b }));
    fc.assert(
      fc.property(fc.oneof(body, nested), (value) => {
        try {
          const document = read({ userName: 'u', ...value });
          expect(read(document)).toEqual(document);
        } catch (error) {
          if (!(error instanceof ScimError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('lists the core schema and the extensions that hold data [C28]', () => {
    expect(schemasOf(userType, read({ userName: 'a' }))).toEqual([USER_SCHEMA]);
    expect(schemasOf(userType, read({ userName: 'a', [ENT]: { department: 'R' } }))).toEqual([
      USER_SCHEMA,
      ENT,
    ]);
  });
});

describe('the facts of a user', () => {
  const facts = (body: object) => userFacts(read({ userName: 'ada', ...body }), allDialects);

  it.each([
    [
      {
        emails: [
          { value: 'a@x', type: 'work' },
          { value: 'b@x', primary: true },
        ],
      },
      'b@x',
    ],
    [
      {
        emails: [
          { value: 'a@x', type: 'home' },
          { value: 'b@x', type: 'Work' },
        ],
      },
      'b@x',
    ],
    [{ emails: [{ value: 'a@x', type: 'home' }, { value: 'b@x' }] }, 'a@x'],
    [{ emails: [{ type: 'work', primary: true }, { value: ' b@x ' }] }, 'b@x'],
    [{ userName: 'ada@corp.example' }, 'ada@corp.example'],
    [{ userName: 'ada' }, null],
    [{ userName: 'CORP\\ada' }, null],
  ])('choose the email: primary, work, first, userName: %#', (body, email) => {
    expect(facts(body).email).toBe(email);
  });

  it('keep the address and the name for Coder of who is in a recycle bin under a tombstone of a name', () => {
    const tombstone = '283405f5c1d24ab09a4ef1a2b3c4d5e6ada@corp.example';
    const plain = 'ada@corp.example';
    for (const active of [false, true]) {
      const told = { userName: tombstone, email: plain, access: { username: plain } };
      expect(facts({ userName: tombstone, active })).toMatchObject(told);
      const emails = [{ value: tombstone, primary: true }];
      expect(facts({ userName: tombstone, active, emails })).toMatchObject(told);
    }
    expect(facts({ userName: plain })).not.toHaveProperty('access');
    const stated = {
      'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User': { username: 'countess' },
    };
    expect(facts({ userName: tombstone, ...stated }).access).toEqual({ username: 'countess' });
  });

  it.each([
    [{ name: { formatted: ' Ada Byron ', givenName: 'X' }, displayName: 'D' }, 'Ada Byron'],
    [{ name: { givenName: 'Ada', familyName: 'Byron' }, displayName: 'D' }, 'Ada Byron'],
    [{ name: { familyName: 'Byron' } }, 'Byron'],
    [{ name: { middleName: 'M' }, displayName: 'Ada' }, 'Ada'],
    [{}, ''],
  ])('choose the name: formatted, given and family, displayName: %#', (body, fullName) => {
    expect(facts(body).fullName).toBe(fullName);
  });

  it('cut the name to 128 characters, none of them in halves', () => {
    expect(Array.from(facts({ displayName: '😀'.repeat(200) }).fullName)).toHaveLength(128);
    expect(facts({ displayName: `${'x'.repeat(127)} y` }).fullName).toBe('x'.repeat(127));
  });

  it('have the externalId, and null for none', () => {
    expect(facts({ externalId: 'e' }).externalId).toBe('e');
    expect(facts({}).externalId).toBeNull();
  });
});
