import { beforeEach, describe, expect, it } from 'vitest';

import type { JsonObject } from '../common/index.js';
import type { SafetyBudget } from '../config/index.js';
import type { LossBudget, LossWindow } from '../directory/index.js';
import { LossGate } from './loss-gate.js';
import { account, context, linkedGroup, linkedUser, userTarget } from './planner/fixtures.js';
import { adoptionEvidence } from './planner/index.js';
import type { GroupStep, Plan, UserStep } from './planner/index.js';
import { withoutLosses } from './safety/index.js';
import type { RunSession } from './session.js';

const reason = 'for the test';
const suspension: Plan<UserStep> = {
  steps: [{ do: 'suspendUser', reason }],
  notes: [],
  owned: { gained: [], lost: [] },
};

/** A plan that adds and removes these members. */
function change(add: readonly string[], remove: readonly string[]): Plan<GroupStep> {
  const request = {
    ...(add.length > 0 ? { add_users: [...add] } : {}),
    ...(remove.length > 0 ? { remove_users: [...remove] } : {}),
  };
  return { ...suspension, steps: [{ do: 'patchGroup', request, reason }] };
}

/** Reserves whatever the window allows, and remembers what it was asked for. */
class Window implements LossBudget {
  readonly asked: { version: number; losses: number }[] = [];
  window: LossWindow = { lossesInWindow: 0, linkedUsers: 0 };

  async reserve(
    _id: string,
    version: number,
    losses: number,
    allows: (window: LossWindow) => boolean,
  ): Promise<boolean> {
    this.asked.push({ version, losses });
    return allows(this.window);
  }
}

let window: Window;
let held: { version: number; plan: JsonObject }[];
let session: RunSession;

beforeEach(() => {
  window = new Window();
  held = [];
  session = newSession();
});

function newSession(): RunSession {
  const fake: Pick<RunSession, 'admitted' | 'hold'> = {
    admitted: null,
    hold: async (version, plan) => void held.push({ version, plan: plan as JsonObject }),
  };
  return fake as RunSession;
}

const gate = (limit: SafetyBudget | undefined, dryRun = false): LossGate =>
  new LossGate(window, limit, dryRun);
const TWO: SafetyBudget = { count: 2, share: 0 };
const user = linkedUser({ active: false, desired: 3 });
const group = linkedGroup({ desired: 3 });

/** A plan that adopts an account, and does more with it. */
function adoption(waits: boolean): Plan<UserStep> {
  const awaits = waits ? { awaits: adoptionEvidence(userTarget(), account(), context()) } : {};
  return {
    ...suspension,
    steps: [
      { do: 'adoptUser', user: account(), origin: 'adopted', ...awaits, reason },
      { do: 'activateUser', reason },
    ],
  };
}

