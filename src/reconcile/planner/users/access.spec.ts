import { describe, expect, it } from 'vitest';

import type { AccessRules } from '../../../common/index.js';
import type { PolicyConfig } from '../../../config/index.js';
import { guardUser } from '../../safety/index.js';
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
import type { PlanContext, UserStep } from '../index.js';
import { planUser } from './user.js';

const ALL = { siteRoles: ['*', 'owner'], organizationRoles: ['*'] };
const NOBODY = { gained: [], lost: [] };

function knowing(policy: Partial<PolicyConfig> = ALL, change: Partial<PlanContext> = {}): PlanContext {
  return { ...context(policy), ...change };
}

/** The plan after the safety check, which must let the planner's own plans pass. */
function planned(
  target: Parameters<typeof planUser>[0],
  view: Parameters<typeof planUser>[1],
  known: PlanContext = knowing(),
) {
  const plan = planUser(target, view, known);
  expect(guardUser(plan, target, view, known)).toBe(plan);
  return plan;
}

/** Steps without their reasons. */
const bare = (steps: readonly UserStep[]) => steps.map(({ reason: _reason, ...step }) => step);

describe('site roles', () => {
  it('are set by one call that keeps what others granted', () => {
    const target = linkedUser({ access: { siteRoles: ['auditor', 'user-admin'] } });
    const seen = seenUser({ account: account({ roles: [{ name: 'template-admin' }] }) });
    expect(bare(planned(target, seen).steps)).toEqual([
      {
        do: 'setRoles',
        organizationId: null,
        roles: ['auditor', 'template-admin', 'user-admin'],
        gained: ['auditor', 'user-admin'],
        lost: [],
      },
    ]);
  });

  it('become owned when they are stated and seen, and cease to be when they are gone', () => {
    const target = linkedUser({
      access: { siteRoles: ['auditor'] },
      ownedRoles: [{ organizationId: null, role: 'user-admin' }],
    });
    const plan = planned(target, seenUser({ account: account({ roles: [{ name: 'auditor' }] }) }));
    expect(plan.steps).toEqual([]);
    expect(plan.ownedRoles).toEqual({
      gained: [{ organizationId: null, role: 'auditor' }],
      lost: [{ organizationId: null, role: 'user-admin' }],
    });
  });

  it('are taken when they are withdrawn and owned, and only then', () => {
    const seen = seenUser({ account: account({ roles: [{ name: 'auditor' }] }) });
    expect(planned(linkedUser(), seen).steps).toEqual([]);
    const owned = linkedUser({ ownedRoles: [{ organizationId: null, role: 'auditor' }] });
    expect(bare(planned(owned, seen).steps)).toEqual([
      { do: 'setRoles', organizationId: null, roles: [], gained: [], lost: ['auditor'] },
    ]);
  });

  it('are not granted unless the policy lists them, and that is reported', () => {
    const target = linkedUser({ access: { siteRoles: ['auditor'] } });
    const plan = planned(target, seenUser({ account: account() }), knowing({}));
    expect(plan.steps).toEqual([]);
    expect(plan.notes).toEqual([
      {
        note: 'roleNotAllowed',
        detail: 'The policy does not let these roles be granted: auditor (User siteRoles).',
      },
    ]);
  });

  it('are taken from an owner only where the bridge made the owner', () => {
    const roles = [{ name: 'owner' }, { name: 'auditor' }];
    const seen = seenUser({ account: account({ roles }) });
    const auditor = { organizationId: null, role: 'auditor' };
    expect(planned(linkedUser({ ownedRoles: [auditor] }), seen).steps).toEqual([]);
    const made = linkedUser({ ownedRoles: [auditor, { organizationId: null, role: 'owner' }] });
    expect(bare(planned(made, seen).steps)).toEqual([
      { do: 'setRoles', organizationId: null, roles: [], gained: [], lost: ['owner', 'auditor'] },
    ]);
  });

  it('of a protected account are given and never taken; those of the bridge’s own account are left alone', () => {
    const owned = [{ organizationId: null, role: 'auditor' }];
    const policy = { ...ALL, protectedUsers: ['a*'] };
    const seen = seenUser({ account: account({ roles: [{ name: 'auditor' }] }) });
    const target = linkedUser({ ownedRoles: owned, access: { siteRoles: ['user-admin'] } });
    expect(bare(planned(target, seen, knowing(policy)).steps)).toEqual([
      {
        do: 'setRoles',
        organizationId: null,
        roles: ['auditor', 'user-admin'],
        gained: ['user-admin'],
        lost: [],
      },
    ]);
    const self = account({ id: SELF, roles: [{ name: 'auditor' }] });
    const link = { coderId: SELF, coderName: 'ann', origin: 'created' } as const;
    expect(planned({ ...target, link }, seenUser({ account: self })).steps).toEqual([]);
  });

  it('go when the user is deleted, after the suspension', () => {
    const target = linkedUser({ deleted: true, ownedRoles: [{ organizationId: null, role: 'auditor' }] });
    const seen = seenUser({ account: account({ roles: [{ name: 'auditor' }] }) });
    expect(planned(target, seen).steps.map((step) => step.do)).toEqual(['suspendUser', 'setRoles']);
  });

  it('that nobody stated go as well where the connection is strict', () => {
    const seen = seenUser({
      account: account({
        roles: [{ name: 'auditor' }],
        organization_ids: [ORGANIZATION, OTHER_ORGANIZATION],
      }),
      organizationRoles: new Map([[ORGANIZATION, ['organization-admin']]]),
    });
    expect(bare(planned(linkedUser(), seen, knowing({ strict: true })).steps)).toEqual([
      { do: 'setRoles', organizationId: null, roles: [], gained: [], lost: ['auditor'] },
      {
        do: 'setRoles',
        organizationId: ORGANIZATION,
        roles: [],
        gained: [],
        lost: ['organization-admin'],
      },
      { do: 'leaveOrganization', organizationId: OTHER_ORGANIZATION },
    ]);
  });
});

