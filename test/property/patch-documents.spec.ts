import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/index.js';
import { allDialects } from '../../src/scim/dialects/index.js';
import {
  applyPatch,
  ENTERPRISE_USER_SCHEMA as ENT,
  PATCH_OP_SCHEMA,
  preparePatch,
  USER_SCHEMA,
  userType,
} from '../../src/scim/protocol/index.js';
import { modelApply, type ModelDocument, type ModelEmail, type ModelOperation } from './patch-model.js';

const word = fc.constantFrom('a', 'b', 'c');
const kind = fc.constantFrom('work', 'home');
const email: fc.Arbitrary<ModelEmail> = fc.record(
  { value: word, type: kind, primary: fc.boolean() },
  { requiredKeys: ['value'] },
);
const emails = fc.array(email, { minLength: 1, maxLength: 3 });
const part = fc.constantFrom('givenName', 'familyName', 'formatted');
const parts = fc.dictionary(part, word, { minKeys: 1 });

const operation: fc.Arbitrary<ModelOperation> = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    attribute: fc.constantFrom('title', 'department', 'userName'),
    value: word,
  }),
  fc.record({
    kind: fc.constant('unset' as const),
    attribute: fc.constantFrom('title', 'department', 'name', 'emails'),
  }),
  fc.record({ kind: fc.constant('mergeName' as const), parts }),
  fc.record({ kind: fc.constant('unsetPart' as const), part }),
  fc.record({ kind: fc.constant('activate' as const), active: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('addEmails' as const, 'replaceEmails' as const), emails }),
  fc.record({ kind: fc.constant('removeEmailsOfType' as const), type: kind }),
  fc.record({ kind: fc.constant('setEmailOfType' as const), type: kind, value: word }),
  fc.record({ kind: fc.constant('makePrimary' as const), value: word }),
);

const PATHS: Readonly<Record<string, string>> = { department: `${ENT}:department` };

/** The ways in which SCIM says the same; `which` chooses one. */
function spellings(stated: ModelOperation): readonly object[] {
  switch (stated.kind) {
    case 'set': {
      const { attribute, value } = stated;
      const path = PATHS[attribute] ?? attribute;
      const nested = attribute === 'department' ? { [ENT]: { department: value } } : { [attribute]: value };
      return [
        { op: 'replace', path, value },
        { op: 'Add', path: path.toUpperCase(), value },
        { op: 'add', value: nested },
        { op: 'REPLACE', value: { [path]: value } },
        {
          op: 'replace',
          path: attribute === 'department' ? ENT : USER_SCHEMA,
          value: { [attribute]: value },
        },
      ];
    }
    case 'unset': {
      const path = PATHS[stated.attribute] ?? stated.attribute;
      return [
        { op: 'remove', path },
        { op: 'replace', path, value: null },
        { op: 'Replace', value: { [path]: null } },
      ];
    }
    case 'mergeName':
      return [
        { op: 'replace', path: 'name', value: stated.parts },
        { op: 'add', value: { name: stated.parts } },
        {
          op: 'add',
          value: Object.fromEntries(Object.entries(stated.parts).map(([k, v]) => [`name.${k}`, v])),
        },
      ];
    case 'unsetPart':
      return [
        { op: 'remove', path: `name.${stated.part}` },
        { op: 'replace', path: `${USER_SCHEMA}:name.${stated.part}`, value: '' },
        { op: 'replace', path: 'name', value: { [stated.part]: null } },
      ];
    case 'activate':
      return [
        { op: 'replace', path: 'active', value: stated.active },
        { op: 'Replace', path: 'active', value: stated.active ? 'True' : 'False' },
        { op: 'replace', value: { active: stated.active } },
      ];
    case 'addEmails':
      return [
        { op: 'add', path: 'emails', value: stated.emails },
        { op: 'add', value: { emails: stated.emails } },
      ];
    case 'replaceEmails':
      return [
        { op: 'replace', path: 'emails', value: stated.emails },
        { op: 'replace', value: { [`${USER_SCHEMA}:emails`]: stated.emails } },
      ];
    case 'removeEmailsOfType':
      return [
        { op: 'remove', path: `emails[type eq "${stated.type}"]` },
        { op: 'Remove', path: `emails[TYPE EQ "${stated.type.toUpperCase()}" and (value pr)]` },
      ];
    case 'setEmailOfType':
      return [
        { op: 'replace', path: `emails[type eq "${stated.type}"].value`, value: stated.value },
        { op: 'Add', path: `emails[type eq "${stated.type}"].value`, value: stated.value },
      ];
    case 'makePrimary':
      return [
        { op: 'replace', path: `emails[value eq "${stated.value}"].primary`, value: true },
        { op: 'add', path: `emails[value eq "${stated.value}"]`, value: { primary: 'True' } },
      ];
  }
}

function toDocument({ department, ...rest }: ModelDocument): JsonObject {
  return { ...rest, ...(department === undefined ? {} : { [ENT]: { department } }) } as unknown as JsonObject;
}

function patch(document: JsonObject, operations: readonly object[]): JsonObject {
  const body = { schemas: [PATCH_OP_SCHEMA], Operations: operations } as unknown as JsonObject;
  const { operations: prepared } = preparePatch({ type: userType, id: 'u' }, body, allDialects);
  return applyPatch(userType, document, prepared, allDialects);
}

const spelled = fc.tuple(operation, fc.nat(20));
const choose = ([stated, which]: readonly [ModelOperation, number]): object => {
  const ways = spellings(stated);
  return ways[which % ways.length] ?? {};
};

describe('PATCH, beside a naive model on documents', () => {
  it('does the same, however it is spelled and whether in one request or in several [C76] [C78] [C79] [C83] [C84]', () => {
    fc.assert(
      fc.property(fc.array(spelled, { minLength: 1, maxLength: 8 }), (steps) => {
        let model: ModelDocument = { userName: 'ada', active: true };
        let document = toDocument(model);
        for (const step of steps) {
          model = modelApply(model, step[0]);
          document = patch(document, [choose(step)]);
          expect(document).toEqual(toDocument(model));
        }
        const once = patch(toDocument({ userName: 'ada', active: true }), steps.map(choose));
        expect(once).toEqual(toDocument(model));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is the same done twice, where a document is replaced and not added to [C95]', () => {
    fc.assert(
      fc.property(fc.array(spelled, { maxLength: 6 }), spelled, (steps, last) => {
        const before = patch(toDocument({ userName: 'ada', active: true }), [
          { op: 'add', path: 'title', value: 't' },
          ...steps.map(choose),
        ]);
        const once = patch(before, [choose(last)]);
        expect(patch(once, [choose(last)])).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves everything as it was where its last operation is refused [C76]', () => {
    fc.assert(
      fc.property(fc.array(spelled, { maxLength: 6 }), (steps) => {
        const document = toDocument({
          userName: 'ada',
          active: true,
          emails: [{ value: 'a', primary: true }],
        });
        const text = JSON.stringify(document);
        expect(() =>
          patch(document, [...steps.map(choose), { op: 'replace', path: 'title', value: 5 }]),
        ).toThrow('title: must be a string');
        expect(JSON.stringify(document)).toBe(text);
      }),
    );
  });
});
