import type { Json } from '../../../common/index.js';
import { badRequest } from '../errors.js';
import type { Filter } from '../filter/index.js';
import { memberIds } from '../group.js';
import type { PatchOperation } from './operation.js';

/** One change of a group's members: set operations on rows, to be done in the order given. */
export type MemberChange =
  { readonly op: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] } | { readonly op: 'clear' };

/**
 * Collects the member operations of a PATCH without knowing the members. What was said last of an id holds, so that any
 * sequence comes down to at most one removal and one addition, or one replacement.
 */
export class MemberChanges {
  private replaced = false;
  private readonly isMember = new Map<string, boolean>();

  /**
   * Takes one operation on `members`.
   *
   * A `remove` with a value removes those members only: Entra's default dialect and JumpCloud send it so, where the RFC,
   * which has no value there, would remove everybody.
   *
   * @param where the value filter of the path
   * @throws ScimError 400 invalidValue, noTarget, invalidPath (a filter that cannot be answered without loading members)
   */
  take(op: PatchOperation['op'], where: Filter | undefined, value: Json | undefined, at: string): void {
    if (where !== undefined) this.takeFiltered(op, where, value, at);
    else if (op === 'add') this.set(value === null || value === undefined ? [] : memberIds(value, at), true);
    else if (op === 'replace')
      this.replace(value === null || value === undefined ? [] : memberIds(value, at));
    else if (value === undefined || value === null) this.replace([]);
    else this.set(memberIds(value, at), false);
  }

  /**
   * Takes an operation on `members[value eq "…"].value`, which is immutable: stating it again changes nothing, and whoever
   * wants another member has to remove this one and to add the other (RFC 7643 section 4.2).
   *
   * @throws ScimError 400 mutability, invalidPath
   */
  restate(op: PatchOperation['op'], where: Filter, value: Json | undefined, at: string): void {
    const named = idsNamedBy(where);
    if (op === 'remove' || named?.length !== 1 || named[0] !== value) {
      throw badRequest('mutability', `${at} is immutable: remove the member, and add the other one`);
    }
    this.set(named, true);
  }

  /** What is to be done; empty when nothing is. */
  list(): MemberChange[] {
    const added = this.ids(true);
    if (this.replaced) return added.length > 0 ? [{ op: 'replace', ids: added }] : [{ op: 'clear' }];
    const removed = this.ids(false);
    return [
      ...(removed.length > 0 ? [{ op: 'remove' as const, ids: removed }] : []),
      ...(added.length > 0 ? [{ op: 'add' as const, ids: added }] : []),
    ];
  }

  private takeFiltered(op: PatchOperation['op'], where: Filter, value: Json | undefined, at: string): void {
    const named = idsNamedBy(where);
    if (named === undefined) {
      throw badRequest('invalidPath', `${at}: members can be selected by value eq "…" only, joined by or`);
    }
    if (op === 'remove') return this.set(named, false);
    // add and replace of a selected member: it is there afterwards, unless the value names another in its place.
    const stated = value === null || value === undefined ? [] : memberIds(value, at);
    if (op === 'replace') this.set(named, false);
    this.set(stated.length > 0 ? stated : named, op === 'add' || stated.length > 0);
  }

  private replace(ids: readonly string[]): void {
    this.replaced = true;
    this.isMember.clear();
    this.set(ids, true);
  }

  private set(ids: readonly string[], isMember: boolean): void {
    for (const id of ids) this.isMember.set(id, isMember);
  }

  private ids(isMember: boolean): string[] {
    return [...this.isMember].filter(([, value]) => value === isMember).map(([id]) => id);
  }
}

/**
 * The ids of `value eq "a" or value eq "b"`; undefined for any other filter. That they are users is no condition: all
 * members are.
 */
function idsNamedBy(filter: Filter): string[] | undefined {
  if (filter.kind === 'and') {
    const others = filter.terms.filter((term) => !isTypeUser(term));
    const [only] = others;
    return only !== undefined && others.length === 1 ? idsNamedBy(only) : undefined;
  }
  if (filter.kind === 'or') {
    const ids = filter.terms.map(idsNamedBy);
    return ids.every((list) => list !== undefined) ? ids.flat() : undefined;
  }
  const byValue =
    filter.kind === 'compare' && filter.operator === 'eq' && filter.attribute.name.toLowerCase() === 'value';
  return byValue && typeof filter.value === 'string' ? [filter.value] : undefined;
}

function isTypeUser(filter: Filter): boolean {
  return (
    filter.kind === 'compare' &&
    filter.operator === 'eq' &&
    filter.attribute.name.toLowerCase() === 'type' &&
    typeof filter.value === 'string' &&
    filter.value.toLowerCase() === 'user'
  );
}
