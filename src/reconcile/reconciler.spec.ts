import { describe, expect, it } from 'vitest';

import type { CoderClient } from '../coder/index.js';
import type { TargetStore, UserTarget } from '../directory/index.js';
import type { Lease } from '../queue/index.js';
import { DeploymentReader } from './deployment.js';
import { LossGate } from './loss-gate.js';
import { context, userTarget } from './planner/fixtures.js';
import { Reconciler } from './reconciler.js';
import { UserApplier } from './users/apply-user.js';
import { UserDetails } from './users/details.js';
import { UserObserver } from './users/observe-user.js';
import { UserRun } from './users/user-run.js';

const lease: Lease = {
  target: 'user:1',
  id: '1',
  token: 'token',
  remainingMs: 60_000,
  signal: new AbortController().signal,
  ensure: () => Promise.resolve(true),
  release: () => Promise.resolve(),
};

/** Runs a user whose target is this; answers the targets that Coder's health was told of. */
async function toldOf(target: UserTarget): Promise<string[]> {
  const told: string[] = [];
  const done = (): Promise<true> => Promise.resolve(true);
  const store = {
    readUser: () => Promise.resolve(target),
    settle: () => Promise.resolve({ dirtyForMs: 1 }),
    own: done,
    note: done,
  } as unknown as TargetStore;
  const coder = {
    getOrganization: () => Promise.resolve({ id: 'organization' }),
    getUser: () => Promise.resolve({ id: 'self', roles: [] }),
  } as unknown as CoderClient;
  const accounts = {
    peek: () => undefined,
    get: () => Promise.reject(new Error('nobody is to be looked for')),
    invalidate: () => undefined,
    noteChanged: () => undefined,
    noteCreated: () => undefined,
    noteDeleted: () => undefined,
  };
  const deployment = new DeploymentReader(coder, undefined, { now: () => 0, monotonic: () => 0 });
  const observer = new UserObserver(coder, accounts, deployment, () => Promise.resolve(false));
  const gate = new LossGate({ reserve: done }, undefined, false);
  const applier = new UserApplier(coder, accounts, observer);
  const run = new UserRun(
    store,
    observer,
    applier,
    new UserDetails(coder),
    { of: () => Promise.resolve(context()) },
    gate,
  );
  const health = {
    report: (key: string) => void told.push(key),
    pausedForMs: () => 0,
    othersSucceed: () => true,
  };
  const leases = { acquire: () => Promise.resolve(lease) };
  const groups = { run: () => Promise.resolve({ settled: null }) };
  const reconciler = new Reconciler(
    leases,
    store,
    run,
    groups,
    health,
    () => undefined,
    () => 1,
  );
  expect(await reconciler.run('user:1', 'normal')).toEqual({ next: 'done' });
  return told;
}

describe('a run that asks nothing of Coder', () => {
  it.each([
    ['because its work is done', userTarget({ applied: 3, desired: 3 })],
    ['because nobody is to be there', userTarget({ applied: 2, desired: 3, active: false })],
  ])('%s does not say that Coder works', async (_why, target) => {
    expect(await toldOf(target)).toEqual([]);
  });
});
