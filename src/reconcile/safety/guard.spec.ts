import { describe, expect, it } from 'vitest';
import {
  account,
  context,
  group,
  GROUP,
  groupTarget,
  linkedGroup,
  linkedUser,
  member,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  seenGroup,
  seenUser,
  SELF,
  stated,
  userTarget,
} from '../planner/fixtures.js';
import type { GroupStep, Plan, UserStep } from '../planner/index.js';
import { guardGroup, guardUser } from './index.js';

const reason = 'because';
const NOT_OWNED: Plan<never>['owned'] = { gained: [], lost: [] };
const users = (steps: readonly UserStep[], owned = NOT_OWNED): Plan<UserStep> => ({
  steps,
  notes: [],
  owned,
});
const groups = (steps: readonly GroupStep[], owned = NOT_OWNED): Plan<GroupStep> => ({
  steps,
  notes: [],
  owned,
});
const suspend: UserStep = { do: 'suspendUser', reason };
const remove: UserStep = { do: 'deleteUser', reason };
const rename: UserStep = { do: 'updateProfile', username: 'other', name: 'x', reason };
const forget = { do: 'forgetLink', reason } as const;
const adopt = (user = account(), origin: 'created' | 'adopted' = 'adopted'): UserStep => ({
  do: 'adoptUser',
  user,
  origin,
  reason,
});
const patch = (request: Extract<GroupStep, { do: 'patchGroup' }>['request']): GroupStep => ({
  do: 'patchGroup',
  request,
  reason,
});

