import { describe, expect, it } from 'vitest';

import { guardUser, losses, withoutLosses } from '../../safety/index.js';
import { account, context, linkedUser, OTHER_ORGANIZATION } from '../fixtures.js';
import { planUser } from './user.js';
import type { UserView } from '../view.js';

const until = new Date('2026-01-05T10:00:00Z');
const loggedOut = linkedUser({ keysUntil: until });
const view = (change: Partial<UserView> = {}): UserView => ({
  account: account(),
  sameEmail: null,
  tokens: ['key-1', 'key-2'],
  keys: until,
  ...change,
});
const REVOKE = { do: 'revokeToken', keyId: 'key-1', loggedOut: true };

describe('what is planned for somebody who was logged out', () => {
  it('is each older API token, and nothing of the account, its memberships and its roles', () => {
    const plan = planUser(loggedOut, view(), context());
    expect(plan.steps).toMatchObject([REVOKE, { ...REVOKE, keyId: 'key-2' }]);
    expect(guardUser(plan, loggedOut, view(), context())).toBe(plan);
  });

  it('is nothing before it was looked for them, or by a look for an earlier logout', () => {
    const { tokens: _tokens, keys: _keys, ...unseen } = view();
    expect(planUser(loggedOut, unseen, context()).steps).toEqual([]);
    const earlier = view({ keys: new Date(until.getTime() - 1) });
    expect(planUser(loggedOut, earlier, context()).steps).toEqual([]);
  });

  it('comes before the account is opened again', () => {
    const { steps } = planUser(loggedOut, view({ account: account({ status: 'suspended' }) }), context());
    expect(steps.map((step) => step.do)).toEqual(['revokeToken', 'revokeToken', 'activateUser']);
  });

  it('is only those tokens where the person has left since, and the policy leaves others', () => {
    const left = linkedUser({ active: false, keysUntil: until });
    const shut = view({ account: account({ status: 'suspended' }) });
    const plan = planUser(left, shut, context({ revokeTokens: false }));
    expect(plan.steps).toMatchObject([REVOKE, { keyId: 'key-2' }]);
    expect(guardUser(plan, left, shut, context())).toBe(plan);
  });

  it('takes no loss from the safety budget, and goes on while losses are held', () => {
    const leaving = linkedUser({ keysUntil: until, ownedOrganizations: [OTHER_ORGANIZATION] });
    const there = account({ organization_ids: [...account().organization_ids, OTHER_ORGANIZATION] });
    const plan = planUser(leaving, view({ account: there }), context());
    expect(losses(plan)).toBe(1);
    expect(withoutLosses(plan).steps.map((step) => step.do)).toEqual(['revokeToken', 'revokeToken']);
  });

  it.each([
    ['a protected account', context({ protectedUsers: ['ann'] })],
    ["the bridge's own account", { ...context(), selfId: account().id }],
  ])('says of %s that the tokens stay', (_what, shielded) => {
    const { steps, notes } = planUser(
      loggedOut,
      { account: account(), sameEmail: null, keys: 'protected' },
      shielded,
    );
    expect(steps).toEqual([]);
    expect(notes).toMatchObject([
      { note: 'keysKept', detail: expect.stringContaining('tokens were not revoked') },
    ]);
    const wrong = planUser(loggedOut, view(), context());
    expect(guardUser(wrong, loggedOut, view(), shielded)).toMatchObject({ steps: [] });
  });

  it('takes those of an owner too', () => {
    const owner = view({ account: account({ roles: [{ name: 'owner' }] }) });
    const plan = planUser(loggedOut, owner, context());
    expect(plan.steps).toHaveLength(2);
    expect(guardUser(plan, loggedOut, owner, context())).toBe(plan);
  });

  it('is stopped by the guard where nobody was logged out', () => {
    const plan = planUser(loggedOut, view(), context());
    expect(guardUser(plan, linkedUser(), view(), context())).toMatchObject({
      steps: [],
      failure: { detail: expect.stringContaining('nobody was logged out') },
    });
  });
});
