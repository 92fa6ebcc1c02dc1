import { describe, expect, it } from 'vitest';
import {
  context,
  group,
  GROUP,
  groupTarget,
  linkedGroup,
  member,
  ORGANIZATION,
  seenGroup,
  stated,
} from '../fixtures.js';
import { planGroup, wantedGroupName } from '../index.js';
import type { GroupStep, Plan } from '../index.js';

const actions = (plan: Plan<GroupStep>): string[] => plan.steps.map((step) => step.do);
const requests = (plan: Plan<GroupStep>): unknown[] =>
  plan.steps.flatMap((step) => (step.do === 'patchGroup' ? [step.request] : []));
const members = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => member(from + index));
const INTENT = { key: 'platform-tools', name: 'platform-tools', sentAt: '2025-09-01T12:00:04Z' };
const ADOPTED = { coderId: GROUP, coderName: 'tools', origin: 'adopted' } as const;

describe('the wanted name of a group', () => {
  it('is the slug, with a number where another group of the bridge has it', () => {
    expect(wantedGroupName(groupTarget())).toBe('platform-tools');
    expect(wantedGroupName(groupTarget({ takenNames: ['platform-tools'] }))).toBe('platform-tools-2');
  });

  it('is that of an unanswered creation first', () => {
    expect(wantedGroupName(groupTarget({ intent: { ...INTENT, name: 'old' } }))).toBe('old');
  });

  it('stays the linked one while it fits the displayName', () => {
    const link = { coderId: GROUP, coderName: 'platform-tools-2', origin: 'created' } as const;
    expect(wantedGroupName(linkedGroup({ link }))).toBe('platform-tools-2');
  });

  it('follows a rename in the directory only where the bridge made the group', () => {
    expect(wantedGroupName(linkedGroup({ displayName: 'Ops' }))).toBe('ops');
    expect(wantedGroupName(linkedGroup({ displayName: 'Ops', link: ADOPTED }))).toBe('tools');
  });
});

describe('a group that is not in Coder', () => {
  it('is created, and its members added in hundreds', () => {
    const plan = planGroup(groupTarget({ members: stated(members(1, 150)) }), seenGroup(), context());
    expect(plan.steps[0]).toMatchObject({
      do: 'createGroup',
      request: { name: 'platform-tools', display_name: 'Platform & Tools' },
    });
    expect(requests(plan)).toEqual([{ add_users: members(1, 100) }, { add_users: members(101, 150) }]);
  });

  it('is not created once deleted', () => {
    const plan = planGroup(groupTarget({ deleted: true }), seenGroup({ sameName: group() }), context());
    expect(plan).toEqual({ steps: [], notes: [], owned: { gained: [], lost: [] } });
  });

  it('gets the new name when it was renamed after an unanswered creation that came to nothing', () => {
    const target = groupTarget({ displayName: 'Ops', intent: INTENT });
    expect(planGroup(target, seenGroup(), context()).steps).toMatchObject([{ request: { name: 'ops' } }]);
  });

  it('does not take the name that another group of the bridge got meanwhile', () => {
    const target = groupTarget({ intent: INTENT, takenNames: ['platform-tools'] });
    const plan = planGroup(target, seenGroup(), context());
    expect(plan.steps).toMatchObject([{ request: { name: 'platform-tools-2' } }]);
  });

  it('has members that are not in Coder yet noted, without a failure', () => {
    const target = groupTarget({ pendingMembers: { total: 2, coming: 1 } });
    const plan = planGroup(target, seenGroup(), context());
    expect(plan.notes).toEqual([{ note: 'pendingMembers', detail: '2 members are not in Coder yet.' }]);
    expect(plan.failure).toBeUndefined();
  });
});

