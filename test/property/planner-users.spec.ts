import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CoderUser } from '../../src/coder/index.js';
import type { UserTarget } from '../../src/directory/index.js';
import {
  account,
  ACCOUNT,
  context,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  SELF,
  userTarget,
} from '../../src/reconcile/planner/fixtures.js';
import { planUser } from '../../src/reconcile/planner/index.js';
import type { Plan, PlanContext, UserStep } from '../../src/reconcile/planner/index.js';
import { guardUser, losses, planHash, withoutLosses } from '../../src/reconcile/safety/index.js';
import { applyUserStep, type UserWorld } from './planner-model.js';

const RUNS = { numRuns: 800 };
const LOSSES: readonly UserStep['do'][] = ['suspendUser', 'deleteUser', 'leaveOrganization'];
const GAINS: readonly UserStep['do'][] = ['activateUser', 'joinOrganization', 'updateProfile'];

const organizations = fc.subarray([ORGANIZATION, OTHER_ORGANIZATION]);
const emails = fc.constantFrom('ann@x.io', 'Ann@X.io', 'bob@x.io');

const accounts: fc.Arbitrary<CoderUser> = fc
  .record({
    id: fc.constantFrom(ACCOUNT, ACCOUNT, ACCOUNT, SELF),
    username: fc.constantFrom('ann', 'ann-2', 'zoe', 'root'),
    name: fc.constantFrom('Ann Lee', 'A', ''),
    email: emails,
    status: fc.constantFrom('active', 'dormant', 'suspended'),
    login_type: fc.constantFrom('oidc', 'password', 'none'),
    created_at: fc.constantFrom('2025-09-01T12:00:00Z', '2025-08-01T12:00:00Z'),
    organization_ids: organizations,
    roles: fc.subarray([
      { name: 'owner' },
      { name: 'auditor' },
      { name: 'owner', organization_id: ORGANIZATION },
    ]),
  })
  .map((change) => account(change));

const contexts: fc.Arbitrary<PlanContext> = fc
  .record({
    loginType: fc.constantFrom('oidc', 'password'),
    newUserStatus: fc.constantFrom('dormant', 'active'),
    deleteUsers: fc.constantFrom('suspend', 'delete'),
    renameUsers: fc.boolean(),
    protectedUsers: fc.subarray(['root', 'bob@x.io']),
    taken: fc.subarray(['ann', 'ann-2', 'zoe']),
  } as const)
  .map(({ taken, ...policy }) => context(policy, taken));

const targets = fc.record({
  userName: fc.oneof(fc.constantFrom('ann', 'ann@x.io', 'zoe'), fc.string({ unit: 'binary' })),
  active: fc.boolean(),
  deleted: fc.boolean(),
  email: fc.option(emails),
  fullName: fc.constantFrom('Ann Lee', '', '  Zoë  ', 'x'.repeat(200)),
  emailClaimedBy: fc.option(fc.constant('other'), { freq: 5 }),
  ownedOrganizations: organizations,
});

/** A user with what was seen of it: linked to an account that is there or gone, or not linked beside an account or none. */
const worlds: fc.Arbitrary<UserWorld> = fc
  .tuple(
    targets,
    fc.option(accounts),
    fc.constantFrom('linked', 'gone', 'unlinked', 'announced'),
    fc.boolean(),
  )
  .map(([change, seen, how, adopted]): UserWorld => {
    const origin = adopted ? 'adopted' : 'created';
    const linked = how === 'linked' && seen !== null;
    const link =
      linked || how === 'gone' ? ({ coderId: seen?.id ?? ACCOUNT, coderName: 'ann', origin } as const) : null;
    const intent =
      how === 'announced'
        ? { key: seen?.email ?? 'ann@x.io', name: 'ann', sentAt: '2025-09-01T12:00:00Z' }
        : null;
    const ownedOrganizations = link === null ? [] : change.ownedOrganizations;
    const target: UserTarget = userTarget({ ...change, link, intent, ownedOrganizations });
    const known =
      seen !== null &&
      (intent !== null ||
        (target.active && !target.deleted && seen.email.toLowerCase() === target.email?.toLowerCase()));
    return {
      target,
      view: { account: linked ? seen : null, sameEmail: link === null && known ? seen : null },
    };
  });

