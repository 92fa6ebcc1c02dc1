import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AccessRules, Grant } from '../../src/common/index.js';
import type { RoleFact, UserTarget } from '../../src/directory/index.js';
import {
  account,
  context,
  linkedUser,
  ORGANIZATION,
  OTHER_ORGANIZATION,
} from '../../src/reconcile/planner/fixtures.js';
import { NOTHING_CLAIMED, planUser } from '../../src/reconcile/planner/index.js';
import type { ClaimedAccess, PlanContext, UserView } from '../../src/reconcile/planner/index.js';
import { guardUser, losses, withoutLosses } from '../../src/reconcile/safety/index.js';
import { applyUserStep, type UserWorld } from './planner-model.js';

const RUNS = { numRuns: 1_000 };
const SITE = ['owner', 'auditor', 'user-admin'];
const LOCAL = ['organization-admin', 'builders'];
const SCOPES = [ORGANIZATION, OTHER_ORGANIZATION];

const grants: fc.Arbitrary<Grant> = fc.record({
  siteRoles: fc.subarray(SITE),
  organizations: fc.subarray(['other']),
  organizationRoles: fc.subarray([
    { role: 'builders' },
    { organization: 'other', role: 'organization-admin' },
  ]),
});

const contexts: fc.Arbitrary<PlanContext> = fc
  .record({
    siteRoles: fc.constantFrom([], ['*'], ['auditor'], ['owner', 'auditor']),
    organizationRoles: fc.constantFrom([], ['*'], ['builders']),
    strict: fc.boolean(),
    protectedUsers: fc.subarray(['an*']),
    ops: grants,
    admin: grants,
    claimed: claimed(),
  })
  .map(({ ops, admin, claimed: claims, ...policy }) => {
    const rules: AccessRules = { groups: new Map([['ops', ops]]), roles: new Map([['admin', admin]]) };
    return { ...context(policy), rules, ...(claims && { claimed: claims }) };
  });

/** What claims come to: any roles anywhere, whether the policy lists them or the person is there. */
function claimed(): fc.Arbitrary<ClaimedAccess | null> {
  const fact = (organizationId: string | null) => (value: string) => ({
    value,
    because: 'claim',
    subjectId: 's',
    organizationId,
  });
  return fc.option(
    fc
      .record({
        organizations: fc.subarray([OTHER_ORGANIZATION]),
        site: fc.subarray(SITE),
        local: fc.array(fc.subarray(LOCAL), { minLength: 2, maxLength: 2 }),
      })
      .map(({ organizations, site, local }) => ({
        ...NOTHING_CLAIMED,
        organizations: organizations.map(fact(null)),
        siteRoles: site.map(fact(null)),
        organizationRoles: SCOPES.flatMap((id, n) => (local[n] ?? []).map(fact(id))),
      })),
  );
}

const facts = fc.subarray<RoleFact>([
  ...SITE.map((role) => ({ organizationId: null, role })),
  ...SCOPES.flatMap((organizationId) => LOCAL.map((role) => ({ organizationId, role }))),
]);

const targets: fc.Arbitrary<UserTarget> = fc
  .record({
    active: fc.boolean(),
    deleted: fc.boolean(),
    groups: fc.subarray(['Ops', 'Other']),
    ownedRoles: facts,
    ownedOrganizations: fc.subarray(SCOPES),
    access: fc.record(
      {
        roles: fc.subarray(['admin', 'Auditor', 'builders']),
        siteRoles: fc.subarray(SITE),
        organizations: fc.subarray(['other', OTHER_ORGANIZATION, 'nowhere']),
        organizationRoles: fc.subarray([
          { organization: 'other', role: 'builders' },
          { organization: ORGANIZATION, role: 'organization-admin' },
        ]),
      },
      { requiredKeys: [] },
    ),
  })
  .map((change) => linkedUser(change));

const views: fc.Arbitrary<UserView> = fc
  .record({
    status: fc.constantFrom('active', 'dormant', 'suspended'),
    organization_ids: fc.subarray(SCOPES),
    roles: fc.subarray(SITE).map((names) => names.map((name) => ({ name }))),
    local: fc.array(fc.subarray(LOCAL), { minLength: 2, maxLength: 2 }),
  } as const)
  .map(({ local, ...change }): UserView => {
    const seen = SCOPES.flatMap((id, at) =>
      change.organization_ids.includes(id) ? [[id, local[at] ?? []] as const] : [],
    );
    return {
      account: account({ ...change, organization_ids: [...change.organization_ids] }),
      sameEmail: null,
      organizationRoles: new Map(seen),
    };
  });

const key = ({ organizationId, role }: RoleFact): string => `${organizationId ?? ''}/${role}`;

function rolesOf({ account: user, organizationRoles = new Map() }: UserView): string[] {
  return [
    ...(user?.roles ?? []).map(({ name }) => key({ organizationId: null, role: name })),
    ...[...organizationRoles].flatMap(([organizationId, roles]) =>
      user?.organization_ids.includes(organizationId)
        ? roles.map((role: string) => key({ organizationId, role }))
        : [],
    ),
  ].toSorted();
}

