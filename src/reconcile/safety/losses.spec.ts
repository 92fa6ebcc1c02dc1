import { describe, expect, it } from 'vitest';
import type { GroupStep, Plan, UserStep } from '../planner/index.js';
import { losses, lossesOf, lossesWithin, planHash, withoutLosses } from './index.js';

const reason = 'because';
const users = (...steps: UserStep[]): Plan<UserStep> => ({
  steps,
  notes: [],
  owned: { gained: [], lost: [] },
});
const groups = (...steps: GroupStep[]): Plan<GroupStep> => ({
  steps,
  notes: [],
  owned: { gained: [], lost: [] },
});
const patch = (request: Extract<GroupStep, { do: 'patchGroup' }>['request']): GroupStep => ({
  do: 'patchGroup',
  request,
  reason,
});
const take = (templateId: string, role: '' | 'use' = ''): GroupStep => ({
  do: 'setTemplateRole',
  templateId,
  role,
  loses: true,
  reason,
});
const give: GroupStep = { do: 'setTemplateRole', templateId: 't', role: 'use', loses: false, reason };
const suspend: UserStep = { do: 'suspendUser', reason };
const remove: UserStep = { do: 'deleteUser', reason };
const forget = { do: 'forgetLink', reason } as const;
const join: UserStep = { do: 'joinOrganization', organizationId: 'o', reason };
const leave: UserStep = { do: 'leaveOrganization', organizationId: 'o', reason };

describe('the losses of a plan', () => {
  it('count one for a person, whether suspended, deleted or both', () => {
    expect([users(suspend), users(remove), users(suspend, remove, forget)].map(losses)).toEqual([1, 1, 1]);
  });

  it('count each organization left, each group deleted, and each member removed', () => {
    expect(losses(users(leave, suspend))).toBe(2);
    expect(losses(groups({ do: 'deleteGroup', members: 1, reason }))).toBe(1);
    expect(
      losses(groups(patch({ remove_users: ['a', 'b'], add_users: ['c'] }), patch({ remove_users: ['d'] }))),
    ).toBe(3);
  });

  it('count each template taken, also where less of it is left, beside the deletion of the group', () => {
    expect(losses(groups(take('a'), take('b', 'use'), give))).toBe(2);
    expect(losses(groups(take('a'), { do: 'deleteGroup', members: 3, reason }, forget))).toBe(4);
  });

  it('are none for gains and for a link to what is gone', () => {
    expect(losses(users(forget))).toBe(0);
    expect(losses(groups(patch({ name: 'x', add_users: ['c'] })))).toBe(0);
  });
});

describe('a plan without its losses', () => {
  it('keeps the gains', () => {
    expect(withoutLosses(users(suspend, join)).steps).toEqual([join]);
    const mixed = groups(
      patch({ name: 'x', remove_users: ['a'] }),
      patch({ remove_users: ['b'], add_users: ['c'] }),
    );
    expect(withoutLosses(mixed).steps).toEqual([patch({ name: 'x' }), patch({ add_users: ['c'] })]);
  });

  it('takes no template, and gives those that are stated', () => {
    expect(withoutLosses(groups(take('a'), give)).steps).toEqual([give]);
  });

  it('leaves out a PATCH of which nothing is left', () => {
    expect(withoutLosses(groups(patch({ remove_users: ['a'] }))).steps).toEqual([]);
  });

  it('keeps the link by which the loss is carried out later', () => {
    expect(withoutLosses(users(suspend, remove, forget)).steps).toEqual([]);
    expect(withoutLosses(groups(patch({ remove_users: ['a'] }), forget)).steps).toEqual([]);
    expect(withoutLosses(users(forget)).steps).toEqual([forget]);
  });

  it('has no losses', () => {
    expect(losses(withoutLosses(users(leave, suspend, remove, forget, join)))).toBe(0);
  });
});

describe('the hash of a plan', () => {
  it('is SHA-256 in hex', () => {
    expect(planHash(users(suspend))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is that of the losses: gains, reasons and grouping do not change it', () => {
    const whole = groups(patch({ name: 'x', remove_users: ['b', 'a'], add_users: ['c'] }));
    const split = groups(
      { ...patch({ remove_users: ['a'] }), reason: 'other' },
      patch({ remove_users: ['b'] }),
    );
    expect(planHash(whole)).toBe(planHash(split));
    expect(planHash(users(suspend, join))).toBe(planHash(users(suspend)));
  });

  it('is the same before and after the suspension that goes before a deletion', () => {
    expect(planHash(users(suspend, remove, forget))).toBe(planHash(users(remove, forget)));
  });

  it('differs with what is taken away', () => {
    const plans = [
      users(suspend),
      users(remove),
      users(leave),
      groups({ do: 'deleteGroup', members: 1, reason }),
      groups(patch({ remove_users: ['a'] })),
      groups(patch({ remove_users: ['a', 'b'] })),
      groups(take('a')),
      groups(take('a', 'use')),
    ];
    expect(new Set(plans.map(planHash)).size).toBe(plans.length);
  });
});

describe('an approval', () => {
  it('covers what is left of it', () => {
    const approved = lossesOf(groups(patch({ remove_users: ['a', 'b'] })));
    expect(lossesWithin(groups(patch({ remove_users: ['b'], add_users: ['c'] })), approved)).toBe(true);
    expect(lossesWithin(users(suspend), lossesOf(users(remove)))).toBe(true);
  });

  it('covers nothing more', () => {
    const approved = lossesOf(groups(patch({ remove_users: ['a', 'b'] })));
    expect(lossesWithin(groups(patch({ remove_users: ['c'] })), approved)).toBe(false);
    expect(lossesWithin(groups({ do: 'deleteGroup', members: 1, reason }), approved)).toBe(false);
    expect(lossesWithin(users(remove), lossesOf(users(suspend)))).toBe(false);
    expect(lossesWithin(users(leave), lossesOf(users(suspend)))).toBe(false);
    expect(lossesWithin(groups(take('a')), lossesOf(groups(take('a', 'use'))))).toBe(false);
  });
});
