import { describe, expect, it } from 'vitest';
import {
  context,
  group,
  GROUP,
  groupTarget,
  linkedGroup,
  member,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  SELF,
  seenGroup,
  stated,
} from '../fixtures.js';
import { planGroup } from '../index.js';
import type { GroupStep, Plan } from '../index.js';

const actions = (plan: Plan<GroupStep>): string[] => plan.steps.map((step) => step.do);
const requests = (plan: Plan<GroupStep>): unknown[] =>
  plan.steps.flatMap((step) => (step.do === 'patchGroup' || step.do === 'createGroup' ? [step.request] : []));
const ADOPTED = { coderId: GROUP, coderName: 'platform-tools', origin: 'adopted' } as const;
const INTENT = { key: 'platform-tools', name: 'platform-tools', sentAt: '2025-09-01T12:00:04Z' };

describe('the quota and the picture of a group', () => {
  const settings = { quotaAllowance: 20, avatarUrl: '/icon/tree.svg' };

  it('are in the request that creates it', () => {
    const plan = planGroup(groupTarget({ settings }), seenGroup(), context());
    expect(requests(plan)).toEqual([
      {
        name: 'platform-tools',
        display_name: 'Platform & Tools',
        avatar_url: '/icon/tree.svg',
        quota_allowance: 20,
      },
    ]);
  });

  it('are in the PATCH that carries members', () => {
    const target = linkedGroup({ settings, members: stated([member(1)]) });
    const plan = planGroup(target, seenGroup({ group: group() }), context());
    expect(requests(plan)).toEqual([
      { avatar_url: '/icon/tree.svg', quota_allowance: 20, add_users: [member(1)] },
    ]);
  });

  it('are left alone where they are as stated, or never were stated', () => {
    const seen = seenGroup({ group: group([], { quota_allowance: 20, avatar_url: '/icon/tree.svg' }) });
    expect(planGroup(linkedGroup({ settings }), seen, context()).steps).toEqual([]);
    expect(planGroup(linkedGroup(), seen, context()).steps).toEqual([]);
  });

  it('can be none: that is a statement too', () => {
    const seen = seenGroup({ group: group([], { quota_allowance: 20 }) });
    const plan = planGroup(linkedGroup({ settings: { quotaAllowance: 0 } }), seen, context());
    expect(requests(plan)).toEqual([{ quota_allowance: 0 }]);
  });

  it.each([-1, 1.5, 2 ** 31, Number.NaN])('of %s fail the group, after the members', (quotaAllowance) => {
    const target = linkedGroup({ settings: { quotaAllowance }, members: stated([member(1)]) });
    const plan = planGroup(target, seenGroup({ group: group() }), context());
    expect(requests(plan)).toEqual([{ add_users: [member(1)] }]);
    expect(plan.failure).toMatchObject({ kind: 'invalidValue', step: 'patchGroup' });
  });

  it('tell the group whose creation got no answer from a stranger by the quota it was sent with', () => {
    const target = groupTarget({ settings, intent: { ...INTENT, quotaAllowance: 5 } });
    const ours = planGroup(target, seenGroup({ sameName: group([], { quota_allowance: 5 }) }), context());
    expect(ours.steps).toMatchObject([
      { do: 'adoptGroup', origin: 'created' },
      { request: { quota_allowance: 20 } },
    ]);
    const theirs = planGroup(target, seenGroup({ sameName: group([], { quota_allowance: 20 }) }), context());
    expect(theirs.failure?.kind).toBe('uniqueness');
  });

  it('are asked for once more as they were announced, and put right after it', () => {
    const target = groupTarget({ settings, intent: { ...INTENT, quotaAllowance: 5 } });
    expect(requests(planGroup(target, seenGroup(), context()))).toMatchObject([
      { quota_allowance: 5 },
      { quota_allowance: 20 },
    ]);
  });
});

