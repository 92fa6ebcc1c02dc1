import { isUuid } from '../../common/index.js';
import { DirectoryError } from '../model.js';
import type { MemberOperation } from '../model.js';

/** What several member operations come to, whoever is a member now. All lists are sorted and free of duplicates. */
export interface MemberChange {
  /**
   * `gains`: only additions, or nothing. `loss`: one removal. `delta`: any additions and removals. `exact`: the members are
   * those of `add`, and nobody else.
   */
  readonly kind: 'gains' | 'loss' | 'delta' | 'exact';
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Users that were named to be members, be it only for a while: all of them must exist. */
  readonly named: readonly string[];
}

export const NO_MEMBER_CHANGE: MemberChange = { kind: 'gains', add: [], remove: [], named: [] };

/**
 * Folds operations, in their order, to one change of the set.
 *
 * @throws DirectoryError unknownMember where something that is to be a member has no id's form
 */
export function foldMemberOperations(operations: readonly MemberOperation[]): MemberChange {
  let exact = false;
  const add = new Set<string>();
  const remove = new Set<string>();
  const named = new Set<string>();
  for (const operation of operations) {
    const ids = operation.op === 'clear' ? [] : normalized(operation.op, operation.ids);
    if (operation.op === 'replace' || operation.op === 'clear') {
      exact = true;
      add.clear();
      remove.clear();
    }
    for (const id of ids) {
      if (operation.op === 'remove') {
        add.delete(id);
        remove.add(id);
      } else {
        named.add(id);
        add.add(id);
        remove.delete(id);
      }
    }
  }
  return {
    kind: exact ? 'exact' : kindOf(add, remove),
    add: [...add].sort(),
    remove: exact ? [] : [...remove].sort(),
    named: [...named].sort(),
  };
}

function kindOf(add: ReadonlySet<string>, remove: ReadonlySet<string>): MemberChange['kind'] {
  if (remove.size === 0) return 'gains';
  return remove.size === 1 && add.size === 0 ? 'loss' : 'delta';
}

function normalized(op: 'add' | 'remove' | 'replace', ids: readonly string[]): string[] {
  const strangers = ids.filter((id) => !isUuid(id));
  if (strangers.length > 0 && op !== 'remove') throw unknownMembers(strangers);
  return ids.filter((id) => isUuid(id)).map((id) => id.toLowerCase());
}

/** @returns the error that names the ids which are no user of this connection */
export function unknownMembers(ids: readonly string[]): DirectoryError {
  const count = ids.length === 1 ? 'a member is' : `${ids.length} members are`;
  return new DirectoryError('unknownMember', `${count} no user of this connection`, ids);
}

/**
 * Whether the change may be made by a single statement that takes the group's lock itself. Such a statement sees the
 * members as they were when it began, before it waited for the lock. For additions that does not matter (the index
 * decides), nor for one removal (it then came first); several removals, or both, could mix two orders of events.
 */
export function needsNoLockBefore(change: MemberChange): boolean {
  return change.kind === 'gains' || change.kind === 'loss';
}
