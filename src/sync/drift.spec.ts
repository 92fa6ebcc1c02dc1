import { describe, expect, it } from 'vitest';

import { ThrottledError } from '../coder/index.js';
import { context, userTarget } from '../reconcile/planner/fixtures.js';
import { listCoder } from './drift.js';

const deployment = {
  confirmSight: () => Promise.resolve(),
};
const groups = { get: () => Promise.resolve({ all: () => [] }) };
const index = { byId: () => undefined, byEmail: () => undefined, usernames: { has: () => false } };

describe('a list that is too long for one go of the rate limit', () => {
  it('is waited for, and taken once it is there', async () => {
    const asked: number[] = [];
    const accounts = {
      get: (maxAgeMs: number) => {
        asked.push(maxAgeMs);
        // As the copy of Coder's users does: who asks for a list that begins now only ever begins another one.
        if (asked.length < 3 || maxAgeMs === 0) return Promise.reject(new ThrottledError('GET /users', 5));
        return Promise.resolve(index);
      },
    };
    const rolesIn = () => Promise.resolve(new Map<string, string[]>());
    const listing = await listCoder({ accounts, groupsOf: () => groups, rolesIn }, deployment, {
      of: () => Promise.resolve(context()),
    });
    expect(await listing.user(userTarget({ applied: 1, active: false }))).toBe('none');
    // A list from before the question is none.
    expect(asked[0]).toBe(0);
    expect(Math.max(...asked)).toBeLessThan(10_000);
  });
});