/** Carries out plan after plan until one has no steps, as the reconciler does; ownership is recorded with each. */
function converge(
  start: UserWorld,
  when: PlanContext,
): { world: UserWorld; last: Plan<UserStep>; rounds: number } {
  let world = start;
  for (let rounds = 0; rounds < 5; rounds += 1) {
    const plan = planUser(world.target, world.view, when);
    const { gained, lost } = plan.owned;
    const owned = world.target.ownedOrganizations.filter((id) => !lost.includes(id));
    world = { ...world, target: { ...world.target, ownedOrganizations: [...owned, ...gained] } };
    if (plan.steps.length === 0) return { world, last: plan, rounds };
    for (const step of plan.steps) world = applyUserStep(world, step);
  }
  throw new Error('the plan does not come to rest');
}

function isShielded(user: CoderUser, when: PlanContext): boolean {
  const names = when.policy.protectedUsers;
  const owner = user.roles.some((role) => role.name === 'owner' && role.organization_id === undefined);
  return (
    user.id === SELF || owner || names.includes(user.username) || names.includes(user.email.toLowerCase())
  );
}

/** What of a world at rest is not as the directory has it. */
function differences({ target, view }: UserWorld, when: PlanContext): string[] {
  const user = view.account;
  const suspended = user?.status === 'suspended';
  if (target.deleted || !target.active) {
    if (user === null || isShielded(user, when)) return [];
    if (target.deleted && when.policy.deleteUsers === 'delete') return ['not deleted'];
    return suspended ? [] : ['not suspended'];
  }
  if (user === null) return ['no account'];
  return [
    ...(suspended ? ['suspended'] : []),
    ...(user.organization_ids.includes(ORGANIZATION) ? [] : ['not in the organization']),
    ...(target.ownedOrganizations.includes(ORGANIZATION) ? [] : ['the organization is not owned']),
    ...(target.fullName === 'Ann Lee' && user.name !== 'Ann Lee' ? ['another name'] : []),
    ...(target.link?.coderId === user.id ? [] : ['not linked']),
  ];
}

/** Whether a world at rest must be a failure: the only reasons there are. */
function mustFail({ target, view }: UserWorld, when: PlanContext): boolean {
  const wanted = target.active && !target.deleted;
  if (target.link === null) {
    if (wanted) return true;
    // Made by the bridge, and become an owner since: it cannot be suspended.
    return (
      view.sameEmail !== null && target.intent !== null && planUser(target, view, when).failure !== undefined
    );
  }
  const user = view.account;
  if (wanted || user === null || user.id === SELF) return false;
  const { protectedUsers } = when.policy;
  if (protectedUsers.includes(user.username) || protectedUsers.includes(user.email.toLowerCase()))
    return false;
  const deletes = target.deleted && when.policy.deleteUsers === 'delete';
  return isShielded(user, when) && (user.status !== 'suspended' || deletes);
}

