import {
  AbortedError,
  AuthError,
  CoderError,
  ServerError,
  ThrottledError,
  TransientError,
} from '../coder/index.js';
import { parseTargetKey } from '../common/index.js';
import type { Lane, TargetKey, TargetKind } from '../common/index.js';
import type { Failure, TargetStore } from '../directory/index.js';
import { DatabaseUnavailable, LinkTaken } from '../directory/index.js';
import { TargetGone } from '../queue/index.js';
import type { Lease, Leases, RunOutcome } from '../queue/index.js';
import { Blame } from './blame.js';
import type { GroupFinished, GroupRun } from './groups/group-run.js';
import type { Wellbeing } from './ports.js';
import { LeaseLost, RunSession } from './session.js';
import type { UserRun } from './users/user-run.js';

/** A lease that somebody else holds is looked at again after this long. */
const LEASE_TAKEN_MS = 250;
/** A target's own 500 is given up on after so many tries, while others succeed. */
const MAX_TRIES = 8;

const DONE: RunOutcome = { next: 'done' };
const later = (ms: number): RunOutcome => ({ next: 'later', ms });

/** What a run tells the outside: for metrics and logs. */
export interface RunReport {
  readonly kind: TargetKind;
  readonly outcome:
    | 'settled'
    | 'held'
    | 'unchanged'
    | 'failed'
    | 'waiting'
    | 'throttled'
    | 'retry'
    | 'leaseTaken'
    | 'paused'
    | 'lost';
  readonly dirtyForMs?: number;
  readonly target: TargetKey;
  readonly error?: Error;
}

/** Runs one target: lease, look, plan, check, apply; and decides what an error of Coder means for it. */
export class Reconciler {
  private readonly blame = new Blame();

  constructor(
    private readonly leases: Pick<Leases, 'acquire'>,
    private readonly store: TargetStore,
    private readonly users: Pick<UserRun, 'run'>,
    private readonly groups: Pick<GroupRun, 'run'>,
    private readonly coder: Wellbeing,
    private readonly report: (report: RunReport) => void,
    /** How long to wait after so many tries, milliseconds. */
    private readonly waitAfter: (tries: number) => number,
    private readonly random: () => number = Math.random,
  ) {}

  /** The queue's handler: `later` puts the job off without spending an attempt. */
  async run(key: TargetKey, lane: Lane): Promise<RunOutcome> {
    const { kind, id } = parseTargetKey(key);
    const pausedFor = this.coder.pausedForMs();
    if (pausedFor > 0) {
      this.report({ kind, target: key, outcome: 'paused' });
      return later(pausedFor * (1 + this.random() / 4));
    }
    const lease = await this.lease(key);
    if (lease === 'gone') return DONE;
    if (!lease) {
      this.report({ kind, target: key, outcome: 'leaseTaken' });
      return later(LEASE_TAKEN_MS);
    }
    const session = new RunSession(kind, id, lease, this.store, lane === 'urgent');
    try {
      const finished = await this.attempt(session, key);
      return this.ended(key, kind, finished);
    } catch (error) {
      return await this.failed(session, key, error);
    } finally {
      await lease.release();
    }
  }

  /** A target that no longer exists (an undone creation) has no work. */
  private async lease(key: TargetKey): Promise<Lease | null | 'gone'> {
    try {
      return await this.leases.acquire(key);
    } catch (error) {
      if (error instanceof TargetGone) return 'gone';
      throw error;
    }
  }

  /** A refusal may mean that the view was stale: look and plan once more; the second one counts. */
  private async attempt(session: RunSession, key: TargetKey): Promise<GroupFinished> {
    const once = (): Promise<GroupFinished> =>
      session.kind === 'user' ? this.users.run(session) : this.groups.run(session);
    try {
      return await once();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.coder.report(key, error);
      session.surprise();
      return once();
    }
  }

  private ended(key: TargetKey, kind: TargetKind, finished: GroupFinished): RunOutcome {
    if ('waitMs' in finished) {
      this.report({ kind, target: key, outcome: 'waiting' });
      return later(finished.waitMs);
    }
    // Of Coder's health tells only who has asked it: a job that finds its work done must not end an outage.
    if (!finished.idle) this.coder.report(key);
    this.blame.clear(key);
    if (finished.settled)
      this.report({ kind, target: key, outcome: 'settled', dirtyForMs: finished.settled.dirtyForMs });
    else
      this.report({
        kind,
        target: key,
        outcome: finished.failed ? 'failed' : finished.held ? 'held' : 'unchanged',
      });
    return DONE;
  }