describe('organizations and roles in them', () => {
  const stated = {
    organizations: ['other'],
    organizationRoles: [{ organization: 'other', role: 'organization-admin' }],
  };

  it('are part of the creation, as far as organizations go', () => {
    const [step] = planned(userTarget({ access: stated }), seenUser()).steps;
    expect(step).toMatchObject({
      do: 'createUser',
      request: { organization_ids: [ORGANIZATION, OTHER_ORGANIZATION] },
    });
  });

  it('are gained in the order organization, role', () => {
    const target = linkedUser({ access: stated });
    const before = seenUser({ account: account(), organizationRoles: new Map() });
    expect(bare(planned(target, before).steps)).toEqual([
      { do: 'joinOrganization', organizationId: OTHER_ORGANIZATION },
    ]);
    const joined = account({ organization_ids: [ORGANIZATION, OTHER_ORGANIZATION] });
    expect(bare(planned(target, seenUser({ account: joined, organizationRoles: new Map() })).steps)).toEqual([
      {
        do: 'setRoles',
        organizationId: OTHER_ORGANIZATION,
        roles: ['organization-admin'],
        gained: ['organization-admin'],
        lost: [],
      },
    ]);
  });

  it('are lost in the order role, organization', () => {
    const target = linkedUser({
      ownedOrganizations: [ORGANIZATION, OTHER_ORGANIZATION],
      ownedRoles: [{ organizationId: OTHER_ORGANIZATION, role: 'organization-admin' }],
    });
    const seen = seenUser({
      account: account({ organization_ids: [ORGANIZATION, OTHER_ORGANIZATION] }),
      organizationRoles: new Map([[OTHER_ORGANIZATION, ['organization-admin', 'builders']]]),
    });
    expect(bare(planned(target, seen).steps)).toEqual([
      {
        do: 'setRoles',
        organizationId: OTHER_ORGANIZATION,
        roles: ['builders'],
        gained: [],
        lost: ['organization-admin'],
      },
      { do: 'leaveOrganization', organizationId: OTHER_ORGANIZATION },
    ]);
  });

  it('that the bridge does not own stay', () => {
    const seen = seenUser({ account: account({ organization_ids: [ORGANIZATION, OTHER_ORGANIZATION] }) });
    expect(planned(linkedUser(), seen).steps).toEqual([]);
  });

  it('that Coder does not have fail the user, after everything else, and nothing is left meanwhile', () => {
    const target = linkedUser({
      access: { organizations: ['nowhere'], siteRoles: ['auditor'] },
      ownedOrganizations: [ORGANIZATION, OTHER_ORGANIZATION],
    });
    const seen = seenUser({ account: account({ organization_ids: [ORGANIZATION, OTHER_ORGANIZATION] }) });
    const plan = planned(target, seen);
    expect(plan.steps.map((step) => step.do)).toEqual(['setRoles']);
    expect(plan.failure).toEqual({
      kind: 'invalidValue',
      step: 'joinOrganization',
      detail: 'Coder has no organization "nowhere", or the token may not see it.',
    });
  });

  it('come from rules by group too', () => {
    const grant = { siteRoles: [], organizations: ['other'], organizationRoles: [{ role: 'builders' }] };
    const rules: AccessRules = { groups: new Map([['ops', grant]]), roles: new Map() };
    const target = linkedUser({ groups: ['Ops'] });
    const seen = seenUser({ account: account(), organizationRoles: new Map() });
    expect(bare(planned(target, seen, knowing(ALL, { rules })).steps)).toEqual([
      { do: 'joinOrganization', organizationId: OTHER_ORGANIZATION },
      { do: 'setRoles', organizationId: ORGANIZATION, roles: ['builders'], gained: ['builders'], lost: [] },
    ]);
  });

  it('that Coder refused are left out, and the user fails with its reason', () => {
    const target = linkedUser({ access: { siteRoles: ['auditor'] } });
    const refusedRoles = new Map([[null, 'Coder refuses the roles of the site']]);
    const plan = planned(target, seenUser({ account: account() }), knowing(ALL, { refusedRoles }));
    expect(plan.steps).toEqual([]);
    expect(plan.ownedRoles).toEqual(NOBODY);
    expect(plan.failure).toEqual({
      kind: 'refused',
      step: 'setRoles',
      detail: 'Coder refuses the roles of the site',
    });
  });
});

