import { describe, expect, it } from 'vitest';

import { guardUser, planHash } from '../../safety/index.js';
import { ACCOUNT, account, context, member, userTarget } from '../fixtures.js';
import { planUser } from '../index.js';
import type { UserStep } from '../plan.js';

const APPROVED = { hash: 'a', approved: 'a', adopts: { accountId: ACCOUNT } };
const seen = (found = account()) => ({ account: null, sameEmail: found });
const approve = context({ adoptUsers: 'approve' });

describe('an account of the same email that somebody else made', () => {
  it('waits for a person, with the evidence, where the policy says so', () => {
    const found = account({ username: 'Ann', login_type: 'password', status: 'suspended' });
    const plan = planUser(userTarget(), seen(found), approve);
    expect(plan.failure).toBeUndefined();
    expect(plan.steps[0]).toMatchObject({
      do: 'adoptUser',
      awaits: {
        accountId: ACCOUNT,
        username: 'Ann',
        email: 'ann@x.io',
        usernameEqual: true,
        status: 'suspended',
        loginType: 'password',
        refusesSso: true,
        shield: null,
      },
    });
    expect(guardUser(plan, userTarget(), seen(found), approve)).toBe(plan);
  });

  it.each([
    [{ username: 'lee' }, { usernameEqual: false }],
    [{ username: 'ann-2' }, { usernameEqual: false }],
    [{ login_type: 'oidc' }, { refusesSso: false, loginType: 'oidc' }],
    [{ login_type: '' }, { refusesSso: false, loginType: null }],
    [{ roles: [{ name: 'owner' }] }, { shield: 'owner' }],
  ])('as %j is shown with %j', (change, evidence) => {
    const [step] = planUser(userTarget(), seen(account(change as object)), approve).steps;
    expect(step).toMatchObject({ awaits: evidence });
  });

  it('is adopted once its very id is approved, and by no approval of another', () => {
    const target = userTarget({ approvedPlan: APPROVED });
    const [step] = planUser(target, seen(), approve).steps;
    expect(step).toMatchObject({ do: 'adoptUser' });
    expect(step).not.toHaveProperty('awaits');
    const other = account({ id: member(1) });
    expect(planUser(target, seen(other), approve).steps[0]).toMatchObject({
      awaits: { accountId: other.id },
    });
    // A plan that was approved for its losses lets nothing be adopted.
    const losses = userTarget({ approvedPlan: { hash: 'a', approved: 'a', takes: {} } });
    expect(planUser(losses, seen(), approve).steps[0]).toHaveProperty('awaits');
  });

  it('has a hash of its own for each account, and none of an ordinary plan', () => {
    const hashOf = (id: string, policy = approve): string =>
      planHash(planUser(userTarget(), seen(account({ id })), policy));
    expect(hashOf(ACCOUNT)).toBe(hashOf(ACCOUNT));
    expect(hashOf(member(1))).not.toBe(hashOf(ACCOUNT));
    expect(hashOf(ACCOUNT, context())).not.toBe(hashOf(ACCOUNT));
  });

  it('is not adopted where the policy adopts none, and the reason says so', () => {
    const plan = planUser(userTarget(), seen(), context({ adoptUsers: 'never' }));
    expect(plan).toMatchObject({
      steps: [],
      failure: {
        kind: 'uniqueness',
        step: 'adoptUser',
        detail: expect.stringContaining('the policy adopts none'),
      },
    });
  });

  it.each(['approve', 'never'] as const)(
    'is taken up all the same where it is the work of the bridge itself, under %s',
    (adoptUsers) => {
      const intent = { key: 'ann@x.io', name: 'ann', sentAt: '2025-09-01T12:00:00Z' };
      const target = userTarget({ intent });
      const plan = planUser(target, seen(), context({ adoptUsers }));
      expect(plan.steps[0]).toMatchObject({ do: 'adoptUser', origin: 'created' });
      expect(plan.steps[0]).not.toHaveProperty('awaits');
      expect(guardUser(plan, target, seen(), context({ adoptUsers })).failure).toBeUndefined();
    },
  );

  it.each(['approve', 'never'] as const)('is kept by the second net too, under %s', (adoptUsers) => {
    const step: UserStep = { do: 'adoptUser', user: account(), origin: 'adopted', reason: 'for the test' };
    const plan = { steps: [step], notes: [], owned: { gained: [], lost: [] } };
    const guard = (target = userTarget()) => guardUser(plan, target, seen(), context({ adoptUsers })).failure;
    expect(guard()).toMatchObject({ kind: 'refused' });
    const named = guard(userTarget({ approvedPlan: APPROVED }));
    if (adoptUsers === 'approve') expect(named).toBeUndefined();
    else expect(named).toMatchObject({ kind: 'refused' });
  });
});
