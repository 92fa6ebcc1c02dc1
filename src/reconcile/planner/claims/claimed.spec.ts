import { describe, expect, it } from 'vitest';

import type { TiedSubject } from '../../../directory/index.js';
import type { IdpSyncRules } from '../../../policy/index.js';
import { decideOnClaims, membershipsOf, rememberedPlaces } from './claimed.js';
import type { ClaimedAccess, ClaimsWorld } from './claimed.js';
import { ORGANIZATION, OTHER_ORGANIZATION } from '../fixtures.js';

const ENG = 'e0000000-0000-4000-8000-000000000001';

const within = (field: string, autoCreate = false) => ({
  group: { field, mapping: {}, regexFilter: null, autoCreate, legacyMapping: {} },
  role: { field: 'org_roles', mapping: {} },
});

const RULES: IdpSyncRules = {
  allowList: { field: '', groups: [] },
  organization: { field: 'orgs', mapping: { other: [OTHER_ORGANIZATION] }, assignDefault: false },
  site: { field: 'site_roles', mapping: {}, defaults: [] },
  organizations: new Map([
    [ORGANIZATION, within('groups')],
    [OTHER_ORGANIZATION, within('groups', true)],
  ]),
};

const world = (change: Partial<ClaimsWorld> = {}): ClaimsWorld => ({
  rules: RULES,
  defaultOrganizationId: ORGANIZATION,
  organizationId: (id) => id,
  organizationName: (id) => (id === ORGANIZATION ? 'Main' : 'Other'),
  others: [ORGANIZATION],
  groups: (id) => (id === ORGANIZATION ? [{ id: ENG, name: 'eng' }] : []),
  roles: () => ['organization-admin'],
  read: (claims) => claims,
  protection: () => null,
  ...change,
});

const subject = (claims: TiedSubject['claims'], change: Partial<TiedSubject> = {}): TiedSubject => ({
  id: 's',
  issuer: 'https://idp.example.com',
  issuedAt: '2026-01-01T00:00:00Z',
  claims,
  unreadable: {},
  decided: null,
  groupsChangedMs: null,
  ...change,
});

const ALL = {
  orgs: 'other',
  groups: ['eng', 'fresh'],
  org_roles: ['organization-admin'],
  site_roles: ['auditor'],
};

const told = (access: ClaimedAccess) => ({
  organizations: access.organizations.map(({ value }) => value),
  siteRoles: access.siteRoles.map(({ value }) => value),
  roles: access.organizationRoles.map(({ organizationId, value }) => [organizationId, value]),
  groups: membershipsOf(access).map(({ coderId, name }) => coderId ?? name),
});

const EVERYTHING = {
  organizations: [OTHER_ORGANIZATION],
  siteRoles: ['auditor'],
  roles: [
    [OTHER_ORGANIZATION, 'organization-admin'],
    [ORGANIZATION, 'organization-admin'],
  ],
  groups: ['eng', 'fresh', ENG],
};

describe('what claims come to', () => {
  const first = decideOnClaims([subject(ALL)], world());
  const remembered = first.decided[0]?.decided ?? null;

  it('is decided in each organization that the person is in, by other sources or by the claims', () => {
    expect(told(first)).toEqual(EVERYTHING);
    expect(first.decided[0]?.missingGroups).toEqual(['fresh']);
  });

  it('stays what it was where the claims cannot be read, and is remembered the same', () => {
    const unreadable = Object.fromEntries(Object.keys(ALL).map((name) => [name, 'too many']));
    const again = decideOnClaims([subject({}, { unreadable, decided: remembered })], world());
    expect(told(again)).toEqual(EVERYTHING);
    const notes = { missing: null, nothing: null };
    expect({ ...again.decided[0]?.decided, ...notes }).toEqual({ ...remembered, ...notes });
    expect(again.nothing.every(({ value }) => value === null)).toBe(true);
  });

  it('stays what it was where the settings cannot be read or the groups cannot be listed', () => {
    const unread = { unread: 'Coder said no' };
    const rules = { ...RULES, organization: unread, site: unread, organizations: new Map() };
    const again = decideOnClaims(
      [subject({}, { decided: remembered })],
      world({ rules, groups: () => null }),
    );
    expect(told(again)).toEqual(EVERYTHING);
  });

  it('goes with the claims, and with the organization', () => {
    expect(told(decideOnClaims([subject({}, { decided: remembered })], world()))).toEqual({
      organizations: [],
      siteRoles: [],
      roles: [],
      groups: [],
    });
  });

  it('adds up over subjects, each group once', () => {
    const both = [subject({ groups: 'eng' }), subject({ groups: ['eng'], orgs: 'other' }, { id: 't' })];
    const access = decideOnClaims(both, world());
    expect(told(access)).toMatchObject({ organizations: [OTHER_ORGANIZATION], groups: [ENG, 'eng'] });
    expect(access.groups.filter(({ coderId }) => coderId === ENG).map(({ subjectId }) => subjectId)).toEqual([
      's',
      't',
    ]);
  });

  it('leaves out Everyone, protected groups, groups that are gone, and names that Coder does not take', () => {
    const everyone = world({ groups: () => [{ id: ORGANIZATION, name: 'eng' }] });
    expect(told(decideOnClaims([subject({ groups: 'eng' })], everyone)).groups).toEqual([]);
    const guarded = world({ protection: () => 'protected' });
    expect(told(decideOnClaims([subject({ groups: 'eng' })], guarded)).groups).toEqual([]);
    const unreadable = { groups: 'too many' };
    const gone = decideOnClaims(
      [subject({}, { unreadable, decided: remembered })],
      world({ groups: () => [] }),
    );
    expect(told(gone).groups).not.toContain(ENG);
    const named = decideOnClaims([subject({ orgs: 'other', groups: ['a b', 'Everyone', '-x'] })], world());
    expect(told(named).groups).toEqual([]);
    expect(named.nothing.filter(({ value }) => value === 'a b')).toHaveLength(2);
  });

  it('is remembered with the names of places, and with what came to nothing, whole parts first and bounded', () => {
    const values = Array.from({ length: 60 }, (_, n) => `${'x'.repeat(199)}\u{1F600}${n}`);
    const { decided } = decideOnClaims([subject({ groups: values })], world()).decided[0] ?? {};
    expect(decided).toMatchObject({ places: [{ id: ORGANIZATION, name: 'Main' }], moreNothing: 13 });
    const nothing = decided?.['nothing'] as readonly Record<string, unknown>[];
    expect(nothing).toHaveLength(50);
    expect(nothing.slice(0, 4)).toMatchObject([
      { of: 'organizations', organizationId: null, value: null, why: 'the claim "orgs" is missing' },
      { of: 'siteRoles', value: null, why: 'the claim "site_roles" is missing' },
      { of: 'organizationRoles', organizationId: ORGANIZATION, value: null },
      { of: 'groups', organizationId: ORGANIZATION, value: `${'x'.repeat(199)}…` },
    ]);
  });

  it('reads nothing out of a memory that another version wrote', () => {
    const strange = {
      organizations: 7,
      siteRoles: [{ value: 7, because: 'x' }],
      within: [{ groups: [] }, null],
    };
    const unreadable = Object.fromEntries(Object.keys(ALL).map((name) => [name, 'too many']));
    const access = decideOnClaims([subject({}, { unreadable, decided: strange })], world());
    expect(told(access)).toEqual({ organizations: [], siteRoles: [], roles: [], groups: [] });
    expect(rememberedPlaces([subject({}, { decided: remembered })])).toEqual([
      OTHER_ORGANIZATION,
      ORGANIZATION,
    ]);
  });
});
