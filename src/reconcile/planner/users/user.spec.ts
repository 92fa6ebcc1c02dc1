import { describe, expect, it } from 'vitest';
import {
  account,
  context,
  linkedUser,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  seenUser,
  SELF,
  userTarget,
} from '../fixtures.js';
import { planUser } from '../index.js';
import type { Plan, UserStep } from '../index.js';

const actions = (plan: Plan<UserStep>): string[] => plan.steps.map((step) => step.do);
const INTENT = { key: 'ann@x.io', name: 'ann', sentAt: '2025-09-01T12:00:04Z' };

describe('a user without an account', () => {
  it('is created as the policy says, in the organization', () => {
    const plan = planUser(userTarget(), seenUser(), context());
    expect(plan.steps).toEqual([
      expect.objectContaining({
        do: 'createUser',
        request: {
          email: 'ann@x.io',
          username: 'ann',
          name: 'Ann Lee',
          login_type: 'oidc',
          user_status: 'dormant',
          organization_ids: [ORGANIZATION],
        },
      }),
    ]);
  });

  it('is created under the first free username', () => {
    const plan = planUser(userTarget(), seenUser(), context({}, ['ann', 'ann-2']));
    expect(plan.steps).toMatchObject([{ request: { username: 'ann-3' } }]);
  });

  it('is created without a name where the directory has none', () => {
    const [step] = planUser(userTarget({ fullName: '' }), seenUser(), context()).steps;
    expect(step?.do === 'createUser' && 'name' in step.request).toBe(false);
  });

  it('is not created when inactive or deleted', () => {
    for (const change of [{ active: false }, { deleted: true }]) {
      const plan = planUser(userTarget(change), seenUser({ sameEmail: account() }), context());
      expect(plan).toMatchObject({ steps: [], notes: [] });
      expect(plan.failure).toBeUndefined();
    }
  });

  it('fails without an email address', () => {
    const plan = planUser(userTarget({ email: null }), seenUser(), context());
    expect(plan).toMatchObject({ steps: [], failure: { kind: 'invalidValue', step: 'createUser' } });
  });

  it('fails when another user of the directory has the address', () => {
    const plan = planUser(userTarget({ emailClaimedBy: 'other' }), seenUser(), context());
    expect(plan).toMatchObject({ steps: [], failure: { kind: 'uniqueness' } });
  });

  it('says nothing about the person in its failures', () => {
    const plan = planUser(userTarget({ emailClaimedBy: 'other' }), seenUser(), context());
    expect(JSON.stringify(plan)).not.toContain('ann');
  });
});

describe('an account with the same email address', () => {
  it('is adopted, and brought to what is stated in the same plan', () => {
    const found = account({ email: 'Ann@X.io', status: 'suspended', name: 'A', organization_ids: [] });
    const plan = planUser(userTarget(), seenUser({ sameEmail: found }), context());
    expect(actions(plan)).toEqual(['adoptUser', 'activateUser', 'joinOrganization', 'updateProfile']);
    expect(plan.steps[0]).toMatchObject({ origin: 'adopted', user: found });
  });

  it('is owned in what is stated and already there', () => {
    const plan = planUser(userTarget(), seenUser({ sameEmail: account() }), context());
    expect(actions(plan)).toEqual(['adoptUser']);
    expect(plan.owned).toEqual({ gained: [ORGANIZATION], lost: [] });
  });

  it('is never adopted when it is the bridge itself or protected', () => {
    for (const [found, protectedUsers] of [
      [account({ id: SELF }), []],
      [account(), ['ann']],
      [account({ email: 'Ann@x.io' }), ['ann@x.io']],
    ] as const) {
      const plan = planUser(userTarget(), seenUser({ sameEmail: found }), context({ protectedUsers }));
      expect(plan).toMatchObject({ steps: [], failure: { kind: 'refused', step: 'adoptUser' } });
    }
  });

  it('is not taken for the person when its address is only that of an open intent', () => {
    const target = userTarget({ intent: { ...INTENT, key: 'old@x.io' } });
    const plan = planUser(
      target,
      seenUser({ sameEmail: account({ email: 'old@x.io', username: 'x' }) }),
      context(),
    );
    expect(actions(plan)).toEqual(['createUser']);
  });

  it('is noted when its login type shuts out single sign-on', () => {
    const plan = planUser(
      userTarget(),
      seenUser({ sameEmail: account({ login_type: 'password' }) }),
      context(),
    );
    expect(plan.notes).toMatchObject([{ note: 'loginType' }]);
    const passwords = context({ loginType: 'password' });
    expect(planUser(userTarget(), seenUser({ sameEmail: account() }), passwords).notes).toEqual([]);
  });
});