describe('the guard of user plans', () => {
  const inactive = linkedUser({ active: false });
  const deleted = linkedUser({ deleted: true });
  const seen = seenUser({ account: account() });

  it('lets a right plan through as it is', () => {
    const plan = users([suspend]);
    expect(guardUser(plan, inactive, seen, context())).toBe(plan);
    const deletion = users([suspend, remove, forget]);
    expect(guardUser(deletion, deleted, seen, context({ deleteUsers: 'delete' }))).toBe(deletion);
  });

  it.each([
    ["the bridge's own account", account({ id: SELF }), {}],
    ['an owner', account({ roles: [{ name: 'owner' }] }), {}],
    ['an account protected by username', account(), { protectedUsers: ['ann'] }],
    ['an account protected by email', account({ email: 'ANN@x.io' }), { protectedUsers: ['ann@x.io'] }],
  ] as const)('never suspends, deletes or renames %s', (_who, user, change) => {
    const when = context({ deleteUsers: 'delete', renameUsers: true, ...change });
    const link = { coderId: user.id, coderName: 'ann', origin: 'created' } as const;
    for (const step of [suspend, remove, rename]) {
      const target = linkedUser({ link, deleted: step !== rename });
      const guarded = guardUser(users([step]), target, seenUser({ account: user }), when);
      expect(guarded).toMatchObject({ steps: [], failure: { kind: 'refused', step: step.do } });
    }
  });

  it('stops the whole plan for one wrong step', () => {
    const join: UserStep = { do: 'joinOrganization', organizationId: ORGANIZATION, reason };
    expect(guardUser(users([join, suspend]), linkedUser(), seen, context()).steps).toEqual([]);
  });

  it.each([
    ['suspends who is active', [suspend], linkedUser()],
    ['activates who is inactive', [{ do: 'activateUser', reason }], inactive],
    ['deletes without the policy', [remove], deleted],
    ['renames without the policy', [rename], linkedUser()],
    ['touches an account without a link', [suspend], userTarget({ active: false })],
    [
      'touches another account than the linked one',
      [suspend],
      linkedUser({ active: false, link: { coderId: member(1), coderName: 'x', origin: 'created' } }),
    ],
    ['drops the link to an existing account', [forget], linkedUser()],
    [
      'joins another organization',
      [{ do: 'joinOrganization', organizationId: OTHER_ORGANIZATION, reason }],
      linkedUser(),
    ],
    [
      'leaves an organization that is not owned',
      [{ do: 'leaveOrganization', organizationId: OTHER_ORGANIZATION, reason }],
      linkedUser(),
    ],
    ['adopts a second account', [adopt()], linkedUser()],
    ['adopts an account of another address', [adopt(account({ email: 'b@x.io' }))], userTarget()],
    ["adopts the bridge's own account", [adopt(account({ id: SELF }))], userTarget()],
    ['claims to have made an account without an intent', [adopt(account(), 'created')], userTarget()],
    ['adopts for who is inactive', [adopt()], userTarget({ active: false })],
  ] as readonly (readonly [string, readonly UserStep[], ReturnType<typeof userTarget>])[])(
    'stops a plan that %s',
    (_what, steps, target) => {
      const guarded = guardUser(users(steps), target, seen, context());
      expect(guarded).toMatchObject({ steps: [], failure: { kind: 'refused' } });
    },
  );

  it('stops a creation beside an existing account, of who is inactive, or in another organization', () => {
    const create = (organization: string): UserStep => ({
      do: 'createUser',
      request: {
        email: 'ann@x.io',
        username: 'ann',
        login_type: 'oidc',
        user_status: 'dormant',
        organization_ids: [organization],
      },
      reason,
    });
    const right = users([create(ORGANIZATION)]);
    expect(guardUser(right, userTarget(), seenUser(), context())).toBe(right);
    for (const [plan, target, view] of [
      [right, userTarget(), seenUser({ sameEmail: account() })],
      [right, userTarget({ active: false }), seenUser()],
      [right, linkedUser(), seenUser()],
      [users([create(OTHER_ORGANIZATION)]), userTarget(), seenUser()],
      [users([create(ORGANIZATION), suspend]), userTarget(), seenUser()],
    ] as const) {
      expect(guardUser(plan, target, view, context()).failure?.kind).toBe('refused');
    }
  });

  it('does not adopt a protected account', () => {
    const guarded = guardUser(
      users([adopt()]),
      userTarget(),
      seenUser(),
      context({ protectedUsers: ['ann'] }),
    );
    expect(guarded.failure?.kind).toBe('refused');
  });

  it('owns nothing that is not stated and there', () => {
    const when = context();
    expect(
      guardUser(users([], { gained: [ORGANIZATION], lost: [] }), linkedUser(), seen, when).failure,
    ).toBeUndefined();
    const wrong = users([], { gained: [OTHER_ORGANIZATION], lost: [] });
    expect(guardUser(wrong, linkedUser(), seen, when)).toMatchObject({
      owned: NOT_OWNED,
      failure: { step: 'own' },
    });
  });
});