/** Carries out plan after plan until one has no steps; ownership is recorded with each. */
function converge(start: UserWorld, when: PlanContext): { world: UserWorld; rounds: number } {
  let world = start;
  for (let rounds = 0; rounds < 5; rounds += 1) {
    const plan = planUser(world.target, world.view, when);
    const { gained = [], lost = [] } = plan.ownedRoles ?? {};
    const gone = new Set(lost.map(key));
    const kept = world.target.ownedOrganizations.filter((id) => !plan.owned.lost.includes(id));
    const target = {
      ...world.target,
      ownedRoles: [...world.target.ownedRoles.filter((fact) => !gone.has(key(fact))), ...gained],
      ownedOrganizations: [...kept, ...plan.owned.gained],
    };
    world = { ...world, target };
    if (plan.steps.length === 0) return { world, rounds };
    for (const step of plan.steps) world = applyUserStep(world, step);
  }
  throw new Error('the plan does not come to rest');
}

describe('planning roles and organizations, whatever the input', () => {
  it('comes to rest after two plans at most: a role in an organization follows when it is joined', () => {
    fc.assert(
      fc.property(targets, views, contexts, (target, view, when) => {
        const { world, rounds } = converge({ target, view }, when);
        expect(rounds).toBeLessThanOrEqual(2);
        const replay = planUser(world.target, world.view, when);
        expect(replay.steps).toEqual([]);
        expect(replay.ownedRoles).toEqual({ gained: [], lost: [] });
      }),
      RUNS,
    );
  });

  it('satisfies the guard, and loses nothing while losses are held', () => {
    fc.assert(
      fc.property(targets, views, contexts, (target, view, when) => {
        const plan = planUser(target, view, when);
        expect(guardUser(plan, target, view, when)).toBe(plan);
        const held = withoutLosses(plan);
        expect(losses(held)).toBe(0);
        let world: UserWorld = { target, view };
        for (const step of held.steps) world = applyUserStep(world, step);
        expect(rolesOf(world.view)).toEqual(expect.arrayContaining(rolesOf(view)));
      }),
      RUNS,
    );
  });

  it('takes no role that the bridge does not own, unless the connection is strict', () => {
    fc.assert(
      fc.property(targets, views, contexts, (target, view, when) => {
        fc.pre(!when.policy.strict);
        const owned = new Set(target.ownedRoles.map(key));
        const left = new Set(target.ownedOrganizations);
        const others = rolesOf(view).filter(
          (role) => !owned.has(role) && ![...left].some((id) => role.startsWith(`${id}/`)),
        );
        expect(rolesOf(converge({ target, view }, when).world.view)).toEqual(expect.arrayContaining(others));
      }),
      RUNS,
    );
  });

  it('grants no role that the policy does not list', () => {
    fc.assert(
      fc.property(targets, views, contexts, (target, view, when) => {
        const before = new Set(rolesOf(view));
        const gained = rolesOf(converge({ target, view }, when).world.view).filter(
          (role) => !before.has(role),
        );
        for (const role of gained) {
          const [scope, name = ''] = role.split('/');
          const list = scope === '' ? when.policy.siteRoles : when.policy.organizationRoles;
          expect(list.includes(name) || (list.includes('*') && name !== 'owner')).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('takes nothing from a protected account, nor from an owner where owners are none of its business', () => {
    fc.assert(
      fc.property(targets, views, contexts, (target, view, when) => {
        const owner = view.account?.roles.some(({ name }) => name === 'owner') ?? false;
        const made = target.ownedRoles.some((fact) => fact.organizationId === null && fact.role === 'owner');
        const none = owner && !made && !when.policy.siteRoles.includes('owner');
        fc.pre(when.policy.protectedUsers.length > 0 || none);
        const after = rolesOf(converge({ target, view }, when).world.view);
        expect(after).toEqual(expect.arrayContaining(rolesOf(view)));
      }),
      RUNS,
    );
  });

  it('gives what is stated and allowed, but in organizations that Coder does not have', () => {
    fc.assert(
      fc.property(targets, views, contexts, (target, view, when) => {
        fc.pre(!target.deleted);
        const { siteRoles = [] } = target.access;
        const allowed = siteRoles.filter((role) => {
          const list = when.policy.siteRoles;
          return list.includes(role) || (list.includes('*') && role !== 'owner');
        });
        const after = converge({ target, view }, when).world.view;
        const names = after.account?.roles.map(({ name }) => name) ?? [];
        const owner = view.account?.roles.some(({ name }) => name === 'owner') ?? false;
        const stuck = owner && (!target.active || target.deleted);
        expect(stuck ? allowed : names).toEqual(expect.arrayContaining(allowed));
      }),
      RUNS,
    );
  });
});
