/** One request that the simulator received. */
export interface RecordedCall {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** The route's template, e.g. `/api/v2/users/{user}`; `unknown` without one. */
  readonly route: string;
  /** What was answered; 0 when nothing was. */
  readonly status: number;
  /** It was no GET and its work was done, whether or not the answer went out. */
  readonly mutation: boolean;
  /** The kind of fault that struck, if one did. */
  readonly fault?: string;
  /** The parsed body, without passwords. */
  readonly body?: unknown;
}

/** `GET /api/v2/users` -> how often, and how often as a mutation. */
export type RouteCounts = Record<string, { calls: number; mutations: number }>;

const KEPT = 100_000;

/** What was asked of the simulated Coder since the last reset. */
export class CallLog {
  private list: RecordedCall[] = [];
  private readonly counts = new Map<string, { calls: number; mutations: number }>();

  add(call: RecordedCall): void {
    this.list.push(call);
    if (this.list.length > KEPT * 2) this.list = this.list.slice(KEPT);
    const key = `${call.method} ${call.route}`;
    const count = this.counts.get(key) ?? { calls: 0, mutations: 0 };
    count.calls += 1;
    if (call.mutation) count.mutations += 1;
    this.counts.set(key, count);
  }

  /** In the order in which they ended; only the newest 100,000 are sure to be kept, the counts are of all. */
  all(): readonly RecordedCall[] {
    return this.list;
  }

  /** The last ones of {@link all}. */
  newest(count: number): readonly RecordedCall[] {
    return this.list.slice(-count);
  }

  mutations(): RecordedCall[] {
    return this.list.filter((call) => call.mutation);
  }

  /** How many calls a route had, e.g. `GET /api/v2/users`; without one: all calls. */
  count(route?: string): number {
    if (route !== undefined) return this.counts.get(route)?.calls ?? 0;
    return sum(this.counts, 'calls');
  }

  countMutations(route?: string): number {
    if (route !== undefined) return this.counts.get(route)?.mutations ?? 0;
    return sum(this.counts, 'mutations');
  }

  byRoute(): RouteCounts {
    return Object.fromEntries(
      [...this.counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, { ...value }]),
    );
  }

  reset(): void {
    this.list = [];
    this.counts.clear();
  }
}

function sum(counts: ReadonlyMap<string, RouteCounts[string]>, field: 'calls' | 'mutations'): number {
  let total = 0;
  for (const count of counts.values()) total += count[field];
  return total;
}
