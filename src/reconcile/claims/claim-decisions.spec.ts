import { describe, expect, it } from 'vitest';

import type { TiedSubject } from '../../directory/index.js';
import type { IdpSyncRules } from '../../policy/index.js';
import { Organizations } from '../organizations.js';
import { context, linkedUser, ORGANIZATION } from '../planner/fixtures.js';
import { ClaimDecisions } from './claim-decisions.js';

const MADE = 'e0000000-0000-4000-8000-000000000009';
const OFF = { field: '', mapping: {} };
const RULES: IdpSyncRules = {
  allowList: { field: '', groups: [] },
  organization: { ...OFF, assignDefault: false },
  site: { ...OFF, defaults: [] },
  organizations: new Map([
    [
      ORGANIZATION,
      {
        group: {
          field: 'groups',
          mapping: {},
          regexFilter: null,
          autoCreate: true,
          legacyMapping: {},
        },
        role: OFF,
      },
    ],
  ]),
};

const SUBJECT: TiedSubject = {
  id: 's',
  issuer: 'https://idp.example.com',
  issuedAt: '2026-01-01T00:00:00Z',
  claims: { groups: ['made'] },
  unreadable: {},
  decided: null,
  groupsChangedMs: null,
};

/** Coder's groups: a list of ten seconds ago, on which nothing is, until a newer one is asked for. */
function decisions() {
  let ageMs = 10_000;
  const listed: number[] = [];
  const coder = {
    listOrganizations: () => Promise.resolve([{ id: ORGANIZATION, name: 'main', is_default: true } as never]),
  };
  const groupsOf = () => ({
    stale: (maxAgeMs = 0) => ageMs > maxAgeMs,
    get: (maxAgeMs = 0) => {
      if (ageMs > maxAgeMs) ageMs = 0;
      listed.push(maxAgeMs);
      const groups = ageMs === 0 ? [{ id: MADE, name: 'made' }] : [];
      return Promise.resolve({ all: () => groups } as never);
    },
  });
  const rules = { of: () => Promise.resolve(RULES), read: <T>(_connection: string, claims: T) => claims };
  const organizations = new Organizations(coder, { now: () => 0, monotonic: () => 0 });
  return {
    listed,
    made: new ClaimDecisions(rules, organizations, groupsOf, { of: () => Promise.resolve([]) }),
  };
}

/** A user whose claims came twenty seconds ago. */
const user = (key: string) => {
  const target = linkedUser({ subjects: [SUBJECT], claimedGroups: [{ key, because: '' }] });
  return { ...target, now: 30_000, pushedAt: 10_000 };
};

describe('a group that claims had made', () => {
  it('is that very group for them, though the list is from before it was made', async () => {
    const { made, listed } = decisions();
    const { groups } = await made.of(user(MADE), context());
    expect(groups).toMatchObject([{ coderId: MADE, name: 'made' }]);
    expect(listed).toEqual([30_000, 1_000]);
  });

  it('is listed once as long as it is on its way', async () => {
    const { made, listed } = decisions();
    const target = user(`${ORGANIZATION}/made`);
    const { groups } = await made.of(target, context());
    expect(groups).toMatchObject([{ coderId: null, name: 'made' }]);
    expect(listed).toEqual([30_000]);
  });
});
