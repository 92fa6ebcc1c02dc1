import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../common/index.js';
import { allDialects } from '../../dialects/index.js';
import { groupType } from '../schema/index.js';
import { GROUP_SCHEMA, PATCH_OP_SCHEMA } from '../urns.js';
import { applyPatch } from './apply.js';
import type { MemberChange } from './members.js';
import { preparePatch } from './prepare.js';

const ID = 'g-7';
const prepare = (...operations: readonly object[]) =>
  preparePatch(
    { type: groupType, id: ID },
    { schemas: [PATCH_OP_SCHEMA], Operations: operations } as unknown as JsonObject,
    allDialects,
  );
const members = (...operations: readonly object[]) => prepare(...operations).members;
const refused = (scimType: string) => expect.objectContaining({ status: 400, scimType }) as Error;

/** What the changes make of a set of members. */
function applied(changes: readonly MemberChange[], before: readonly string[]): string[] {
  let set = new Set(before);
  for (const change of changes) {
    if (change.op === 'clear') set = new Set();
    else if (change.op === 'replace') set = new Set(change.ids);
    else if (change.op === 'add') for (const id of change.ids) set.add(id);
    else for (const id of change.ids) set.delete(id);
  }
  return [...set].sort();
}

describe('PATCH of a group', () => {
  it('never needs the members: what concerns them is split from the document', () => {
    const prepared = prepare(
      { op: 'replace', value: { id: ID, displayName: 'New', members: [{ value: 'c' }] } },
      { op: 'add', path: 'members', value: [{ $ref: null, value: 'a', display: 'x' }] },
      { op: 'replace', path: 'externalId', value: 'e' },
    );
    expect(applyPatch(groupType, { displayName: 'Old' }, prepared.operations, allDialects)).toEqual({
      displayName: 'New',
      externalId: 'e',
    });
    expect(prepared.members).toEqual([{ op: 'replace', ids: ['c', 'a'] }]);
  });

  it('adds members: an array, a single one, plain ids, by the URN', () => {
    const expected = [{ op: 'add', ids: ['a'] }];
    for (const value of [[{ value: 'a' }], { value: 'a' }, 'a', ['a'], [{ VALUE: 'a', $ref: null }, null]]) {
      expect(members({ op: 'Add', path: 'members', value })).toEqual(expected);
      expect(members({ op: 'Add', path: `${GROUP_SCHEMA}:Members`, value })).toEqual(expected);
      expect(members({ op: 'add', value: { members: value } })).toEqual(expected);
    }
  });

  it('replaces all members, and clears them by an empty list [C84]', () => {
    expect(members({ op: 'replace', path: 'members', value: [{ value: 'a' }, { value: 'b' }] })).toEqual([
      { op: 'replace', ids: ['a', 'b'] },
    ]);
    expect(members({ op: 'replace', path: 'members', value: [] })).toEqual([{ op: 'clear' }]);
    expect(members({ op: 'replace', value: { members: [] } })).toEqual([{ op: 'clear' }]);
  });

  it('removes only the members that the value of a remove names [C87]', () => {
    expect(members({ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'a' }] })).toEqual([
      { op: 'remove', ids: ['a'] },
    ]);
    expect(members({ op: 'Remove', path: 'members', value: [] })).toEqual([]);
  });

  it('removes members by a filter, one or several [C88] [C90]', () => {
    expect(members({ op: 'remove', path: 'members[value eq "a"]' })).toEqual([{ op: 'remove', ids: ['a'] }]);
    expect(
      members({ op: 'remove', path: 'members[value eq "a" or VALUE EQ "b" or (value eq "c")]' }),
    ).toEqual([{ op: 'remove', ids: ['a', 'b', 'c'] }]);
    expect(members({ op: 'remove', path: 'members[value eq "a" and type eq "user"]' })).toEqual([
      { op: 'remove', ids: ['a'] },
    ]);
  });

  it('removes all members by a remove without a value [C89]', () => {
    expect(members({ op: 'remove', path: 'members' })).toEqual([{ op: 'clear' }]);
  });

  it('adds and exchanges a member that a filter names', () => {
    expect(members({ op: 'add', path: 'members[value eq "a"]', value: { value: 'a' } })).toEqual([
      { op: 'add', ids: ['a'] },
    ]);
    expect(members({ op: 'replace', path: 'members[value eq "a"]', value: { value: 'b' } })).toEqual([
      { op: 'remove', ids: ['a'] },
      { op: 'add', ids: ['b'] },
    ]);
  });

  it('takes an immutable value that is stated again', () => {
    expect(members({ op: 'replace', path: 'members[value eq "a"].value', value: 'a' })).toEqual([
      { op: 'add', ids: ['a'] },
    ]);
  });

  it.each([
    [{ op: 'remove', path: 'members[display eq "x"]' }, 'invalidPath'],
    [{ op: 'remove', path: 'members[not (value eq "x")]' }, 'invalidPath'],
    [{ op: 'remove', path: 'members[value eq "x" and type eq "Group"]' }, 'invalidPath'],
    [{ op: 'remove', path: 'members[type eq "User"]' }, 'invalidPath'],
    [{ op: 'replace', path: 'members[value eq "a"].value', value: 'b' }, 'mutability'],
    [{ op: 'remove', path: 'members[value eq "a"].value' }, 'mutability'],
    [{ op: 'remove', path: 'displayName' }, 'mutability'],
    [{ op: 'add', path: 'members', value: [{}] }, 'invalidValue'],
    [{ op: 'add', path: 'members', value: 5 }, 'invalidValue'],
    [{ op: 'replace', path: 'members[value eq "a"].display', value: 'x' }, 'mutability'],
    [{ op: 'replace', value: { id: 'other' } }, 'mutability'],
  ])('refuses %j as %s', (operation, scimType) => {
    expect(() => members(operation)).toThrow(refused(scimType));
  });

  it('takes 100,000 operations in one request, and no more [C97]', () => {
    const removals = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ op: 'remove', path: `members[value eq "${i}"]` }));
    const [change, ...rest] = members(...removals(5_000));
    expect(change).toMatchObject({ op: 'remove' });
    expect(change?.op === 'remove' && change.ids).toHaveLength(5_000);
    expect(rest).toEqual([]);
    const tooMany = Array(100_001).fill({ op: 'remove', path: 'members' }) as JsonObject[];
    const body = { schemas: [PATCH_OP_SCHEMA], Operations: tooMany };
    expect(() => preparePatch({ type: groupType, id: ID }, body, allDialects)).toThrow(
      expect.objectContaining({ status: 413 }) as Error,
    );
  });

  it('comes to the same as its operations one by one', () => {
    const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 });
    const operation = fc.oneof(
      fc.record({
        op: fc.constantFrom('add', 'remove', 'replace'),
        path: fc.constant('members'),
        value: ids,
      }),
      fc.constantFrom('a', 'b').map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
      fc.constant({ op: 'remove', path: 'members' }),
    );
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 8 }), ids, (operations, before) => {
        const stated: readonly object[] = operations;
        const oneByOne = stated.reduce<readonly string[]>((set, one) => applied(members(one), set), before);
        expect(applied(members(...stated), before)).toEqual([...new Set(oneByOne)].sort());
      }),
    );
  });
});