describe('planning users, whatever the input', () => {
  it('comes to rest after one plan (two when an account is gone), and a replay plans nothing', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { world, rounds } = converge(start, when);
        const gone = start.target.link !== null && start.view.account === null;
        expect(rounds).toBeLessThanOrEqual(gone ? 2 : 1);
        const replay = planUser(world.target, world.view, when);
        expect(replay.steps).toEqual([]);
        expect(replay.owned).toEqual({ gained: [], lost: [] });
      }),
      RUNS,
    );
  });

  it('gives what is desired, or says why not', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { world, last } = converge(start, when);
        expect(last.failure === undefined ? differences(world, when) : []).toEqual([]);
        expect(last.failure !== undefined).toBe(mustFail(world, when));
      }),
      RUNS,
    );
  });

  it('never suspends, deletes or renames the bridge itself, protected accounts and owners', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const user = start.view.account ?? start.view.sameEmail;
        fc.pre(user !== null && isShielded(user, when));
        const { steps } = planUser(start.target, start.view, when);
        expect(steps.map((step) => step.do).filter((name) => LOSSES.includes(name))).toEqual([]);
        const others = new Set(steps.flatMap((step) => (step.do === 'updateProfile' ? [step.username] : [])));
        expect([...others].filter((name) => name !== user?.username)).toEqual([]);
        expect(steps.filter((step) => step.do === 'adoptUser' && step.user.id === SELF)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('never takes away an organization that is not owned', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const user = start.view.account ?? start.view.sameEmail;
        const { world } = converge(start, when);
        const after = world.view.account ?? world.view.sameEmail;
        fc.pre(user !== null && after?.id === user.id);
        const owned = start.target.ownedOrganizations;
        const kept = user?.organization_ids.filter((id) => !owned.includes(id)) ?? [];
        expect(after?.organization_ids).toEqual(expect.arrayContaining(kept));
      }),
      RUNS,
    );
  });

  it('touches no account that is neither linked nor adopted', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        fc.pre(start.target.link === null);
        const names = planUser(start.target, start.view, when).steps.map((step) => step.do);
        expect(['createUser', 'adoptUser', undefined]).toContain(names[0]);
        expect(names.slice(1)).not.toContain('adoptUser');
        expect(names.indexOf('createUser')).toBeLessThanOrEqual(0);
        expect(names[0] === 'createUser' ? names : ['createUser']).toEqual(['createUser']);
      }),
      RUNS,
    );
  });

  it('puts losses before gains, and each step at most once', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const names = planUser(start.target, start.view, when).steps.map((step) => step.do);
        const lossesFirst = [
          ...names.filter((name) => !GAINS.includes(name)),
          ...names.filter((name) => GAINS.includes(name)),
        ];
        expect(names).toEqual(lossesFirst);
        expect(new Set(names).size).toBe(names.length);
      }),
      RUNS,
    );
  });

  it('satisfies the guard, and holds its losses apart from its gains', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const plan = planUser(start.target, start.view, when);
        expect(guardUser(plan, start.target, start.view, when)).toBe(plan);
        const gains = withoutLosses(plan);
        expect(losses(gains)).toBe(0);
        const names = (of: Plan<UserStep>): string[] =>
          of.steps.map((step) => step.do).filter((name) => GAINS.includes(name));
        expect(names(gains)).toEqual(names(plan));
        expect(planHash(planUser(start.target, start.view, when))).toBe(planHash(plan));
      }),
      RUNS,
    );
  });
});

describe('the guard of user plans, whatever the plan', () => {
  const steps: fc.Arbitrary<UserStep> = fc.oneof(
    fc
      .constantFrom('suspendUser', 'activateUser', 'deleteUser', 'forgetLink')
      .map((name): UserStep => ({ do: name, reason: '' })),
    accounts.chain((user) =>
      fc
        .constantFrom('created', 'adopted')
        .map((origin): UserStep => ({ do: 'adoptUser', user, origin, reason: '' })),
    ),
    fc
      .constantFrom('ann', 'other')
      .map((username): UserStep => ({ do: 'updateProfile', username, name: '', reason: '' })),
    fc
      .tuple(
        fc.constantFrom('joinOrganization', 'leaveOrganization'),
        fc.constantFrom(ORGANIZATION, OTHER_ORGANIZATION),
      )
      .map(([name, organizationId]): UserStep => ({ do: name, organizationId, reason: '' })),
  );

  it('lets no loss through for a shielded account, nor an organization that is not owned', () => {
    fc.assert(
      fc.property(worlds, contexts, fc.array(steps, { maxLength: 4 }), (start, when, arbitrary) => {
        const plan = { steps: arbitrary, notes: [], owned: { gained: [], lost: [] } };
        const passed = guardUser(plan, start.target, start.view, when).steps;
        const adopted = passed.flatMap((step) => (step.do === 'adoptUser' ? [step.user] : []));
        const users = [start.view.account, ...adopted].filter((user) => user !== null);
        const lossSteps = passed.filter((step) => LOSSES.includes(step.do));
        expect(lossSteps.length > 0 && users.some((user) => isShielded(user, when))).toBe(false);
        const left = passed.flatMap((step) => (step.do === 'leaveOrganization' ? [step.organizationId] : []));
        expect(start.target.ownedOrganizations).toEqual(expect.arrayContaining(left));
      }),
      { numRuns: 2500 },
    );
  });
});