describe('the guard of group plans', () => {
  const target = linkedGroup({ members: stated([member(1)]), ownedMembers: [member(1), member(2)] });
  const seen = seenGroup({ group: group([member(2), member(9)]) });

  it('lets a right plan through as it is', () => {
    const plan = groups([patch({ name: 'x', remove_users: [member(2)], add_users: [member(1)] })]);
    expect(guardGroup(plan, target, seen, context())).toBe(plan);
    const deletion = groups([{ do: 'deleteGroup', members: 1, reason }, forget]);
    expect(guardGroup(deletion, linkedGroup({ deleted: true }), seen, context())).toBe(deletion);
  });

  it.each([
    ['removes a member that is not owned', [patch({ remove_users: [member(9)] })]],
    ['removes a member that is stated', [patch({ remove_users: [member(1)] })]],
    ['adds a member that is not stated', [patch({ add_users: [member(5)] })]],
    ['has an id twice', [patch({ add_users: [member(1)] }), patch({ add_users: [member(1)] })]],
    ['changes a quota', [patch({ quota_allowance: 1 })]],
    ['renames to Everyone', [patch({ name: 'Everyone' })]],
    ['deletes a group that the directory has', [{ do: 'deleteGroup', members: 1, reason }]],
    ['drops the link to an existing group', [forget]],
    ['adopts a second group', [{ do: 'adoptGroup', group: group(), origin: 'adopted', reason }]],
    ['creates a second group', [{ do: 'createGroup', request: { name: 'x' }, reason }]],
  ] as readonly (readonly [string, readonly GroupStep[]])[])('stops a plan that %s', (_what, steps) => {
    const guarded = guardGroup(groups(steps), target, seen, context());
    expect(guarded).toMatchObject({ steps: [], failure: { kind: 'refused' } });
  });

  it('stops more than 100 members in a PATCH', () => {
    const many = Array.from({ length: 101 }, (_, index) => member(index));
    const large = linkedGroup({ members: stated(many) });
    const view = seenGroup({ group: group() });
    expect(guardGroup(groups([patch({ add_users: many })]), large, view, context()).failure?.kind).toBe(
      'refused',
    );
    const right = groups([patch({ add_users: many.slice(1) })]);
    expect(guardGroup(right, large, view, context())).toBe(right);
  });

  it('never touches Everyone, or a group that is not linked', () => {
    const everyone = { coderId: ORGANIZATION, coderName: 'Everyone', origin: 'created' } as const;
    for (const [which, view] of [
      [linkedGroup({ link: everyone, deleted: true }), seenGroup({ group: group([], { id: ORGANIZATION }) })],
      [groupTarget({ deleted: true }), seenGroup({ sameName: group() })],
      [linkedGroup({ deleted: true }), seenGroup({ group: group([], { id: member(3) }) })],
    ] as const) {
      expect(
        guardGroup(groups([{ do: 'deleteGroup', members: 1, reason }]), which, view, context()).steps,
      ).toEqual([]);
    }
  });

  it('never deletes or renames an adopted group', () => {
    const link = { coderId: GROUP, coderName: 'tools', origin: 'adopted' } as const;
    for (const step of [{ do: 'deleteGroup', members: 1, reason } as const, patch({ name: 'x' })]) {
      const adopted = linkedGroup({ link, deleted: step.do === 'deleteGroup' });
      expect(guardGroup(groups([step]), adopted, seen, context()).failure?.kind).toBe('refused');
    }
  });

  it('adopts by policy or by a fitting intent only', () => {
    const adoption = (origin: 'created' | 'adopted', found = group()): Plan<GroupStep> =>
      groups([{ do: 'adoptGroup', group: found, origin, reason }]);
    const refused = (
      plan: Plan<GroupStep>,
      adoptGroups: 'never' | 'empty' | 'always',
      announced = false,
    ): boolean => {
      const intent = announced ? { key: 'x', name: 'platform-tools', sentAt: '2025-09-01T12:00:00Z' } : null;
      return (
        guardGroup(plan, groupTarget({ intent }), seenGroup(), context({ adoptGroups })).failure !== undefined
      );
    };
    expect(refused(adoption('adopted'), 'never')).toBe(true);
    expect(refused(adoption('adopted'), 'empty')).toBe(false);
    expect(refused(adoption('adopted', group([member(1)])), 'empty')).toBe(true);
    expect(refused(adoption('adopted', group([member(1)])), 'always')).toBe(false);
    expect(refused(adoption('adopted', group([], { id: ORGANIZATION })), 'always')).toBe(true);
    expect(refused(adoption('created'), 'never')).toBe(true);
    expect(refused(adoption('created'), 'never', true)).toBe(false);
    expect(refused(adoption('created', group([member(1)])), 'never', true)).toBe(true);
  });

  it('owns nothing that is not stated and there', () => {
    const wrong = { ...groups([]), owned: { gained: [member(9)], lost: [] } };
    expect(guardGroup(wrong, target, seen, context())).toMatchObject({
      owned: NOT_OWNED,
      failure: { step: 'own' },
    });
  });
});