describe('a group that is stated in an organization', () => {
  const there = { organization: 'other' };

  it('that is another one than its own is deleted, to be made anew there', () => {
    const target = linkedGroup({
      settings: there,
      members: stated([member(1)]),
      ownedMembers: [member(2)],
    });
    const plan = planGroup(target, seenGroup({ group: group([member(1), member(2)]) }), context());
    expect(plan.steps).toMatchObject([{ do: 'deleteGroup', members: 2 }, { do: 'forgetLink' }]);
    expect(plan.owned.gained).toEqual([]);
  });

  it('that is another one is given back where it was adopted', () => {
    const target = linkedGroup({
      link: ADOPTED,
      settings: there,
      members: stated([member(1)]),
      ownedMembers: [member(1)],
    });
    const plan = planGroup(target, seenGroup({ group: group([member(1), member(9)]) }), context());
    expect(actions(plan)).toEqual(['patchGroup', 'forgetLink']);
    expect(requests(plan)).toEqual([{ remove_users: [member(1)] }]);
  });

  it('stays where it lies there already', () => {
    const seen = seenGroup({ group: group([], { organization_id: OTHER_ORGANIZATION }) });
    expect(planGroup(linkedGroup({ settings: there }), seen, context()).steps).toEqual([]);
  });

  it('that Coder does not have is neither made nor moved, and still loses members', () => {
    const settings = { organization: 'atlantis' };
    const made = planGroup(groupTarget({ settings }), seenGroup(), context());
    expect(made).toMatchObject({
      steps: [],
      failure: { kind: 'invalidValue', detail: expect.stringContaining('"atlantis"') },
    });
    const target = linkedGroup({ settings, ownedMembers: [member(1)] });
    const kept = planGroup(target, seenGroup({ group: group([member(1)]) }), context());
    expect(requests(kept)).toEqual([{ remove_users: [member(1)] }]);
    expect(kept.failure?.kind).toBe('invalidValue');
  });

  it('that Coder no longer has is deleted when the directory deletes it', () => {
    const target = linkedGroup({ settings: { organization: 'atlantis' }, deleted: true });
    const plan = planGroup(target, seenGroup({ group: group() }), context());
    expect(actions(plan)).toEqual(['deleteGroup', 'forgetLink']);
    expect(plan.failure).toBeUndefined();
  });
});

describe('a protected group', () => {
  const when = context({ adoptGroups: 'always', protectedGroups: ['platform-*'] });

  it.each([
    ['made', groupTarget(), seenGroup()],
    ['adopted', groupTarget(), seenGroup({ sameName: group() })],
    ['taken for its own', groupTarget({ intent: INTENT }), seenGroup({ sameName: group() })],
    [
      'changed',
      linkedGroup({ ownedMembers: [member(1)] }),
      seenGroup({ group: group([member(1)], { name: 'Platform-Tools' }) }),
    ],
    ['deleted', linkedGroup({ deleted: true }), seenGroup({ group: group() })],
    ['moved', linkedGroup({ settings: { organization: 'other' } }), seenGroup({ group: group() })],
  ])('is never %s, and the failure says why', (_what, target, view) => {
    expect(planGroup(target, view, when)).toMatchObject({
      steps: [],
      failure: { kind: 'refused', detail: expect.stringContaining('protected by policy') },
    });
  });

  it('does not give its name to another, which still loses members', () => {
    const link = { coderId: GROUP, coderName: 'ops', origin: 'created' } as const;
    const target = linkedGroup({ link, ownedMembers: [member(1)] });
    const plan = planGroup(target, seenGroup({ group: group([member(1)], { name: 'ops' }) }), when);
    expect(requests(plan)).toEqual([{ remove_users: [member(1)] }]);
    expect(plan.failure?.kind).toBe('refused');
  });
});

describe('a group of a strict connection', () => {
  const strict = context({ strict: true, protectedUsers: ['keeper*'] });

  it('loses every member whom nobody states, but not the bridge itself and protected people', () => {
    const seen = group([member(1), member(2), member(3), SELF]);
    const keeper = seen.members.find(({ id }) => id === member(3));
    if (keeper) keeper.username = 'Keeper-1';
    const target = linkedGroup({ members: stated([member(1)]), ownedMembers: [member(1)] });
    const plan = planGroup(target, seenGroup({ group: seen }), strict);
    expect(requests(plan)).toEqual([{ remove_users: [member(2)] }]);
  });

  it('waits with that for stated members on their way, who may be among them', () => {
    const pendingMembers = { total: 1, coming: 1 };
    const view = seenGroup({ group: group([member(2), member(4)]) });
    const target = linkedGroup({ pendingMembers, ownedMembers: [member(4)] });
    expect(requests(planGroup(target, view, strict))).toEqual([{ remove_users: [member(4)] }]);
  });

  it('keeps what was not ours when it is given back', () => {
    const target = linkedGroup({ link: ADOPTED, deleted: true, ownedMembers: [member(1)] });
    const plan = planGroup(target, seenGroup({ group: group([member(1), member(2)]) }), strict);
    expect(requests(plan)).toEqual([{ remove_users: [member(1)] }]);
  });

  it('is never Everyone', () => {
    const link = { coderId: ORGANIZATION, coderName: 'Everyone', origin: 'adopted' } as const;
    const everyone = group([member(1)], { id: ORGANIZATION, name: 'Everyone' });
    const plan = planGroup(linkedGroup({ link }), seenGroup({ group: everyone }), strict);
    expect(plan).toMatchObject({ steps: [], failure: { kind: 'refused' } });
  });
});