describe('a group that somebody else made', () => {
  const full = group([member(7)]);

  it('is a conflict that names it and the way out', () => {
    const plan = planGroup(groupTarget(), seenGroup({ sameName: group() }), context());
    expect(plan).toMatchObject({ steps: [], failure: { kind: 'uniqueness', step: 'adoptGroup' } });
    expect(plan.failure?.detail).toMatch(/"platform-tools".*adoptGroups/);
  });

  it('is adopted when empty, where the policy says so', () => {
    const when = context({ adoptGroups: 'empty' });
    expect(actions(planGroup(groupTarget(), seenGroup({ sameName: group() }), when))).toEqual(['adoptGroup']);
    expect(planGroup(groupTarget(), seenGroup({ sameName: full }), when).failure?.kind).toBe('uniqueness');
    const unreadable = group([], { total_member_count: 3 });
    expect(planGroup(groupTarget(), seenGroup({ sameName: unreadable }), when).failure?.kind).toBe(
      'uniqueness',
    );
  });

  it('is adopted with its members where the policy says always; those that are not stated stay and are not owned', () => {
    const target = groupTarget({ members: stated([member(1), member(2)]) });
    const found = group([member(2), member(7)], { display_name: '' });
    const plan = planGroup(target, seenGroup({ sameName: found }), context({ adoptGroups: 'always' }));
    expect(plan.steps[0]).toMatchObject({ do: 'adoptGroup', origin: 'adopted' });
    expect(requests(plan)).toEqual([{ display_name: 'Platform & Tools', add_users: [member(1)] }]);
    expect(plan.owned).toEqual({ gained: [member(2)], lost: [] });
  });

  it('is never adopted when it is Everyone', () => {
    const everyone = group([], { id: ORGANIZATION });
    const plan = planGroup(
      groupTarget(),
      seenGroup({ sameName: everyone }),
      context({ adoptGroups: 'always' }),
    );
    expect(plan).toMatchObject({ steps: [], failure: { kind: 'uniqueness' } });
  });
});

describe('a group made by a call whose answer was lost', () => {
  it('is recognised as created', () => {
    const plan = planGroup(groupTarget({ intent: INTENT }), seenGroup({ sameName: group() }), context());
    expect(plan.steps).toMatchObject([{ do: 'adoptGroup', origin: 'created' }]);
  });

  it.each([
    ['it has members', group([member(1)])],
    ['it has a quota', group([], { quota_allowance: 5 })],
    ['login sync made it', group([], { source: 'oidc' })],
    ['its display name is another', group([], { display_name: 'Handmade' })],
  ])("is somebody else's when %s", (_why, found) => {
    const plan = planGroup(groupTarget({ intent: INTENT }), seenGroup({ sameName: found }), context());
    expect(plan.failure?.kind).toBe('uniqueness');
  });

  it('is not left behind when the directory renamed or deleted it meanwhile', () => {
    const view = seenGroup({ sameName: group() });
    const renamed = planGroup(groupTarget({ intent: INTENT, displayName: 'Ops' }), view, context());
    expect(actions(renamed)).toEqual(['adoptGroup', 'patchGroup']);
    expect(requests(renamed)).toEqual([{ name: 'ops', display_name: 'Ops' }]);
    const deleted = planGroup(groupTarget({ intent: INTENT, deleted: true }), view, context());
    expect(actions(deleted)).toEqual(['adoptGroup', 'deleteGroup', 'forgetLink']);
  });
});