  private async failed(session: RunSession, key: TargetKey, error: unknown): Promise<RunOutcome> {
    const { kind } = session;
    try {
      if (error instanceof LeaseLost || error instanceof AbortedError) {
        this.report({ kind, target: key, outcome: 'lost', error });
        return later(LEASE_TAKEN_MS);
      }
      if (error instanceof ThrottledError) return await this.throttled(session, key, error);
      if (error instanceof AuthError) return await this.unauthorized(session, key, error);
      if (error instanceof TransientError) {
        this.coder.report(key, error);
        return await this.retry(session, key, error);
      }
      if (error instanceof ServerError) return await this.serverError(session, key, error);
      return await this.refused(session, key, error);
    } catch (again) {
      if (again instanceof LeaseLost) return later(LEASE_TAKEN_MS);
      throw again;
    }
  }

  private async throttled(session: RunSession, key: TargetKey, error: ThrottledError): Promise<RunOutcome> {
    this.coder.report(key, error);
    this.report({ kind: session.kind, target: key, outcome: 'throttled' });
    await session.putOff(error.retryAfterMs, false);
    return later(error.retryAfterMs);
  }

  private async unauthorized(session: RunSession, key: TargetKey, error: AuthError): Promise<RunOutcome> {
    this.coder.report(key, error);
    this.report({ kind: session.kind, target: key, outcome: 'retry', error });
    await session.putOff(1_000, false);
    return later(Math.max(1_000, this.coder.pausedForMs()));
  }

  private async serverError(session: RunSession, key: TargetKey, error: ServerError): Promise<RunOutcome> {
    this.coder.report(key, error);
    if (!this.coder.othersSucceed(key) || this.blame.add(key) < MAX_TRIES)
      return this.retry(session, key, error);
    return this.giveUp(session, key, error, {
      kind: 'refused',
      step: error.operation,
      detail: `Coder answered 500 to ${MAX_TRIES} tries while other work succeeded: ${error.message}`,
      status: 500,
    });
  }

  /** Refusals of Coder fail the target at once; a fault of the bridge itself after as many tries as a 500. */
  private async refused(session: RunSession, key: TargetKey, error: unknown): Promise<RunOutcome> {
    if (error instanceof DatabaseUnavailable) throw error;
    const failure = failureOf(error);
    const reason = error instanceof Error ? error : new Error(String(error));
    if (failure) return this.giveUp(session, key, reason, failure);
    if (this.blame.add(key) < MAX_TRIES) return this.retry(session, key, reason);
    const detail = `The bridge failed ${MAX_TRIES} times on this: ${reason.message}`;
    return this.giveUp(session, key, reason, { kind: 'refused', step: 'reconcile', detail });
  }

  private async giveUp(
    session: RunSession,
    key: TargetKey,
    error: Error,
    failure: Failure,
  ): Promise<RunOutcome> {
    this.blame.clear(key);
    await session.fail(session.version ?? (await this.store.desired(session.id)), failure);
    this.report({ kind: session.kind, target: key, outcome: 'failed', error });
    return DONE;
  }

  /** Exponential backoff with full jitter, kept on the target's row. */
  private async retry(session: RunSession, key: TargetKey, error: Error): Promise<RunOutcome> {
    const delay = this.waitAfter(session.tries + 1);
    await session.putOff(delay, true);
    this.report({ kind: session.kind, target: key, outcome: 'retry', error });
    // A push that came during the run did not find the target put off, so that it brought nothing forward.
    const moved = session.version !== null && (await this.store.desired(session.id)) > session.version;
    return later(Math.max(moved ? LEASE_TAKEN_MS : delay, this.coder.pausedForMs()));
  }
}

/** What Coder will not do however often it is asked. Conflicts among them may come from a stale view. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof CoderError &&
    !(error instanceof TransientError) &&
    !(error instanceof ServerError) &&
    !(error instanceof ThrottledError) &&
    !(error instanceof AuthError)
  );
}

function failureOf(error: unknown): Failure | null {
  if (error instanceof LinkTaken)
    return {
      kind: 'uniqueness',
      step: 'link',
      detail: `The account or group ${error.coderId} in Coder belongs to another resource of the directory.`,
    };
  if (!(error instanceof CoderError) || !isRefusal(error)) return null;
  return {
    kind: error.status === 409 ? 'uniqueness' : error.status === 400 ? 'invalidValue' : 'refused',
    step: error.operation,
    detail: error.message,
    ...(error.status === undefined ? {} : { status: error.status }),
  };
}
