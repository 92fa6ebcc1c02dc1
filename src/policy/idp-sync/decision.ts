/** One decision, with where it comes from: `claim "groups", value "eng": mapped to this group`. */
export interface Decision<T> {
  readonly value: T;
  readonly because: string;
}

/** A value of a claim that came to nothing, or an id or name that it stands for. */
export interface Dropped {
  readonly value: string;
  readonly why: string;
}

/** What claims come to. */
export type Read<T> =
  | {
      readonly kind: 'decided';
      readonly wanted: readonly Decision<T>[];
      readonly dropped: readonly Dropped[];
      /** Why nothing is wanted, where no value says so: the claim is missing. */
      readonly note?: string;
    }
  | {
      /** What is there stays. */
      readonly kind: 'untouched';
      readonly why: string;
      /** Coder's own login would fail by this, so that nothing at all would be synced. */
      readonly refusesLogin?: true;
    };

/** Names of claims and their values come from outside: shown in quotes, and cut. */
export function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
const SHOWN = 100;

export function untouched<T>(why: string): Read<T> {
  return { kind: 'untouched', why };
}

/** Collects decisions; of several for the same value the first one counts. */
export class Decisions<T> {
  private readonly wanted = new Map<string, Decision<T>>();
  private readonly dropped = new Map<string, Dropped>();

  /** @param key tells the same value from another one */
  want(key: string, value: T, because: string): void {
    if (!this.wanted.has(key)) this.wanted.set(key, { value, because });
  }

  drop(value: string, why: string): void {
    const key = JSON.stringify([value, why]);
    if (!this.dropped.has(key)) this.dropped.set(key, { value, why });
  }

  read(note?: string): Read<T> {
    return {
      kind: 'decided',
      wanted: [...this.wanted.values()],
      dropped: [...this.dropped.values()],
      ...(note !== undefined && { note }),
    };
  }
}
