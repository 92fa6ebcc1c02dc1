import type { CallOptions } from '../coder/index.js';
import type { JsonObject, TargetKind } from '../common/index.js';
import type {
  ClaimedMembership,
  DecidedClaims,
  Effect,
  Failure,
  Intent,
  Link,
  Offboarding,
  OwnedChange,
  RoleChange,
  TargetStore,
} from '../directory/index.js';
import type { Lease } from '../queue/index.js';

/** The lease of the target was lost: somebody else may hold it, so nothing more is done and nothing recorded. */
export class LeaseLost extends Error {
  constructor() {
    super('the lease of the target was lost');
    this.name = 'LeaseLost';
  }
}

/** Longest call of Coder (15 s) and some slack: so much of the lease must remain before a mutation is sent. */
const CALL_BUDGET_MS = 20_000;

/** One run over one target, under its lease: every result is recorded only while the lease is ours. */
export class RunSession {
  private seen: { readonly desired: number; readonly tries: number } | null = null;

  constructor(
    readonly kind: TargetKind,
    readonly id: string,
    private readonly lease: Lease,
    private readonly store: TargetStore,
    /** A run of the urgent lane: its calls go ahead of those who wait for Coder's rate limit. */
    readonly urgent: boolean,
  ) {}

  /** Options of every call: it is aborted when the lease is lost, and goes ahead when the run is urgent. */
  get call(): CallOptions {
    return { signal: this.lease.signal, urgent: this.urgent };
  }

  /** What the run goes by was last seen, and not just now. A surprise of Coder, or a change, ends that. */
  private relying = false;
  private surprised = false;
  /** Something is known of the target that a change makes untrue. */
  private remembered = false;

  /** Whether the run goes by what was last seen. */
  get trusting(): boolean {
    return this.relying;
  }

  /** Whether the run may go by what was last seen: it may until Coder has surprised it. */
  get mayTrust(): boolean {
    return !this.surprised;
  }

  /** The run goes by what was last seen, from now on. */
  trust(): void {
    this.relying = true;
  }

  /** Coder answered otherwise than what was known let expect: it is asked from now on. */
  surprise(): void {
    this.surprised = true;
    this.relying = false;
  }

  /** The version whose losses were let pass in this run; its remaining steps are not asked about again. */
  admitted: number | null = null;

  /** Remembers the reading of the target that the run works on. */
  reading(target: {
    readonly desired: number;
    readonly tries: number;
    readonly known?: JsonObject | null;
  }): void {
    this.seen = { desired: target.desired, tries: target.tries };
    if (target.known) this.remembered = true;
  }

  /** The version that was worked on; null before the first reading. */
  get version(): number | null {
    return this.seen?.desired ?? null;
  }

  /** Tries that were spent on the target before this run. */
  get tries(): number {
    return this.seen?.tries ?? 0;
  }

  /** To be awaited before each mutating call. @throws LeaseLost */
  async beforeMutation(): Promise<void> {
    if (!(await this.lease.ensure(CALL_BUDGET_MS))) throw new LeaseLost();
    // Whoever comes after a death between the call and its record must not go by what was before.
    if (!this.remembered) return;
    await held(this.store.forgetKnown(this.id, this.lease.token));
    this.remembered = false;
  }

  link(link: Link, effect: Effect): Promise<void> {
    return held(this.store.link(this.id, this.lease.token, link, effect));
  }

  unlink(effect: Effect): Promise<void> {
    return held(this.store.unlink(this.id, this.lease.token, effect));
  }

  intend(intent: Intent | null): Promise<void> {
    return held(this.store.intend(this.id, this.lease.token, intent));
  }

  async own(change: OwnedChange): Promise<void> {
    if (change.gained.length === 0 && change.lost.length === 0) return;
    await held(this.store.own(this.id, this.lease.token, change));
  }

  async ownRoles(change: RoleChange): Promise<void> {
    if (change.gained.length === 0 && change.lost.length === 0) return;
    await held(this.store.ownRoles(this.id, this.lease.token, change));
  }

  offboard(taken: Offboarding | null, effect: Effect): Promise<void> {
    return held(this.store.offboard(this.id, this.lease.token, taken, effect));
  }

  decideClaims(
    decided: readonly DecidedClaims[],
    memberships: readonly ClaimedMembership[],
    lookAgain: boolean,
  ): Promise<void> {
    return held(this.store.decideClaims(this.id, this.lease.token, decided, memberships, lookAgain));
  }

  async raiseRuled(ruled: readonly string[]): Promise<void> {
    if (ruled.length > 0) await held(this.store.raiseRuled(this.id, this.lease.token, ruled));
  }

  record(effect: Effect): Promise<void> {
    return held(this.store.record(this.id, this.lease.token, effect));
  }

  note(effect: Effect): Promise<void> {
    return held(this.store.note(this.id, this.lease.token, effect));
  }

  fail(version: number, failure: Failure): Promise<void> {
    return held(this.store.fail(this.id, this.lease.token, version, failure));
  }

  hold(version: number, plan: Record<string, unknown>): Promise<void> {
    return held(this.store.hold(this.id, this.lease.token, version, plan));
  }

  putOff(delayMs: number, spend: boolean, known?: JsonObject): Promise<void> {
    return held(this.store.putOff(this.id, this.lease.token, delayMs, spend, known));
  }

  async settle(
    version: number,
    busy: boolean,
    known?: JsonObject,
    keysUntil?: Date,
  ): Promise<{ dirtyForMs: number }> {
    const settled = await this.store.settle(this.id, this.lease.token, version, busy, known, keysUntil);
    if (!settled) throw new LeaseLost();
    return settled;
  }
}

async function held(result: Promise<boolean>): Promise<void> {
  if (!(await result)) throw new LeaseLost();
}