describe('an account made by a call whose answer was lost', () => {
  const origin = (found = account(), change = {}): unknown => {
    const plan = planUser(
      userTarget({ intent: INTENT, ...change }),
      seenUser({ sameEmail: found }),
      context(),
    );
    return plan.steps[0]?.do === 'adoptUser' ? plan.steps[0].origin : undefined;
  };

  it('is recognised as created', () => {
    expect(origin()).toBe('created');
  });

  it.each([
    [
      'older than the call and the clocks differ no more than 5 s',
      account({ created_at: '2025-09-01T11:59:58Z' }),
    ],
    ['of another username', account({ username: 'ann-l' })],
    ['of another login type', account({ login_type: 'password' })],
  ])("is somebody else's when it is %s", (_what, found) => {
    expect(origin(found)).toBe('adopted');
  });

  it('is linked even when protected by name meanwhile', () => {
    const view = seenUser({ sameEmail: account() });
    const plan = planUser(userTarget({ intent: INTENT }), view, context({ protectedUsers: ['ann'] }));
    expect(actions(plan)).toEqual(['adoptUser']);
  });

  it('is not left behind when the user became inactive or was deleted meanwhile', () => {
    const view = seenUser({ sameEmail: account() });
    const inactive = userTarget({ intent: INTENT, active: false });
    expect(actions(planUser(inactive, view, context()))).toEqual(['adoptUser', 'suspendUser']);
    const gone = userTarget({ intent: INTENT, deleted: true });
    expect(actions(planUser(gone, view, context({ deleteUsers: 'delete' })))).toEqual([
      'adoptUser',
      'suspendUser',
      'deleteUser',
      'forgetLink',
    ]);
  });
});

describe('a linked user', () => {
  it('needs nothing when all is as stated', () => {
    const plan = planUser(linkedUser(), seenUser({ account: account() }), context());
    const nothing = { gained: [], lost: [] };
    expect(plan).toEqual({ steps: [], notes: [], owned: nothing, ownedRoles: nothing });
  });

  it('is satisfied by a dormant account', () => {
    const plan = planUser(linkedUser(), seenUser({ account: account({ status: 'dormant' }) }), context());
    expect(plan.steps).toEqual([]);
  });

  it('loses the link when the account is gone', () => {
    expect(actions(planUser(linkedUser(), seenUser(), context()))).toEqual(['forgetLink']);
  });

  it('is suspended when inactive, from active and from dormant, and only once', () => {
    const inactive = linkedUser({ active: false });
    for (const status of ['active', 'dormant'] as const) {
      const plan = planUser(inactive, seenUser({ account: account({ status }) }), context());
      expect(actions(plan)).toEqual(['suspendUser']);
    }
    const view = seenUser({ account: account({ status: 'suspended' }) });
    expect(planUser(inactive, view, context()).steps).toEqual([]);
  });

  it('is activated when active and suspended', () => {
    const view = seenUser({ account: account({ status: 'suspended' }) });
    expect(actions(planUser(linkedUser(), view, context()))).toEqual(['activateUser']);
  });

  it('keeps memberships when suspended', () => {
    const view = seenUser({ account: account({ organization_ids: [ORGANIZATION, OTHER_ORGANIZATION] }) });
    const plan = planUser(linkedUser({ active: false }), view, context());
    expect(actions(plan)).toEqual(['suspendUser']);
    expect(plan.owned).toEqual({ gained: [], lost: [] });
  });

  it('is suspended when deleted, and nothing else is done', () => {
    const seen = account({ name: 'B', organization_ids: [], email: 'b@x.io' });
    const plan = planUser(linkedUser({ deleted: true }), seenUser({ account: seen }), context());
    expect(actions(plan)).toEqual(['suspendUser']);
    expect(plan.notes).toEqual([]);
  });

  it('is deleted only by policy, and suspended first because Coder may refuse the deletion', () => {
    const plan = planUser(
      linkedUser({ deleted: true }),
      seenUser({ account: account() }),
      context({ deleteUsers: 'delete' }),
    );
    expect(actions(plan)).toEqual(['suspendUser', 'deleteUser', 'forgetLink']);
  });

  it('joins the organization again, which is then owned', () => {
    const view = seenUser({ account: account({ organization_ids: [] }) });
    const plan = planUser(linkedUser(), view, context());
    expect(plan.steps).toMatchObject([{ do: 'joinOrganization', organizationId: ORGANIZATION }]);
    expect(plan.owned).toEqual({ gained: [], lost: [ORGANIZATION] });
  });

  it('takes the name of the directory and keeps its username', () => {
    const view = seenUser({ account: account({ username: 'ann-9', name: 'A' }) });
    const plan = planUser(linkedUser({ userName: 'anna' }), view, context());
    expect(plan.steps).toMatchObject([{ do: 'updateProfile', username: 'ann-9', name: 'Ann Lee' }]);
  });

  it('keeps the name in Coder where the directory has none', () => {
    const view = seenUser({ account: account({ name: 'A' }) });
    expect(planUser(linkedUser({ fullName: '' }), view, context()).steps).toEqual([]);
  });

  it('follows a changed userName by policy, and keeps its name then', () => {
    const target = linkedUser({ userName: 'anna', fullName: '' });
    const plan = planUser(target, seenUser({ account: account() }), context({ renameUsers: true }, ['anna']));
    expect(plan.steps).toMatchObject([{ do: 'updateProfile', username: 'anna-2', name: 'Ann Lee' }]);
  });

  it('renames nobody who is inactive, as an IdP renames whom it deletes', () => {
    const target = linkedUser({ userName: '283405f5c1d24ab09a4ef1a2b3c4d5e6ann', active: false });
    const plan = planUser(target, seenUser({ account: account() }), context({ renameUsers: true }));
    expect(plan.steps.map((step) => step.do)).toEqual(['suspendUser']);
  });

  it('keeps a numbered username that fits the userName', () => {
    const view = seenUser({ account: account({ username: 'ann-2' }) });
    expect(planUser(linkedUser(), view, context({ renameUsers: true })).steps).toEqual([]);
  });

  it('has a differing email address noted, which Coder cannot change', () => {
    const view = seenUser({ account: account({ email: 'old@x.io' }) });
    const plan = planUser(linkedUser(), view, context());
    expect(plan.steps).toEqual([]);
    expect(plan.notes).toMatchObject([
      { note: 'emailDrift', personal: { stated: 'ann@x.io', coder: 'old@x.io' } },
    ]);
    expect(plan.notes[0]?.detail).not.toContain('@');
  });
});

