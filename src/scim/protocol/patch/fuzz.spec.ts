import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../common/index.js';
import { allDialects } from '../../dialects/index.js';
import { ScimError } from '../errors.js';
import { groupType, userType } from '../schema/index.js';
import { ENTERPRISE_USER_SCHEMA as ENT, PATCH_OP_SCHEMA } from '../urns.js';
import { readUser } from '../user.js';
import { fuzzRuns } from '../../../../test/support/fuzz.js';
import { applyPatch } from './apply.js';
import { preparePatch } from './prepare.js';

const path = fc.oneof(
  fc.constantFrom(
    'userName',
    'active',
    'name',
    'name.givenName',
    'emails',
    'emails.value',
    'emails[type eq "work"].value',
    'emails[primary eq true]',
    'emails[not (value co "x")].type',
    'roles',
    'manager',
    `${ENT}:manager`,
    ENT,
    `${ENT}:department`,
    'id',
    'groups',
    'members',
    'members[value eq "a"]',
    '__proto__',
    'x.y',
    'addresses[type eq "work"]',
    'title[x',
  ),
  fc.string(),
);
const value = fc.oneof(
  fc.constantFrom<Json>(
    null,
    '',
    'x',
    true,
    'True',
    [],
    {},
    { value: 'x' },
    [{ value: 'x', type: 'work', primary: true }],
    '{"value":"y"}',
  ),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
  fc.dictionary(path, fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>),
);
const operation = fc.record(
  { op: fc.constantFrom('add', 'Replace', 'remove', 'x'), path, value },
  { requiredKeys: ['op'] },
);
const document: JsonObject = {
  userName: 'ada',
  active: true,
  name: { givenName: 'A' },
  emails: [{ value: 'a', type: 'work', primary: true }, { value: 'b' }],
  [ENT]: { manager: { value: 'm' } },
};

describe('any PATCH at all', () => {
  it.each([userType, groupType])(
    'is done or refused as a ScimError, and leaves a valid document: %#',
    (type) => {
      const before = type === userType ? document : { displayName: 'g' };
      const text = JSON.stringify(before);
      fc.assert(
        fc.property(fc.array(operation, { minLength: 1, maxLength: 4 }), (operations) => {
          try {
            const body = { schemas: [PATCH_OP_SCHEMA], Operations: operations } as unknown as JsonObject;
            const prepared = preparePatch({ type, id: 'u-1' }, body, allDialects);
            const after = applyPatch(type, before, prepared.operations, allDialects);
            if (type === userType) expect(readUser(after, allDialects)).toEqual(after);
            expect(applyPatch(type, after, [], allDialects)).toBe(after);
          } catch (error) {
            if (!(error instanceof ScimError)) throw error;
          }
          expect(JSON.stringify(before)).toBe(text);
        }),
        { numRuns: fuzzRuns(1_500) },
      );
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );

  it('costs no more than its size: a thousand operations on a thousand values', () => {
    const roles = Array.from({ length: 1_000 }, (_, i) => ({ value: `r${i}` }));
    const operations = Array.from({ length: 1_000 }, (_, i) => ({
      op: 'add',
      path: `roles[value eq "r${i}"].display`,
      value: 'x',
    }));
    const body = { schemas: [PATCH_OP_SCHEMA], Operations: operations } as unknown as JsonObject;
    const prepared = preparePatch({ type: userType, id: 'u' }, body, allDialects);
    const after = applyPatch(userType, { ...document, roles }, prepared.operations, allDialects);
    expect(after['roles']).toEqual(roles.map((role) => ({ ...role, display: 'x' })));
  });
});