describe('quiet hours and the username', () => {
  const schedule = 'CRON_TZ=Europe/Oslo 0 2 * * *';

  it('are set where they are stated and differ', () => {
    const target = linkedUser({ access: { quietHours: schedule } });
    const plan = planned(target, seenUser({ account: account(), quietHours: '' }));
    expect(bare(plan.steps)).toEqual([{ do: 'setQuietHours', schedule }]);
    expect(planned(target, seenUser({ account: account(), quietHours: schedule })).steps).toEqual([]);
  });

  it('that is stated for Coder is the one that is tried first', () => {
    const plan = planned(userTarget({ access: { username: 'annabel' } }), seenUser());
    expect(plan.steps[0]).toMatchObject({ do: 'createUser', request: { username: 'annabel' } });
  });
});

describe('seats of the licence', () => {
  const active = { newUserStatus: 'active' } as const;

  it('that are used up make new users dormant, and say so', () => {
    const full = knowing(active, { seatsLeft: 0 });
    expect(planned(userTarget(), seenUser(), full).steps[0]).toMatchObject({
      request: { user_status: 'dormant' },
      reason: expect.stringContaining('no seat left'),
    });
    const after = planned(linkedUser(), seenUser({ account: account({ status: 'dormant' }) }), full);
    expect(after.notes.map(({ note }) => note)).toEqual(['seats']);
    expect(planned(userTarget(), seenUser(), knowing(active, { seatsLeft: 1 })).steps[0]).toMatchObject({
      request: { user_status: 'active' },
    });
  });

  it('that are used up refuse new users where the policy says so', () => {
    const full = knowing({ whenSeatsRunOut: 'refuse' }, { seatsLeft: -2 });
    const plan = planned(userTarget(), seenUser(), full);
    expect(plan.steps).toEqual([]);
    expect(plan.failure).toMatchObject({ kind: 'refused', step: 'createUser' });
  });
});

describe('in a connection whose organization Coder does not have, or hides', () => {
  const nowhere = knowing(ALL, { organizationId: null, organization: 'acme' });
  const failure = { kind: 'invalidValue', detail: expect.stringContaining('"acme"') };

  it('nobody is created, and the plan says why', () => {
    const plan = planned(userTarget({}), seenUser({ account: null }), nowhere);
    expect(plan).toMatchObject({ steps: [], failure });
  });

  it('whoever leaves is suspended all the same', () => {
    const plan = planned(linkedUser({ active: false }), seenUser({ account: account() }), nowhere);
    expect(plan.steps.map((step) => step.do)).toEqual(['suspendUser']);
    expect(plan).toMatchObject({ failure });
  });

  it('no membership and no role in an organization is taken', () => {
    const role = { organizationId: ORGANIZATION, role: 'organization-auditor' };
    const target = linkedUser({ ownedOrganizations: [ORGANIZATION], ownedRoles: [role] });
    const seen = seenUser({
      account: account(),
      organizationRoles: new Map([[ORGANIZATION, ['organization-auditor']]]),
    });
    const plan = planned(target, seen, nowhere);
    expect(plan).toMatchObject({ steps: [], failure });
    // Where it is known, the role that nobody states is taken.
    expect(planned(target, seen).steps.map((step) => step.do)).toEqual(['setRoles']);
  });
});
