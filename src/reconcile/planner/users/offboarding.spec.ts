import { describe, expect, it } from 'vitest';

import { guardUser } from '../../safety/index.js';
import { account, context, linkedUser } from '../fixtures.js';
import { planUser } from './user.js';
import type { UserView } from '../view.js';

const left = linkedUser({ active: false });
const gone = linkedUser({ active: true, deleted: true });
const suspended = account({ status: 'suspended' });
const view = (change: Partial<UserView> = {}): UserView => ({
  account: suspended,
  sameEmail: null,
  ...change,
});
const names = (plan: ReturnType<typeof planUser>): string[] => plan.steps.map((step) => step.do);

describe('what is planned for somebody who leaves', () => {
  it('is the suspension alone, until it was looked for what is left', () => {
    expect(names(planUser(left, view({ account: account() }), context()))).toEqual(['suspendUser']);
    expect(names(planUser(left, view(), context()))).toEqual([]);
  });

  it('is each token and each workspace that was found, tokens first, with the reason', () => {
    const found = view({ tokens: ['key-1', 'key-2'], workspaces: ['ws-1'] });
    for (const target of [left, gone]) {
      const { steps } = planUser(target, found, context());
      expect(steps).toMatchObject([
        { do: 'revokeToken', keyId: 'key-1', reason: expect.stringContaining('left') },
        { do: 'revokeToken', keyId: 'key-2' },
        { do: 'stopWorkspace', workspaceId: 'ws-1', reason: expect.stringContaining('left') },
      ]);
    }
  });

  it('comes after a suspension that somebody has undone, and before a deletion', () => {
    const found = { tokens: ['key-1'], workspaces: ['ws-1'] };
    expect(names(planUser(left, view({ ...found, account: account() }), context()))).toEqual([
      'suspendUser',
      'revokeToken',
      'stopWorkspace',
    ]);
    expect(names(planUser(gone, view(found), context({ deleteUsers: 'delete' })))).toEqual([
      'revokeToken',
      'stopWorkspace',
      'deleteUser',
      'forgetLink',
    ]);
  });

  it('takes nothing of somebody who is active, of an owner, of a protected account, or of the bridge', () => {
    const found = { tokens: ['key-1'], workspaces: ['ws-1'] };
    expect(names(planUser(linkedUser(), view({ ...found, account: account() }), context()))).toEqual([]);
    const owner = account({ status: 'suspended', roles: [{ name: 'owner' }] });
    expect(planUser(left, view({ ...found, account: owner }), context())).toMatchObject({
      steps: [],
      failure: { kind: 'refused' },
    });
    const shielded = context({ protectedUsers: [suspended.username] });
    expect(names(planUser(left, view(found), shielded))).toEqual([]);
    const own = { ...context(), selfId: suspended.id };
    expect(names(planUser(left, view(found), own))).toEqual([]);
  });

  it('is not let through by the second net for whom the planner should have spared', () => {
    const found = view({ tokens: ['key-1'], workspaces: ['ws-1'] });
    const plan = planUser(left, found, context());
    expect(guardUser(plan, left, found, context())).toBe(plan);
    for (const [target, guarded] of [
      [linkedUser(), context()],
      [left, context({ protectedUsers: [suspended.username] })],
      [left, { ...context(), selfId: suspended.id }],
    ] as const) {
      expect(guardUser(plan, target, found, guarded)).toMatchObject({
        steps: [],
        failure: { kind: 'refused' },
      });
    }
  });
});