describe('the gate before Coder', () => {
  it.each([false, true])(
    'holds an adoption that awaits approval, with its evidence (dry-run: %s)',
    async (dry) => {
      const plan = adoption(true);
      expect(await gate(undefined, dry).admit(session, userTarget(), plan, () => plan)).toEqual([]);
      expect(held).toMatchObject([
        {
          version: 1,
          plan: {
            adopts: { accountId: account().id, username: 'ann', usernameEqual: true },
            hash: expect.stringMatching(/^[0-9a-f]{64}$/),
            steps: [{ do: 'adoptUser' }, { do: 'activateUser' }],
          },
        },
      ]);
      expect(held[0]?.plan['dryRun']).toBe(dry ? true : undefined);
    },
  );

  it('lets one pass that awaits nothing', async () => {
    const plan = adoption(false);
    expect(await gate(TWO).admit(session, userTarget(), plan, () => plan)).toEqual(plan.steps);
    expect(held).toEqual([]);
  });

  it('lets gains pass without asking the budget', async () => {
    const plan = change(['a', 'b', 'c'], []);
    expect(await gate(TWO).admit(session, group, plan, () => withoutLosses(plan))).toEqual(plan.steps);
    expect(window.asked).toEqual([]);
  });

  it('lets losses pass while the budget has room for all of them, and asks once a run', async () => {
    const plan = change([], ['a', 'b']);
    const admit = () => gate(TWO).admit(session, group, plan, () => withoutLosses(plan));
    expect(await admit()).toEqual(plan.steps);
    expect(await admit()).toEqual(plan.steps);
    expect(window.asked).toEqual([{ version: 3, losses: 2 }]);
  });

  it('asks again when the version moved on during the run', async () => {
    const plan = change([], ['a']);
    await gate(TWO).admit(session, group, plan, () => withoutLosses(plan));
    await gate(TWO).admit(session, { ...group, desired: 4 }, plan, () => withoutLosses(plan));
    expect(window.asked).toHaveLength(2);
  });

  it('holds losses over the budget with the plan, its hash and what it takes away', async () => {
    window.window = { lossesInWindow: 2, linkedUsers: 0 };
    expect(await gate(TWO).admit(session, user, suspension, () => withoutLosses(suspension))).toEqual([]);
    expect(held).toMatchObject([
      {
        version: 3,
        plan: {
          losses: 1,
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          steps: [{ do: 'suspendUser', reason }],
          takes: { account: 'suspended' },
        },
      },
    ]);
  });

  it('lets the gains of a plan go on while its losses do not fit, and holds only then', async () => {
    window.window = { lossesInWindow: 2, linkedUsers: 0 };
    const plan = change(['new'], ['old']);
    expect(await gate(TWO).admit(session, group, plan, () => withoutLosses(plan))).toMatchObject([
      { do: 'patchGroup', request: { add_users: ['new'] } },
    ]);
    expect(held).toEqual([]);
    const rest = change([], ['old']);
    expect(await gate(TWO).admit(session, group, rest, () => withoutLosses(rest))).toEqual([]);
    expect(held).toHaveLength(1);
  });

  it('counts the share of the linked users where that is more', async () => {
    window.window = { lossesInWindow: 19, linkedUsers: 100 };
    const limit = { count: 2, share: 0.2 };
    expect(await gate(limit).admit(session, user, suspension, () => withoutLosses(suspension))).toHaveLength(
      1,
    );
    window.window = { lossesInWindow: 20, linkedUsers: 100 };
    const other = { ...user, desired: 4 };
    expect(await gate(limit).admit(session, other, suspension, () => withoutLosses(suspension))).toEqual([]);
  });

  it('lets everything pass where the budget is off', async () => {
    expect(
      await gate(undefined).admit(session, user, suspension, () => withoutLosses(suspension)),
    ).toHaveLength(1);
    expect(window.asked).toEqual([]);
  });

  it('lets an approved plan pass whatever the budget, and what is left of it after a part was done', async () => {
    window.window = { lossesInWindow: 1_000, linkedUsers: 0 };
    const whole = change([], ['a', 'b', 'c']);
    await gate(TWO).admit(session, group, whole, () => withoutLosses(whole));
    const approved = { ...group, approvedPlan: held[0]?.plan ?? null };
    const attempt = (plan: Plan<GroupStep>) =>
      gate(TWO).admit(newSession(), approved, plan, () => withoutLosses(plan));
    expect(await attempt(whole)).toEqual(whole.steps);
    expect(await attempt(change(['x'], ['c']))).toHaveLength(1);
    expect(await attempt(change([], ['d']))).toEqual([]);
  });

  it('lets nothing pass in a dry run, not even gains, and shows the plan', async () => {
    const plan = change(['a'], []);
    expect(await gate(undefined, true).admit(session, group, plan, () => withoutLosses(plan))).toEqual([]);
    expect(held).toMatchObject([{ version: 3, plan: { dryRun: true, steps: [{ do: 'patchGroup' }] } }]);
  });
});
