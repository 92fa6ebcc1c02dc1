import { describe, expect, it } from 'vitest';

import type { GroupTarget } from '../../../directory/index.js';
import { guardGroup } from '../../safety/index.js';
import { context, group, groupTarget, linkedGroup, member, ORGANIZATION } from '../fixtures.js';
import { planGroup } from './group.js';
import type { GroupView } from '../view.js';

const CLAIMED: Partial<GroupTarget> = {
  claimed: true,
  displayName: 'eng',
  settings: { organization: ORGANIZATION },
};
const people = (...numbers: number[]) =>
  numbers.map((number) => ({ userId: `user-${number}`, coderId: member(number) }));
/** The plan as the guard lets it pass. */
function stepsOf(target: GroupTarget, view: GroupView, policy: Parameters<typeof context>[0] = {}) {
  const plan = planGroup(target, view, context(policy));
  const guarded = guardGroup(plan, target, view, context(policy));
  expect(guarded.failure).toEqual(plan.failure);
  return guarded.steps.map(({ reason: _reason, ...step }) => step);
}

describe('a group that only claims name', () => {
  it('gains and loses its own members, and nothing else about it changes', () => {
    const target = linkedGroup({ ...CLAIMED, members: people(1), ownedMembers: [member(2)] });
    const seen = group([member(2), member(3)], { name: 'eng', display_name: 'Other' });
    const steps = [{ do: 'patchGroup', request: { add_users: [member(1)], remove_users: [member(2)] } }];
    expect(stepsOf(target, { group: seen, sameName: null })).toEqual(steps);
    expect(stepsOf(target, { group: seen, sameName: null }, { strict: true })).toEqual(steps);
  });

  it('is taken as it is where the name is there, whatever the policy says of adopting', () => {
    const target = groupTarget({ ...CLAIMED, members: people(1) });
    const found = group([member(3)], { name: 'eng' });
    expect(stepsOf(target, { group: null, sameName: found })).toMatchObject([
      { do: 'adoptGroup', origin: 'adopted' },
      { do: 'patchGroup', request: { add_users: [member(1)] } },
    ]);
  });

  it('is made under its very name where it is to have members, and not otherwise', () => {
    const nothing = { group: null, sameName: null };
    expect(stepsOf(groupTarget({ ...CLAIMED, members: people(1) }), nothing)).toEqual([
      { do: 'createGroup', request: { name: 'eng' } },
      { do: 'patchGroup', request: { add_users: [member(1)] } },
    ]);
    expect(stepsOf(groupTarget(CLAIMED), nothing)).toEqual([]);
  });

  it('is given up when it is gone, and left alone when it is protected', () => {
    expect(stepsOf(linkedGroup(CLAIMED), { group: null, sameName: null })).toEqual([{ do: 'forgetLink' }]);
    const target = linkedGroup({ ...CLAIMED, members: people(1) });
    const plan = planGroup(
      target,
      { group: group([], { name: 'eng' }), sameName: null },
      context({ protectedGroups: ['eng'] }),
    );
    expect(plan).toMatchObject({ steps: [], failure: { kind: 'refused' } });
  });
});