describe('accounts that are never suspended, deleted or renamed', () => {
  const owner = account({ roles: [{ name: 'owner' }] });

  it('an owner: the target fails, for people to see', () => {
    for (const change of [{ active: false }, { deleted: true }]) {
      const plan = planUser(
        linkedUser(change),
        seenUser({ account: owner }),
        context({ deleteUsers: 'delete' }),
      );
      expect(plan).toMatchObject({ steps: [], failure: { kind: 'refused', step: 'suspendUser' } });
      expect(plan.failure?.detail).toContain('owner');
    }
  });

  it('a role of that name in an organization is no protection', () => {
    const seen = account({ roles: [{ name: 'owner', organization_id: ORGANIZATION }] });
    const plan = planUser(linkedUser({ active: false }), seenUser({ account: seen }), context());
    expect(actions(plan)).toEqual(['suspendUser']);
  });

  it('a protected account: the step is left out with a note, the others are done', () => {
    const seen = account({ name: 'A' });
    const plan = planUser(
      linkedUser({ active: false }),
      seenUser({ account: seen }),
      context({ protectedUsers: ['ann'] }),
    );
    expect(actions(plan)).toEqual(['updateProfile']);
    expect(plan.notes).toMatchObject([{ note: 'protected' }]);
    expect(plan.failure).toBeUndefined();
  });

  it("the bridge's own account: the same", () => {
    const link = { coderId: SELF, coderName: 'bridge', origin: 'created' } as const;
    const view = seenUser({ account: account({ id: SELF, roles: [{ name: 'owner' }] }) });
    const plan = planUser(linkedUser({ link, deleted: true }), view, context());
    expect(plan).toMatchObject({ steps: [], notes: [{ note: 'protected' }] });
  });

  it('a rename is left out with a note', () => {
    const target = linkedUser({ userName: 'anna' });
    const plan = planUser(target, seenUser({ account: owner }), context({ renameUsers: true }));
    expect(plan).toMatchObject({ steps: [], notes: [{ note: 'protected' }] });
  });
});