describe('a linked group', () => {
  it('needs nothing when all is as stated', () => {
    const target = linkedGroup({ members: stated([member(1)]), ownedMembers: [member(1)] });
    const plan = planGroup(target, seenGroup({ group: group([member(1)]) }), context());
    expect(plan).toEqual({ steps: [], notes: [], owned: { gained: [], lost: [] } });
  });

  it('loses the link when it is gone', () => {
    expect(actions(planGroup(linkedGroup(), seenGroup(), context()))).toEqual(['forgetLink']);
  });

  it('gets its members by the difference; removals come first and unowned members stay', () => {
    const target = linkedGroup({
      members: stated([member(1), member(2)]),
      ownedMembers: [member(2), member(3), member(4)],
    });
    const plan = planGroup(target, seenGroup({ group: group([member(2), member(3), member(9)]) }), context());
    expect(requests(plan)).toEqual([{ remove_users: [member(3)], add_users: [member(1)] }]);
    expect(plan.owned).toEqual({ gained: [], lost: [member(4)] });
  });

  it('gets at most 100 changes a PATCH, all removals before the additions, and its name in the first', () => {
    const old = members(1, 130);
    const target = linkedGroup({ displayName: 'Ops', members: stated(members(201, 290)), ownedMembers: old });
    const plan = planGroup(target, seenGroup({ group: group(old) }), context());
    expect(requests(plan)).toEqual([
      { name: 'ops', display_name: 'Ops', remove_users: members(1, 100) },
      { remove_users: members(101, 130), add_users: members(201, 270) },
      { add_users: members(271, 290) },
    ]);
  });

  it('adds a member once, though two groups of the directory state it', () => {
    const target = linkedGroup({ members: stated([member(1), member(1)]) });
    const plan = planGroup(target, seenGroup({ group: group() }), context());
    expect(requests(plan)).toEqual([{ add_users: [member(1)] }]);
  });

  it('does not take members for gone that the token may not read', () => {
    const target = linkedGroup({ members: stated([member(1)]), ownedMembers: [member(1), member(2)] });
    const view = seenGroup({ group: group([member(1)], { total_member_count: 2 }) });
    expect(planGroup(target, view, context()).owned).toEqual({ gained: [], lost: [] });
  });

  it('is given its name back when it was renamed in Coder', () => {
    const seen = group([], { name: 'handmade', display_name: 'Handmade' });
    const plan = planGroup(linkedGroup(), seenGroup({ group: seen }), context());
    expect(requests(plan)).toEqual([{ name: 'platform-tools', display_name: 'Platform & Tools' }]);
  });

  it('keeps its name when it was adopted, and gets the display name only', () => {
    const target = linkedGroup({ link: ADOPTED, displayName: 'Ops' });
    const plan = planGroup(target, seenGroup({ group: group([], { name: 'tools' }) }), context());
    expect(requests(plan)).toEqual([{ display_name: 'Ops' }]);
  });

  it('keeps a name that its maker gave it after the adoption', () => {
    const plan = planGroup(
      linkedGroup({ link: ADOPTED }),
      seenGroup({ group: group([], { name: 'new-tools' }) }),
      context(),
    );
    expect(plan.steps).toEqual([]);
  });

  it("keeps its old name, fails, and still loses members when the new name is somebody else's", () => {
    const target = linkedGroup({ displayName: 'Ops', ownedMembers: [member(1)] });
    const foreign = group([], { id: member(99), name: 'ops' });
    const plan = planGroup(target, seenGroup({ group: group([member(1)]), sameName: foreign }), context());
    expect(requests(plan)).toEqual([{ display_name: 'Ops', remove_users: [member(1)] }]);
    expect(plan.failure).toMatchObject({ kind: 'uniqueness', step: 'patchGroup' });
  });

  it('is never changed when it is Everyone', () => {
    const link = { coderId: ORGANIZATION, coderName: 'Everyone', origin: 'adopted' } as const;
    const everyone = group([member(1)], { id: ORGANIZATION, name: 'Everyone' });
    const target = linkedGroup({ link, ownedMembers: [member(1)], deleted: true });
    const plan = planGroup(target, seenGroup({ group: everyone }), context());
    expect(plan).toMatchObject({ steps: [], failure: { kind: 'refused' } });
  });
});

describe('a group that the directory deleted', () => {
  it('is deleted in Coder when the bridge made it', () => {
    const plan = planGroup(
      linkedGroup({ deleted: true }),
      seenGroup({ group: group([member(9)]) }),
      context(),
    );
    expect(actions(plan)).toEqual(['deleteGroup', 'forgetLink']);
  });

  it('is given back when adopted, without the members that the bridge owns', () => {
    const target = linkedGroup({
      link: ADOPTED,
      deleted: true,
      members: stated([member(1)]),
      ownedMembers: [member(1), member(2)],
    });
    const plan = planGroup(target, seenGroup({ group: group([member(1), member(9)]) }), context());
    expect(actions(plan)).toEqual(['patchGroup', 'forgetLink']);
    expect(requests(plan)).toEqual([{ remove_users: [member(1)] }]);
  });
});
