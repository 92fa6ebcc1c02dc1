import { beforeEach, describe, expect, it } from 'vitest';

import {
  AbortedError,
  AuthError,
  ConflictError,
  GoneError,
  RejectedError,
  ServerError,
  ThrottledError,
  TransientError,
} from '../coder/index.js';
import { targetKey } from '../common/index.js';
import type { Lane } from '../common/index.js';
import { DatabaseUnavailable, LinkTaken } from '../directory/index.js';
import type { Failure, TargetStore } from '../directory/index.js';
import { TargetGone } from '../queue/index.js';
import type { Lease, RunOutcome } from '../queue/index.js';
import type { GroupFinished } from './groups/group-run.js';
import { Reconciler } from './reconciler.js';
import type { RunReport } from './reconciler.js';
import { LeaseLost } from './session.js';
import type { RunSession } from './session.js';

const OPERATION = 'PUT /users/{user}/status/suspend';
const USER = targetKey('user', '0192aaaa-0000-7000-8000-000000000001');
const GROUP = targetKey('group', '0192aaaa-0000-7000-8000-000000000002');
/** What the wait after n tries is in these tests. */
const WAIT = (tries: number): number => tries * 1_000;

type Step = Error | GroupFinished;

/** A reconciler whose surroundings do as they are told and remember what was done. */
class Stage {
  /** What the runs end with, one after the other; the last one for ever. */
  script: Step[] = [{ settled: { dirtyForMs: 7 } }];
  readonly runs: { kind: string; urgent: boolean }[] = [];
  readonly putOffs: { delayMs: number; spend: boolean }[] = [];
  readonly failures: { version: number; failure: Failure }[] = [];
  readonly told: { target: string; error: unknown }[] = [];
  readonly reports: RunReport[] = [];
  released = 0;
  pausedForMs = 0;
  othersSucceed = true;
  desired = 5;
  tries = 0;
  leaseHolds = true;
  lease: 'mine' | 'taken' | 'gone' = 'mine';

  private readonly reconciler = new Reconciler(
    { acquire: () => this.acquire() },
    this.store(),
    { run: (session) => this.run(session) },
    { run: (session) => this.run(session) },
    {
      report: (target, error) => void this.told.push({ target, error }),
      pausedForMs: () => this.pausedForMs,
      othersSucceed: () => this.othersSucceed,
    },
    (report) => void this.reports.push(report),
    WAIT,
    () => 0,
  );

  outcome(key = USER, lane: Lane = 'normal'): Promise<RunOutcome> {
    return this.reconciler.run(key, lane);
  }

  private async acquire(): Promise<Lease | null> {
    if (this.lease === 'gone') throw new TargetGone(USER);
    if (this.lease === 'taken') return null;
    return {
      target: USER,
      id: 'id',
      token: 'token',
      remainingMs: 60_000,
      signal: new AbortController().signal,
      ensure: async () => true,
      release: async () => {
        this.released += 1;
      },
    };
  }

  private async run(session: RunSession): Promise<never> {
    this.runs.push({ kind: session.kind, urgent: session.urgent });
    session.reading({ desired: 5, tries: this.tries });
    const step = this.script.length > 1 ? this.script.shift() : this.script[0];
    if (step instanceof Error) throw step;
    return step as never;
  }

