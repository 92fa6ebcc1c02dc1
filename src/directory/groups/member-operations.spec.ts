import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../common/index.js';
import type { MemberOperation } from '../model.js';
import { foldMemberOperations, needsNoLockBefore } from './member-operations.js';

const USERS = Array.from({ length: 6 }, newId);
const ids = fc.array(fc.constantFrom(...USERS), { maxLength: 5 });
const operation: fc.Arbitrary<MemberOperation> = fc.oneof(
  fc.record({ op: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const), ids }),
  fc.constant({ op: 'clear' as const }),
);

function naively(before: ReadonlySet<string>, operations: readonly MemberOperation[]): Set<string> {
  let members = new Set(before);
  for (const each of operations) {
    if (each.op === 'clear') members = new Set();
    else if (each.op === 'replace') members = new Set(each.ids);
    else if (each.op === 'add') for (const id of each.ids) members.add(id);
    else for (const id of each.ids) members.delete(id);
  }
  return members;
}

describe('folding member operations', () => {
  it('comes to the same set as one operation after the other, whoever was a member', () => {
    fc.assert(
      fc.property(ids, fc.array(operation, { maxLength: 6 }), (before, operations) => {
        const change = foldMemberOperations(operations);
        const members = new Set(change.kind === 'exact' ? [] : before);
        for (const id of change.remove) members.delete(id);
        for (const id of change.add) members.add(id);
        expect(members).toEqual(naively(new Set(before), operations));
      }),
    );
  });

  it('answers sorted lists without duplicates, and everyone who was ever to be a member', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (operations) => {
        const { add, remove, named } = foldMemberOperations(operations);
        for (const list of [add, remove, named]) expect(list).toEqual([...new Set(list)].toSorted());
        expect(add.some((id) => remove.includes(id))).toBe(false);
        const all = operations.flatMap((each) =>
          each.op === 'add' || each.op === 'replace' ? each.ids : [],
        );
        expect(new Set(named)).toEqual(new Set(all));
      }),
    );
  });

  it('lets additions, or one removal, do without a lock before', () => {
    const [a = '', b = ''] = USERS;
    const safe = (...operations: MemberOperation[]) => needsNoLockBefore(foldMemberOperations(operations));
    expect(safe({ op: 'add', ids: [a, b] })).toBe(true);
    expect(safe({ op: 'remove', ids: [a] })).toBe(true);
    expect(safe({ op: 'remove', ids: [a, b] })).toBe(false);
    expect(safe({ op: 'remove', ids: [a] }, { op: 'add', ids: [b] })).toBe(false);
    expect(safe({ op: 'replace', ids: [a] })).toBe(false);
    expect(safe({ op: 'clear' })).toBe(false);
  });
});
