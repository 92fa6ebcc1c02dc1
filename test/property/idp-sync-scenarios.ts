import * as fc from 'fast-check';

import type { JsonObject } from '../../src/common/index.js';
import type { SyncMapping } from '../../src/policy/index.js';
import { ORGANIZATION_ROLES } from '../../src/simulator/rules/roles.js';

/** Random settings of IdP sync and claims, in three organizations. Ids are names here, as they are made anew for each run. */

export const PLACES = ['home', 'labs', 'data'] as const;
export const GROUPS = ['a', 'b', 'eng-x', 'Eng X'];
export const OWN_ROLES = { home: 'crew', labs: 'builders', data: 'miners' } as const;
const VALUES = [
  ...GROUPS,
  ...['A', 'Everyone', 'x', '', ' ', 'a b', 'eng-é', 'constructor', '__proto__'],
  ...['organization-admin', 'organization-member', 'owner', 'auditor', 'crew', 'builders', 'Crew', 'member'],
];
const FIELDS = ['g', 'r', 'o', 's', 'x.y', '__proto__'];
export const DEAD = '11111111-1111-4111-8111-111111111111';

export type Place = (typeof PLACES)[number];

// Few values are frequent, so that settings and claims meet.
const value = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...GROUPS) }, fc.constantFrom(...VALUES));
const field = (usual: string): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, fc.constantFrom('', ...FIELDS));
export const claim = fc.oneof(
  { weight: 6, arbitrary: fc.array(value, { maxLength: 5 }) },
  { weight: 2, arbitrary: value },
  fc.constantFrom(null, 'a,b', ',', 7, true, {}, { a: ['b'] }, ['a', 1], [['a']], [null]),
);
// As JSON brings it: `__proto__` is a name like any other.
const claims = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), claim), { maxLength: 5 })
  .map((entries): JsonObject => Object.fromEntries(entries));

const mapping = (targets: readonly string[]): fc.Arbitrary<SyncMapping> =>
  fc
    .array(fc.tuple(value, fc.array(fc.constantFrom(...targets), { maxLength: 3 })), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries));

const pattern = fc.constantFrom(null, '', 'eng', '^eng-', '(?i)^ENG', '^[ab]$', 'x$', '\\s', '^\\w+$', '.');
const group = fc.record({
  field: field('g'),
  mapping: mapping([...GROUPS, 'Everyone', 'dead']),
  regexFilter: pattern,
  autoCreate: fc.boolean(),
  legacyMapping: fc.dictionary(value, value, { maxKeys: 2, noNullPrototype: true }),
});
const role = fc.record({
  field: field('r'),
  mapping: mapping([...ORGANIZATION_ROLES, 'crew', 'builders', 'owner', 'gone']),
});
const site = fc.record({
  field: field('s'),
  mapping: mapping(['owner', 'auditor', 'member', 'gone']),
  defaults: fc.subarray(['auditor', 'user-admin', 'nonsense']),
});
const organization = fc.record({
  field: field('o'),
  mapping: mapping([...PLACES, 'dead']),
  assignDefault: fc.boolean(),
});

export const scenario = fc.record({
  claims,
  organization,
  site,
  allowed: fc.record({
    field: field('g'),
    groups: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.subarray(VALUES)),
  }),
  in: fc.record({
    home: fc.record({ group, role, saved: fc.boolean() }),
    labs: fc.record({ group, role, saved: fc.boolean() }),
    data: fc.record({ group, role, saved: fc.boolean() }),
  }),
  savedOrganizations: fc.boolean(),
  features: fc.record({
    template_rbac: fc.constantFrom(true, true, true, false),
    user_role_management: fc.constantFrom(true, true, true, false),
    multiple_organizations: fc.constantFrom(true, true, true, false),
  }),
  known: fc.constantFrom(true, true, true, false),
  member: fc.subarray([...PLACES]),
  groups: fc.record({ home: fc.subarray(GROUPS), labs: fc.subarray(GROUPS), data: fc.subarray(GROUPS) }),
  roles: fc.record({ home: fc.subarray(['crew']), labs: fc.subarray(['builders']), data: fc.constant([]) }),
  siteRoles: fc.subarray(['auditor', 'owner']),
});
export type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;