  private store(): TargetStore {
    const store: Partial<TargetStore> = {
      desired: async () => this.desired,
      putOff: async (_id, _token, delayMs, spend) => {
        this.putOffs.push({ delayMs, spend });
        return this.leaseHolds;
      },
      fail: async (_id, _token, version, failure) => {
        this.failures.push({ version, failure });
        return this.leaseHolds;
      },
    };
    return store as TargetStore;
  }
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

const outcomes = (): string[] => stage.reports.map((report) => report.outcome);

async function times(count: number, key = USER): Promise<void> {
  for (let at = 0; at < count; at += 1) await stage.outcome(key);
}

describe('a run that ends well', () => {
  it('is reported with the time it took to arrive, and gives its lease back', async () => {
    expect(await stage.outcome()).toEqual({ next: 'done' });
    expect(stage.reports).toEqual([{ kind: 'user', target: USER, outcome: 'settled', dirtyForMs: 7 }]);
    expect(stage.told).toEqual([{ target: USER, error: undefined }]);
    expect(stage.released).toBe(1);
  });

  it.each([
    [{ settled: null }, 'unchanged'],
    [{ settled: null, failed: true }, 'failed'],
    [{ settled: null, held: true }, 'held'],
  ] as const)('with %j is told as %s', async (finished, outcome) => {
    stage.script = [finished];
    expect(await stage.outcome()).toEqual({ next: 'done' });
    expect(outcomes()).toEqual([outcome]);
  });

  it('of a group that waits for quiet is put off without spending a try', async () => {
    stage.script = [{ waitMs: 321 }];
    expect(await stage.outcome(GROUP)).toEqual({ next: 'later', ms: 321 });
    expect(stage.putOffs).toEqual([]);
    expect(outcomes()).toEqual(['waiting']);
    expect(stage.released).toBe(1);
  });

  it('of the urgent lane says so to those that it calls', async () => {
    await stage.outcome(USER, 'urgent');
    await stage.outcome(GROUP, 'normal');
    expect(stage.runs).toEqual([
      { kind: 'user', urgent: true },
      { kind: 'group', urgent: false },
    ]);
  });
});

describe('a job', () => {
  it('is put off while Coder is not to be called, without asking for a lease', async () => {
    stage.pausedForMs = 4_000;
    expect(await stage.outcome()).toEqual({ next: 'later', ms: 4_000 });
    expect(stage.runs).toEqual([]);
    expect(stage.released).toBe(0);
  });

  it('that finds the lease taken comes back in 250 ms', async () => {
    stage.lease = 'taken';
    expect(await stage.outcome()).toEqual({ next: 'later', ms: 250 });
    expect(outcomes()).toEqual(['leaseTaken']);
  });

  it('of a target that is gone is done', async () => {
    stage.lease = 'gone';
    expect(await stage.outcome()).toEqual({ next: 'done' });
    expect(outcomes()).toEqual([]);
  });

  it('whose lease is lost stops, records nothing and comes back', async () => {
    for (const error of [new LeaseLost(), new AbortedError(OPERATION, 'aborted', true)]) {
      stage.script = [error];
      expect(await stage.outcome()).toEqual({ next: 'later', ms: 250 });
    }
    expect(stage.putOffs).toEqual([]);
    expect(stage.failures).toEqual([]);
    expect(outcomes()).toEqual(['lost', 'lost']);
  });

  it('whose lease is lost while its error is recorded comes back as well', async () => {
    stage.script = [new TransientError(OPERATION, 'no answer', true)];
    stage.leaseHolds = false;
    expect(await stage.outcome()).toEqual({ next: 'later', ms: 250 });
  });

  it('throws when the database is away: the queue gives it up, and the sweep finds it', async () => {
    stage.script = [new DatabaseUnavailable('away')];
    await expect(stage.outcome()).rejects.toThrow(DatabaseUnavailable);
    expect(stage.released).toBe(1);
  });
});

describe('no answer', () => {
  const error = new TransientError(OPERATION, '503', true, 503);

  it('is tried again later for ever, spending a try and waiting longer each time', async () => {
    stage.script = [error];
    for (const tries of [0, 1, 7, 100]) {
      stage.tries = tries;
      expect(await stage.outcome()).toEqual({ next: 'later', ms: WAIT(tries + 1) });
    }
    expect(stage.putOffs.map(({ spend }) => spend)).toEqual([true, true, true, true]);
    expect(stage.failures).toEqual([]);
    expect(stage.told.map((one) => one.error)).toEqual([error, error, error, error]);
  });

  it('does not make a push wait that came during the run', async () => {
    stage.script = [error];
    stage.desired = 6;
    expect(await stage.outcome()).toEqual({ next: 'later', ms: 250 });
  });

  it('waits at least as long as all work pauses', async () => {
    stage.script = [error];
    const outcome = stage.outcome();
    stage.pausedForMs = 30_000;
    expect(await outcome).toEqual({ next: 'later', ms: 30_000 });
  });
});

describe('429', () => {
  it('waits as long as was asked for and spends no try', async () => {
    stage.script = [new ThrottledError(OPERATION, 12_345, 429)];
    expect(await stage.outcome()).toEqual({ next: 'later', ms: 12_345 });
    expect(stage.putOffs).toEqual([{ delayMs: 12_345, spend: false }]);
    expect(outcomes()).toEqual(['throttled']);
  });
});

describe('401', () => {
  it('fails nothing, spends no try, and waits until the token is probed again', async () => {
    stage.script = [new AuthError(OPERATION, 'signed out', 401)];
    const outcome = stage.outcome();
    stage.pausedForMs = 5_000;
    expect(await outcome).toEqual({ next: 'later', ms: 5_000 });
    expect(stage.putOffs).toMatchObject([{ spend: false }]);
    expect(stage.failures).toEqual([]);
    expect(stage.runs).toHaveLength(1);
  });
});

describe('500', () => {
  const error = new ServerError(OPERATION, 'boom', 500);

  it('of one target while others succeed fails it at the eighth try', async () => {
    stage.script = [error];
    await times(7);
    expect(stage.failures).toEqual([]);
    expect(await stage.outcome()).toEqual({ next: 'done' });
    expect(stage.failures).toMatchObject([
      { version: 5, failure: { kind: 'refused', step: OPERATION, status: 500 } },
    ]);
    expect(stage.putOffs).toHaveLength(7);
  });

  it('of everything is nobody’s failure, and its tries are not held against anybody later', async () => {
    stage.script = [error];
    stage.othersSucceed = false;
    stage.tries = 50;
    await times(20);
    stage.othersSucceed = true;
    await times(7);
    expect(stage.failures).toEqual([]);
    await stage.outcome();
    expect(stage.failures).toHaveLength(1);
  });

  it('is forgiven by a run that ends well, and counted for each target alone', async () => {
    stage.script = [error];
    await times(7, USER);
    await times(7, GROUP);
    stage.script = [{ settled: { dirtyForMs: 1 } }];
    await stage.outcome(USER);
    stage.script = [error];
    await stage.outcome(USER);
    expect(stage.failures).toEqual([]);
    await stage.outcome(GROUP);
    expect(stage.failures).toHaveLength(1);
  });

  it('begins to count anew after it was a failure', async () => {
    stage.script = [error];
    await times(8);
    await times(7);
    expect(stage.failures).toHaveLength(1);
  });
});

describe('a refusal', () => {
  it.each([
    [new RejectedError(OPERATION, '400: no', 400), 'invalidValue'],
    [new RejectedError(OPERATION, '403: no', 403), 'refused'],
    [new GoneError(OPERATION, '404: no', 404), 'refused'],
    [new ConflictError(OPERATION, '409: no', 409), 'uniqueness'],
    [new RejectedError(OPERATION, '417: no', 417), 'refused'],
  ])('(%s) is looked at and planned once more, and then fails the version as %s', async (error, kind) => {
    stage.script = [error];
    expect(await stage.outcome()).toEqual({ next: 'done' });
    expect(stage.runs).toHaveLength(2);
    expect(stage.failures).toEqual([
      { version: 5, failure: { kind, step: OPERATION, detail: error.message, status: error.status } },
    ]);
    expect(outcomes()).toEqual(['failed']);
    expect(stage.putOffs).toEqual([]);
  });

  it('that the second look does not meet again is none', async () => {
    stage.script = [new GoneError(OPERATION, '404', 404), { settled: { dirtyForMs: 3 } }];
    expect(await stage.outcome()).toEqual({ next: 'done' });
    expect(stage.failures).toEqual([]);
    expect(outcomes()).toEqual(['settled']);
  });

  it('is an answer of Coder: it says that Coder works', async () => {
    const error = new RejectedError(OPERATION, '400', 400);
    stage.script = [error, { settled: { dirtyForMs: 3 } }];
    await stage.outcome();
    expect(stage.told).toEqual([
      { target: USER, error },
      { target: USER, error: undefined },
    ]);
  });

  it('for a link that another has is a conflict', async () => {
    stage.script = [new LinkTaken('coder-id')];
    expect(await stage.outcome()).toEqual({ next: 'done' });
    expect(stage.failures).toMatchObject([{ failure: { kind: 'uniqueness', step: 'link' } }]);
  });
});

describe('a fault of the bridge itself', () => {
  it('is tried eight times before it is a failure for people', async () => {
    stage.script = [new Error('the plan does not come to rest')];
    await times(7);
    expect(stage.failures).toEqual([]);
    expect(await stage.outcome()).toEqual({ next: 'done' });
    expect(stage.failures).toMatchObject([
      { failure: { kind: 'refused', step: 'reconcile', detail: expect.stringContaining('come to rest') } },
    ]);
  });
});
