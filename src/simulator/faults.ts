import { isJsonObject } from './../common/index.js';

/** Which requests a fault strikes; what is left out matches everything. */
export interface FaultMatch {
  readonly method?: string;
  /** The route's template, e.g. `/api/v2/users/{user}/status/suspend`. */
  readonly route?: string;
  readonly pathPrefix?: string;
  readonly pathContains?: string;
  /** An id, username or email that stands in the path or anywhere in the body's values. */
  readonly user?: string;
}

export type FaultKind =
  /** Answers `status` (429 with Retry-After) without doing the work. */
  | 'status'
  /** Waits `delayMs`, then goes on (to the next rule, or to the work). */
  | 'delay'
  /** Closes the connection before doing the work. */
  | 'dropBefore'
  /** Does the work, then closes the connection without an answer. */
  | 'dropAfter'
  /** Never answers; when the rule is cleared, the connection is closed. The work is not done. */
  | 'hang'
  /** 401, as for a bad token. */
  | 'badToken';

const KINDS: readonly FaultKind[] = ['status', 'delay', 'dropBefore', 'dropAfter', 'hang', 'badToken'];

export interface FaultRule {
  readonly match?: FaultMatch;
  readonly kind: FaultKind;
  /** Of `status`; 500 when absent. */
  readonly status?: number;
  /** Of `status`: the JSON body; Coder's error shape when absent. */
  readonly body?: unknown;
  /** Of a `status` 429: seconds; 60 when absent. */
  readonly retryAfter?: number;
  readonly delayMs?: number;
  /** How often it strikes; absent: until it is cleared. */
  readonly times?: number;
  /** 0..1; absent: always. */
  readonly probability?: number;
}

/** A rule that is switched on. */
export interface Fault {
  readonly id: number;
  readonly rule: FaultRule;
  /** How often it may still strike. */
  left: number;
  struck: number;
}

export interface Struck {
  readonly method: string;
  readonly path: string;
  readonly route: string;
  readonly body: unknown;
}

/** The faults that are switched on, in the order in which they are looked at. */
export class Faults {
  private faults: Fault[] = [];
  private nextId = 1;
  private readonly cleared = new Map<number, Set<() => void>>();

  /** @param random answers 0 <= x < 1; a seeded one makes probabilities repeatable */
  constructor(private readonly random: () => number) {}

  /** Switches a fault on and answers it; {@link clear} with its id ends it. */
  add(rule: FaultRule): Fault {
    const fault = { id: this.nextId++, rule, left: rule.times ?? Infinity, struck: 0 };
    this.faults.push(fault);
    return fault;
  }

  /** Replaces all of them. */
  set(rules: readonly FaultRule[]): void {
    this.clear();
    for (const rule of rules) this.add(rule);
  }

  /** Ends one fault, or all; connections that hang on it are closed. */
  clear(id?: number): void {
    const gone = this.faults.filter((fault) => id === undefined || fault.id === id);
    this.faults = this.faults.filter((fault) => !gone.includes(fault));
    for (const waiting of id === undefined ? this.cleared.values() : [this.cleared.get(id)]) {
      for (const release of waiting ?? []) release();
    }
    if (id === undefined) this.cleared.clear();
    else this.cleared.delete(id);
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  /** The faults that strike this request: delays, up to the first other one. Counts them as struck. */
  strike(request: Struck): Fault[] {
    const striking: Fault[] = [];
    for (const fault of this.faults) {
      if (fault.left <= 0 || !matches(fault.rule.match ?? {}, request)) continue;
      if (fault.rule.probability !== undefined && this.random() >= fault.rule.probability) continue;
      fault.left -= 1;
      fault.struck += 1;
      striking.push(fault);
      if (fault.rule.kind !== 'delay') break;
    }
    return striking;
  }

  /** Calls `release` once the fault is cleared. */
  untilCleared(fault: Fault, release: () => void): void {
    const waiting = this.cleared.get(fault.id) ?? new Set();
    this.cleared.set(fault.id, waiting.add(release));
  }
}

function matches(match: FaultMatch, request: Struck): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== request.method) return false;
  if (match.route !== undefined && match.route !== request.route) return false;
  if (match.pathPrefix !== undefined && !request.path.startsWith(match.pathPrefix)) return false;
  if (match.pathContains !== undefined && !request.path.includes(match.pathContains)) return false;
  return match.user === undefined || names(request, match.user.toLowerCase());
}

function names(request: Struck, user: string): boolean {
  if (request.path.toLowerCase().split('/').includes(user)) return true;
  return (
    isJsonObject(request.body) &&
    Object.values(request.body)
      .flat()
      .some((value) => typeof value === 'string' && value.toLowerCase() === user)
  );
}

/** Checks a rule that came over HTTP; the text says what is wrong with it. */
export function readRule(value: unknown): FaultRule | string {
  if (!isJsonObject(value)) return 'a rule must be an object';
  const kind = KINDS.find((known) => known === value['kind']);
  if (!kind) return `kind must be one of ${KINDS.join(', ')}`;
  const numbers: Partial<Record<'status' | 'retryAfter' | 'delayMs' | 'times' | 'probability', number>> = {};
  for (const field of ['status', 'retryAfter', 'delayMs', 'times', 'probability'] as const) {
    const number = value[field];
    if (number === undefined) continue;
    if (typeof number !== 'number' || number < 0) return `${field} must be a number, 0 or more`;
    numbers[field] = number;
  }
  if (numbers.status !== undefined && (numbers.status < 200 || numbers.status > 599))
    return 'status must be 200 to 599';
  const match = readMatch(value['match'] ?? {});
  if (typeof match === 'string') return match;
  return { kind, match, ...numbers, ...(value['body'] !== undefined && { body: value['body'] }) };
}

function readMatch(value: unknown): FaultMatch | string {
  if (!isJsonObject(value)) return 'match must be an object';
  const match: { -readonly [K in keyof FaultMatch]: string } = {};
  for (const [field, text] of Object.entries(value)) {
    const known = (['method', 'route', 'pathPrefix', 'pathContains', 'user'] as const).find(
      (name) => name === field,
    );
    if (!known) return `match.${field} is not known`;
    if (typeof text !== 'string') return `match.${field} must be a string`;
    match[known] = text;
  }
  return match;
}
