import { referencesOf } from './references.js';
import type { BulkOperation } from './request.js';

/** An operation with its place in the request. */
export interface PlacedOperation {
  readonly index: number;
  readonly operation: BulkOperation;
  /** Indexes of the operations that create what this one refers to. */
  readonly needs: readonly number[];
}

/**
 * The order in which operations are carried out: as they were stated, but for those that wait for the creation of what they
 * refer to (RFC 7644 section 3.7.2). Operations on one resource keep their order. What refers to one another in a circle
 * makes one step: with those that must be there for others, users, before groups.
 *
 * @param operations those that can be carried out, by their index in the request
 */
export function inOrder(operations: ReadonlyMap<number, BulkOperation>): PlacedOperation[][] {
  const placed = place(operations);
  const components = circles(placed);
  const componentOf = new Map(components.flatMap((one, i) => one.map(({ index }) => [index, i] as const)));
  const waitsFor = components.map(
    (one, i) =>
      new Set(one.flatMap(({ index }) => before(placed, index)).map((index) => componentOf.get(index) ?? i)),
  );
  waitsFor.forEach((set, i) => set.delete(i));
  const dependants = components.map((): number[] => []);
  waitsFor.forEach((set, i) => set.forEach((j) => dependants[j]?.push(i)));
  // Components come by their first operation, so that the lowest number that is ready is the one stated first.
  const ready = new Ready();
  waitsFor.forEach((set, i) => set.size === 0 && ready.add(i));
  const order: PlacedOperation[][] = [];
  for (let next = ready.take(); next !== undefined; next = ready.take()) {
    const step = components[next];
    if (step) order.push(step);
    for (const i of dependants[next] ?? []) {
      waitsFor[i]?.delete(next);
      if (waitsFor[i]?.size === 0) ready.add(i);
    }
  }
  return order;
}

interface Node extends PlacedOperation {
  /** The operation before it on the same resource. */
  readonly follows: number | undefined;
}

function place(operations: ReadonlyMap<number, BulkOperation>): Map<number, Node> {
  const creators = new Map<string, number>();
  for (const [index, { bulkId }] of operations) if (bulkId !== undefined) creators.set(bulkId, index);
  const last = new Map<string, number>();
  const placed = new Map<number, Node>();
  for (const [index, operation] of operations) {
    const needs = new Set(
      [...referencesOf(operation).keys()].flatMap((bulkId) => creators.get(bulkId) ?? []),
    );
    const { type, target } = operation;
    const resource = target === undefined ? undefined : `${type.endpoint}/${target.toLowerCase()}`;
    const follows = resource === undefined ? undefined : last.get(resource);
    if (resource !== undefined) last.set(resource, index);
    placed.set(index, { index, operation, needs: [...needs], follows });
  }
  return placed;
}

function before(placed: ReadonlyMap<number, Node>, index: number): number[] {
  const node = placed.get(index);
  if (node === undefined) return [];
  return node.follows === undefined ? [...node.needs] : [...node.needs, node.follows];
}

/** Strongly connected components (Tarjan), by their first operation; most hold one operation. */
function circles(placed: ReadonlyMap<number, Node>): PlacedOperation[][] {
  const found: PlacedOperation[][] = [];
  const number = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  // No deeper than there are operations, of which there are few.
  const visit = (index: number): number => {
    const own = number.size;
    number.set(index, own);
    let lowest = own;
    open.push(index);
    isOpen.add(index);
    for (const next of before(placed, index)) {
      if (!number.has(next)) lowest = Math.min(lowest, visit(next));
      else if (isOpen.has(next)) lowest = Math.min(lowest, number.get(next) ?? own);
    }
    low.set(index, lowest);
    if (lowest === own) found.push(closed(index));
    return lowest;
  };
  const closed = (index: number): PlacedOperation[] => {
    const members = open.splice(open.lastIndexOf(index));
    members.forEach((member) => isOpen.delete(member));
    return members.flatMap((member) => placed.get(member) ?? []).toSorted(usersFirst);
  };
  for (const index of placed.keys()) if (!number.has(index)) visit(index);
  const first = (one: readonly PlacedOperation[]) => Math.min(...one.map(({ index }) => index));
  return found.toSorted((a, b) => first(a) - first(b));
}

function usersFirst(a: PlacedOperation, b: PlacedOperation): number {
  const rank = ({ operation }: PlacedOperation) => (operation.type.name === 'User' ? 0 : 1);
  return rank(a) - rank(b) || a.index - b.index;
}

/** Numbers, of which the lowest is taken first. */
class Ready {
  private readonly sorted: number[] = [];

  add(value: number): void {
    const at = this.sorted.findIndex((other) => other > value);
    this.sorted.splice(at < 0 ? this.sorted.length : at, 0, value);
  }

  take(): number | undefined {
    return this.sorted.shift();
  }
}
