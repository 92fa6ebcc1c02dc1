import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../common/index.js';
import { allDialects } from '../../dialects/index.js';
import { userType } from '../schema/index.js';
import {
  CODER_USER_SCHEMA as CODER,
  ENTERPRISE_USER_SCHEMA as ENT,
  PATCH_OP_SCHEMA,
  USER_SCHEMA,
} from '../urns.js';
import { applyPatch } from './apply.js';
import { preparePatch } from './prepare.js';

const ID = 'u-1';
const BASE = { userName: 'ada', active: true };

function patch(document: object, ...operations: readonly object[]): JsonObject {
  const body = { schemas: [PATCH_OP_SCHEMA], Operations: operations } as unknown as JsonObject;
  const prepared = preparePatch({ type: userType, id: ID }, body, allDialects);
  return applyPatch(userType, document as JsonObject, prepared.operations, allDialects);
}
const refused = (scimType: string) => expect.objectContaining({ status: 400, scimType }) as Error;

describe('PATCH of a user', () => {
  it('adds, replaces and removes a simple attribute, op in any case [C77] [C78]', () => {
    expect(patch(BASE, { op: 'Add', path: 'title', value: 'x' })).toEqual({ ...BASE, title: 'x' });
    expect(patch({ ...BASE, title: 'x' }, { op: 'REPLACE', path: 'TITLE', value: 'y' })).toEqual({
      ...BASE,
      title: 'y',
    });
    expect(patch({ ...BASE, title: 'x' }, { op: 'Remove', path: 'title' })).toEqual(BASE);
  });

  it('merges a complex attribute, by its own path or its sub-attribute [C78]', () => {
    const document = { ...BASE, name: { givenName: 'Ada', familyName: 'Byron' } };
    const king = { ...BASE, name: { givenName: 'Ada', familyName: 'King' } };
    expect(patch(document, { op: 'replace', path: 'name', value: { familyName: 'King' } })).toEqual(king);
    expect(patch(document, { op: 'add', path: 'name.familyName', value: 'King' })).toEqual(king);
    expect(patch(document, { op: 'replace', path: 'name', value: { familyName: null } })).toEqual({
      ...BASE,
      name: { givenName: 'Ada' },
    });
    expect(
      patch(document, { op: 'remove', path: 'name.familyName' }, { op: 'remove', path: 'name.givenName' }),
    ).toEqual(BASE);
    expect(patch(document, { op: 'remove', path: 'name' })).toEqual(BASE);
  });

  it('adds, replaces and removes attributes by their full URN [C78] [C93]', () => {
    expect(patch(BASE, { op: 'add', path: `${ENT}:department`, value: 'Ops' })).toEqual({
      ...BASE,
      [ENT]: { department: 'Ops' },
    });
    expect(
      patch(
        { ...BASE, [ENT]: { department: 'Ops' } },
        { op: 'remove', path: `${ENT.toUpperCase()}:department` },
      ),
    ).toEqual(BASE);
    expect(patch(BASE, { op: 'replace', path: `${USER_SCHEMA}:userName`, value: 'b' })).toEqual({
      ...BASE,
      userName: 'b',
    });
    expect(patch(BASE, { op: 'add', path: `${USER_SCHEMA}:name.givenName`, value: 'b' })).toEqual({
      ...BASE,
      name: { givenName: 'b' },
    });
  });

  it('takes an object without a path: nested, with dotted keys, with URN keys, with a URN object [C79]', () => {
    const expected = {
      ...BASE,
      displayName: 'Ada King',
      name: { familyName: 'King' },
      [ENT]: { employeeNumber: '43' },
    };
    const forms = [
      { displayName: 'Ada King', name: { familyName: 'King' }, [ENT]: { employeeNumber: '43' } },
      { displayName: 'Ada King', 'name.familyName': 'King', [`${ENT}:employeeNumber`]: '43' },
      { DISPLAYNAME: 'Ada King', 'Name.FamilyName': 'King', [ENT.toLowerCase()]: { EmployeeNumber: '43' } },
    ];
    for (const value of forms) {
      expect(patch(BASE, { op: 'replace', value })).toEqual(expected);
      expect(patch(BASE, { op: 'add', value })).toEqual(expected);
    }
  });

  it('takes a filtered path as a key [C79]', () => {
    expect(patch(BASE, { op: 'replace', value: { 'emails[type eq "work"].value': 'x@y' } })).toEqual({
      ...BASE,
      emails: [{ type: 'work', value: 'x@y' }],
    });
  });

  it.each(['add', 'replace', 'Add'])(
    'creates the value that a filter describes when there is none: %s [C80]',
    (op) => {
      expect(patch(BASE, { op, path: 'emails[type eq "work"].value', value: 'x@y' })).toEqual({
        ...BASE,
        emails: [{ type: 'work', value: 'x@y' }],
      });
      const home = { type: 'home', value: 'h' };
      expect(
        patch(
          { ...BASE, addresses: [home] },
          { op, path: 'addresses[type eq "work" and primary eq "True"].formatted', value: 'z' },
        )['addresses'],
      ).toEqual([home, { type: 'work', primary: true, formatted: 'z' }]);
    },
  );

  it('changes the value that is there, and it alone [C80]', () => {
    const emails = [
      { type: 'home', value: 'h' },
      { type: 'Work', value: 'w', primary: true },
    ];
    expect(
      patch({ ...BASE, emails }, { op: 'Replace', path: 'emails[type eq "work"].value', value: 'n' })[
        'emails'
      ],
    ).toEqual([emails[0], { type: 'Work', value: 'n', primary: true }]);
  });

  it.each(['[primary eq true]', '[primary eq "True"]', '[PRIMARY eq "true"]'])(
    'selects the primary value by %s [C81]',
    (filter) => {
      const document = { ...BASE, roles: [{ value: 'a' }, { value: 'b', primary: true }] };
      expect(patch(document, { op: 'replace', path: `roles${filter}.value`, value: 'c' })['roles']).toEqual([
        { value: 'a' },
        { value: 'c', primary: true },
      ]);
      expect(patch(BASE, { op: 'add', path: `roles${filter}.value`, value: 'c' })['roles']).toEqual([
        { value: 'c', primary: true },
      ]);
    },
  );

  it('takes a whole value by a filter [C82]', () => {
    const work = { type: 'work', locality: 'London', region: 'x' };
    const path = 'addresses[type eq "work"]';
    expect(
      patch({ ...BASE, addresses: [work] }, { op: 'add', path, value: { locality: 'Paris' } })['addresses'],
    ).toEqual([{ ...work, locality: 'Paris' }]);
    expect(
      patch({ ...BASE, addresses: [work] }, { op: 'replace', path, value: { locality: 'Paris' } })[
        'addresses'
      ],
    ).toEqual([{ type: 'work', locality: 'Paris' }]);
    expect(patch(BASE, { op: 'replace', path, value: { locality: 'Paris' } })['addresses']).toEqual([
      { type: 'work', locality: 'Paris' },
    ]);
    expect(
      patch({ ...BASE, addresses: [work, { type: 'home', locality: 'Rome' }] }, { op: 'remove', path })[
        'addresses'
      ],
    ).toEqual([{ type: 'home', locality: 'Rome' }]);
  });

  it('appends to a list what is not there: one, several, or a single object [C83]', () => {
    const emails = [{ value: 'a', type: 'work' }];
    const document = { ...BASE, emails };
    expect(
      patch(document, { op: 'add', path: 'emails', value: [{ value: 'a', type: 'work' }, { value: 'b' }] })[
        'emails'
      ],
    ).toEqual([...emails, { value: 'b' }]);
    expect(patch(document, { op: 'add', path: 'emails', value: { value: 'b' } })['emails']).toEqual([
      ...emails,
      { value: 'b' },
    ]);
    expect(patch(document, { op: 'add', path: 'emails', value: [{ value: 'a', type: 'work' }] })).toBe(
      document,
    );
    expect(patch(document, { op: 'add', value: { emails: [{ value: 'b' }] } })['emails']).toEqual([
      ...emails,
      { value: 'b' },
    ]);
    const address = { formatted: 'x' };
    expect(
      patch(
        { ...BASE, addresses: [address] },
        { op: 'add', path: 'addresses', value: [address, { formatted: 'y' }] },
      )['addresses'],
    ).toEqual([address, { formatted: 'y' }]);
  });

  it('replaces a whole list, and empties it by [] [C84]', () => {
    const document = { ...BASE, emails: [{ value: 'a' }] };
    expect(patch(document, { op: 'replace', path: 'emails', value: [{ value: 'b' }] })['emails']).toEqual([
      { value: 'b' },
    ]);
    expect(patch(document, { op: 'replace', path: 'emails', value: [] })).toEqual(BASE);
  });

  it.each([null, ''])('unsets an optional attribute by %j [C85]', (value) => {
    const document = {
      ...BASE,
      title: 'x',
      name: { givenName: 'A' },
      emails: [{ value: 'a', type: 'work' }],
      [ENT]: { department: 'R' },
    };
    for (const path of ['title', 'name', 'emails', `${ENT}:department`, 'name.givenName']) {
      expect(patch(document, { op: 'Replace', path, value })).not.toHaveProperty([path.split('.')[0]!]);
    }
    expect(patch(document, { op: 'replace', path: `${ENT}:department`, value })).not.toHaveProperty([ENT]);
    expect(patch(document, { op: 'replace', path: 'emails[type eq "work"].value', value })['emails']).toEqual(
      [{ type: 'work' }],
    );
    expect(patch(BASE, { op: 'replace', path: 'emails[type eq "work"].value', value })).toBe(BASE);
    expect(patch(document, { op: 'replace', value: { title: value } })).not.toHaveProperty('title');
    expect(() => patch(document, { op: 'replace', path: 'userName', value })).toThrow(
      refused('invalidValue'),
    );
  });

  it('refuses remove without a path [C86]', () => {
    expect(() => patch(BASE, { op: 'remove' })).toThrow(refused('noTarget'));
    expect(() => patch(BASE, { op: 'remove', value: { title: 'x' } })).toThrow(refused('noTarget'));
  });

  it('removes from a list what the value names only [C87]', () => {
    const roles = [{ value: 'a', type: 't' }, { value: 'b' }, { value: 'c' }];
    expect(
      patch(
        { ...BASE, roles },
        { op: 'Remove', path: 'roles', value: [{ value: 'a' }, { value: 'c', type: 'other' }] },
      )['roles'],
    ).toEqual([{ value: 'b' }, { value: 'c' }]);
    expect(
      patch({ ...BASE, roles }, { op: 'remove', path: 'roles', value: [{ value: 'a', type: 't' }] })['roles'],
    ).toEqual(roles.slice(1));
    expect(patch({ ...BASE, roles }, { op: 'remove', path: 'roles' })).toEqual(BASE);
    expect(patch(BASE, { op: 'remove', path: 'emails[type eq "work"]' })).toBe(BASE);
  });

  it('sets, changes and clears the manager in every form [C91]', () => {
    const having = (value: string) => ({ ...BASE, [ENT]: { manager: { value } } });
    for (const path of [`${ENT}:manager`, 'manager']) {
      for (const value of [
        'u-17',
        { value: 'u-17' },
        [{ value: 'u-17' }],
        { value: 'u-17', $ref: 'x', displayName: 'y' },
      ]) {
        expect(patch(BASE, { op: 'Add', path, value })).toEqual(having('u-17'));
        expect(patch(having('u-2'), { op: 'Replace', path, value })).toEqual(having('u-17'));
      }
      for (const value of [null, '', []])
        expect(patch(having('u-17'), { op: 'Replace', path, value })).toEqual(BASE);
      expect(patch(having('u-17'), { op: 'Remove', path })).toEqual(BASE);
      expect(patch(having('u-17'), { op: 'Remove', path, value: 'u-17' })).toEqual(BASE);
      expect(patch(having('u-17'), { op: 'Remove', path, value: [{ value: 'u-17' }] })).toEqual(BASE);
      expect(patch(having('u-17'), { op: 'remove', path: `${path}[value eq "u-17"]` })).toEqual(BASE);
      expect(patch(having('u-17'), { op: 'remove', path: `${path}[value eq "u-18"]` })).toEqual(
        having('u-17'),
      );
      expect(patch(BASE, { op: 'Add', path: `${path}.value`, value: 'u-17' })).toEqual(having('u-17'));
    }
    expect(patch(BASE, { op: 'replace', value: { [`${ENT}:manager`]: 'u-17' } })).toEqual(having('u-17'));
    expect(patch(BASE, { op: 'replace', value: { manager: 'u-17', title: 't' } })).toEqual({
      ...having('u-17'),
      title: 't',
    });
    expect(patch(BASE, { op: 'replace', value: { [ENT]: { manager: 'u-17' } } })).toEqual(having('u-17'));
  });

  it.each([
    [{ op: 'replace', path: 'id', value: 'other' }],
    [{ op: 'remove', path: 'id' }],
    [{ op: 'replace', value: { id: 'other' } }],
    [{ op: 'replace', path: 'meta.version', value: 'x' }],
    [{ op: 'replace', path: 'meta', value: {} }],
    [{ op: 'add', path: 'groups', value: [{ value: 'g' }] }],
    [{ op: 'replace', path: `${ENT}:manager.$ref`, value: 'x' }],
  ])('refuses a change of what only the bridge may say: %j [C92]', (operation) => {
    expect(() => patch(BASE, operation)).toThrow(refused('mutability'));
  });

  it('passes over the id it has, and schemas, meta and groups beside other attributes [C92]', () => {
    expect(
      patch(BASE, { op: 'replace', value: { id: ID, schemas: [], meta: {}, groups: [], title: 'x' } }),
    ).toEqual({ ...BASE, title: 'x' });
    expect(patch(BASE, { op: 'replace', path: 'id', value: ID })).toBe(BASE);
  });

  it('passes over attributes that no schema knows', () => {
    const body = {
      schemas: [PATCH_OP_SCHEMA],
      Operations: [
        { op: 'replace', path: 'shoeSize', value: 42 },
        { op: 'add', path: 'addresses[type eq "work"].planet', value: 'x' },
        { op: 'add', path: 'urn:custom:2.0:User:colour', value: 'red' },
        { op: 'replace', path: 'password', value: 'secret' },
        { op: 'replace', value: { active: false, 'urn:custom:2.0:User': { a: 1 }, 'a.b': 1, shoeSize: 1 } },
      ],
    };
    const prepared = preparePatch({ type: userType, id: ID }, body as unknown as JsonObject, allDialects);
    expect(applyPatch(userType, BASE, prepared.operations, allDialects)).toEqual({ ...BASE, active: false });
    expect(prepared.ignored).toEqual(
      expect.arrayContaining(['shoeSize', 'addresses', 'urn:custom:2.0:User:colour', 'password', 'a.b']),
    );
  });

  it('reads "True" and "False" for boolean attributes only [C31]', () => {
    expect(patch(BASE, { op: 'Replace', path: 'active', value: 'False' })).toEqual({
      ...BASE,
      active: false,
    });
    expect(patch({ ...BASE, active: false }, { op: 'Replace', value: { active: 'True' } })).toEqual(BASE);
    expect(patch(BASE, { op: 'Replace', path: 'title', value: 'False' })).toEqual({
      ...BASE,
      title: 'False',
    });
    expect(
      patch(BASE, { op: 'add', path: 'emails', value: [{ value: 'x', primary: 'True' }] })['emails'],
    ).toEqual([{ value: 'x', primary: true }]);
    expect(() => patch(BASE, { op: 'Replace', path: 'active', value: 'maybe' })).toThrow(
      refused('invalidValue'),
    );
  });

  it('keeps active as it was where it is unassigned: that must let nobody in', () => {
    for (const active of [true, false]) {
      const document = { ...BASE, active };
      expect(patch(document, { op: 'remove', path: 'active' })).toBe(document);
      expect(patch(document, { op: 'replace', path: 'active', value: null })).toBe(document);
    }
  });

  it('lets a new primary value take the place of the old one [C32]', () => {
    const emails = [{ value: 'a', primary: true }, { value: 'b' }];
    const after = (...operations: object[]) => patch({ ...BASE, emails }, ...operations)['emails'];
    expect(after({ op: 'add', path: 'emails', value: [{ value: 'c', primary: true }] })).toEqual([
      { value: 'a', primary: false },
      { value: 'b' },
      { value: 'c', primary: true },
    ]);
    expect(after({ op: 'replace', path: 'emails[value eq "b"].primary', value: true })).toEqual([
      { value: 'a', primary: false },
      { value: 'b', primary: true },
    ]);
    expect(after({ op: 'add', path: 'emails', value: [{ value: 'b', primary: true }] })).toEqual([
      { value: 'a', primary: false },
      { value: 'b', primary: true },
    ]);
  });

  it('unwraps roles that are JSON in a string', () => {
    const value = JSON.stringify({ id: '1', value: 'Admin', displayName: 'Admin' });
    expect(patch(BASE, { op: 'Add', path: 'roles', value: [{ value }] })['roles']).toEqual([
      { value: 'Admin', display: 'Admin' },
    ]);
  });

  it('needs the PatchOp schema and at least one operation [C76]', () => {
    const prepare = (body: object) => () =>
      preparePatch({ type: userType, id: ID }, body as JsonObject, allDialects);
    const op = { op: 'replace', path: 'title', value: 'x' };
    expect(prepare({ schemas: [PATCH_OP_SCHEMA.toLowerCase()], operations: [op] })).not.toThrow();
    for (const body of [
      {},
      { Operations: [op] },
      { schemas: [USER_SCHEMA], Operations: [op] },
      { schemas: [PATCH_OP_SCHEMA] },
      { schemas: [PATCH_OP_SCHEMA], Operations: null },
      { schemas: [PATCH_OP_SCHEMA], Operations: op },
      { schemas: [PATCH_OP_SCHEMA], Operations: ['x'] },
      { schemas: 5, Operations: [op] },
    ]) {
      expect(prepare(body)).toThrow(refused('invalidSyntax'));
    }
  });

  it.each([
    [{ op: 'move', path: 'title', value: 'x' }, 'invalidValue'],
    [{ path: 'title', value: 'x' }, 'invalidValue'],
    [{ op: 'add', path: 'title' }, 'invalidValue'],
    [{ op: 'add', value: 'x' }, 'invalidValue'],
    [{ op: 'add' }, 'invalidValue'],
    [{ op: 'add', path: 5, value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: 'emails[', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: 'title[value eq "x"]', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: '__proto__.polluted', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'title', value: 5 }, 'invalidValue'],
    [{ op: 'replace', path: 'title', value: { a: 1 } }, 'invalidValue'],
    [{ op: 'replace', path: 'name', value: 5 }, 'invalidValue'],
    [{ op: 'replace', path: 'title', value: 'a\0' }, 'invalidValue'],
    [{ op: 'replace', path: 'emails[type eq "work"].value', value: { a: 1 } }, 'invalidValue'],
    [{ op: 'replace', path: 'emails[value co "x"].type', value: 'work' }, 'noTarget'],
    [{ op: 'add', path: 'emails[not (type eq "x")].value', value: 'work' }, 'noTarget'],
    [{ op: 'remove', path: 'userName' }, 'mutability'],
    [{ op: 'remove', path: `${USER_SCHEMA}:userName` }, 'mutability'],
    [{ op: 'remove', path: USER_SCHEMA }, 'mutability'],
    [{ op: 'replace', path: USER_SCHEMA, value: 'x' }, 'invalidValue'],
    [{ op: 'remove', path: `${CODER}:siteRoles[value eq "auditor"].value` }, 'mutability'],
    [{ op: 'add', path: `${CODER}:organizationRoles`, value: [{ role: 'x' }] }, 'invalidValue'],
    [{ op: 'replace', path: ENT, value: 'x' }, 'invalidValue'],
  ])('refuses %j as %s', (operation, scimType) => {
    expect(() => patch(BASE, operation)).toThrow(refused(scimType));
  });

  it('does its operations in order, all or none, and never touches the document it was given [C76]', () => {
    const document = Object.freeze({ ...BASE, emails: Object.freeze([Object.freeze({ value: 'a' })]) });
    expect(
      patch(
        document,
        { op: 'add', path: 'title', value: '1' },
        { op: 'replace', path: 'title', value: '2' },
        { op: 'remove', path: 'emails' },
      ),
    ).toEqual({ ...BASE, title: '2' });
    expect(() =>
      patch(document, { op: 'remove', path: 'emails' }, { op: 'replace', path: 'active', value: 7 }),
    ).toThrow(refused('invalidValue'));
    expect(document).toEqual({ ...BASE, emails: [{ value: 'a' }] });
  });

  it('answers the same document when nothing changed [C95]', () => {
    const document = {
      ...BASE,
      name: { givenName: 'A', familyName: 'B' },
      emails: [{ type: 'work', value: 'x' }],
    };
    expect(
      patch(
        document,
        { op: 'replace', value: { active: true, name: { familyName: 'B', givenName: 'A' } } },
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'x' },
        { op: 'remove', path: 'nickName' },
      ),
    ).toBe(document);
  });

  it('does ten operations of every kind at once [C96]', () => {
    const document = {
      ...BASE,
      title: 'x',
      emails: [{ type: 'work', value: 'w' }],
      phoneNumbers: [{ type: 'fax', value: '1' }],
    };
    expect(
      patch(
        document,
        { op: 'replace', path: 'displayName', value: 'D' },
        { op: 'replace', path: 'emails[type eq "work"].value', value: 'w2' },
        { op: 'add', path: 'emails[type eq "home"].value', value: 'h' },
        { op: 'remove', path: 'nickName' },
        { op: 'remove', path: 'phoneNumbers[type eq "fax"]' },
        { op: 'add', path: 'name.givenName', value: 'G' },
        { op: 'add', path: `${ENT}:department`, value: 'R' },
        { op: 'replace', path: 'active', value: 'False' },
        { op: 'remove', path: 'title' },
        { op: 'add', value: { locale: 'en' } },
      ),
    ).toEqual({
      userName: 'ada',
      active: false,
      displayName: 'D',
      emails: [
        { type: 'work', value: 'w2' },
        { type: 'home', value: 'h' },
      ],
      name: { givenName: 'G' },
      [ENT]: { department: 'R' },
      locale: 'en',
    });
  });

  it('removes or merges an extension as a whole', () => {
    const document = { ...BASE, [ENT]: { department: 'R', costCenter: 'C' } };
    expect(patch(document, { op: 'remove', path: ENT })).toEqual(BASE);
    expect(patch(document, { op: 'replace', value: { [ENT]: null } })).toEqual(BASE);
    expect(patch(document, { op: 'add', path: ENT, value: { division: 'D', department: null } })).toEqual({
      ...BASE,
      [ENT]: { costCenter: 'C', division: 'D' },
    });
  });

  it('bounds the work of one request', () => {
    const many = (count: number) =>
      Array(count).fill({ op: 'replace', path: 'title', value: 'x' }) as object[];
    expect(patch(BASE, ...many(1_000))).toEqual({ ...BASE, title: 'x' });
    expect(() => patch(BASE, ...many(1_001))).toThrow(expect.objectContaining({ status: 413 }) as Error);
    expect(() => patch(BASE, { op: 'add', path: 'title', value: 'é'.repeat(140_000) })).toThrow(
      refused('invalidValue'),
    );
    const values = (from: number) => Array.from({ length: 600 }, (_, i) => ({ value: `${from + i}` }));
    expect(() =>
      patch(
        BASE,
        { op: 'add', path: 'roles', value: values(0) },
        { op: 'add', path: 'roles', value: values(1000) },
      ),
    ).toThrow(refused('invalidValue'));
  });
});
