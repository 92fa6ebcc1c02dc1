import { describe, expect, it } from 'vitest';

import type { AccessRules, Grant } from '../common/index.js';
import { desiredAccess, type AccessSources } from './access.js';

const grant = (change: Partial<Grant>): Grant => ({
  siteRoles: [],
  organizations: [],
  organizationRoles: [],
  ...change,
});
const NO_RULES: AccessRules = { groups: new Map(), roles: new Map() };

function desired(change: Partial<AccessSources>) {
  const { organizations, siteRoles, organizationRoles, refused } = desiredAccess({
    stated: {},
    groups: [],
    rules: NO_RULES,
    allowed: { siteRoles: ['*'], organizationRoles: ['*'] },
    ...change,
  });
  const values = (list: typeof siteRoles): string[] =>
    list.map(({ value, organization }) =>
      organization === undefined ? value : `${value} in ${organization ?? 'its own'}`,
    );
  return {
    organizations: values(organizations),
    siteRoles: values(siteRoles),
    organizationRoles: values(organizationRoles),
    refused: values(refused),
  };
}
const NOTHING = { organizations: [], siteRoles: [], organizationRoles: [], refused: [] };

describe('access beside groups', () => {
  it('is nothing where nothing is stated', () => {
    expect(desired({})).toEqual(NOTHING);
    expect(desired({ groups: ['Engineering'] })).toEqual(NOTHING);
  });

  it('comes from User.roles: site roles by their names, others in the connection’s organization', () => {
    expect(desired({ stated: { roles: ['Auditor', 'organization-admin', 'builders'] } })).toEqual({
      ...NOTHING,
      siteRoles: ['auditor'],
      organizationRoles: ['organization-admin in its own', 'builders in its own'],
    });
  });

  it('comes from User.roles by a rule instead, where there is one', () => {
    const rules = { ...NO_RULES, roles: new Map([['auditor', grant({ organizations: ['data'] })]]) };
    expect(desired({ stated: { roles: ['AUDITOR'] }, rules })).toEqual({
      ...NOTHING,
      organizations: ['data'],
    });
  });

  it('comes from the Coder extension', () => {
    const stated = {
      siteRoles: ['user-admin'],
      organizations: ['data', 'platform'],
      organizationRoles: [{ organization: 'data', role: 'organization-auditor' }],
    };
    expect(desired({ stated })).toEqual({
      organizations: ['data', 'platform'],
      siteRoles: ['user-admin'],
      organizationRoles: ['organization-auditor in data'],
      refused: [],
    });
  });

  it('comes from rules by group, whatever the case of the name, and adds up', () => {
    const rules = {
      ...NO_RULES,
      groups: new Map([
        ['ops', grant({ siteRoles: ['auditor'], organizationRoles: [{ role: 'organization-admin' }] })],
        ['data', grant({ siteRoles: ['auditor'], organizations: ['data'] })],
      ]),
    };
    expect(desired({ groups: ['OPS', 'Data', 'Other'], rules })).toEqual({
      organizations: ['data'],
      siteRoles: ['auditor'],
      organizationRoles: ['organization-admin in its own'],
      refused: [],
    });
  });

  it.each<[string[], string[], string[]]>([
    [[], [], ['auditor', 'owner']],
    [['*'], ['auditor'], ['owner']],
    [['owner'], ['owner'], ['auditor']],
    [['auditor', 'owner'], ['auditor', 'owner'], []],
  ])('grants of site roles what %j allows: owner has to be named', (siteRoles, granted, refused) => {
    const allowed = { siteRoles, organizationRoles: [] };
    expect(desired({ stated: { siteRoles: ['auditor', 'owner'] }, allowed })).toEqual({
      ...NOTHING,
      siteRoles: granted,
      refused,
    });
  });

  it('grants no role in an organization that is not on the list', () => {
    const stated = { organizationRoles: [{ organization: 'data', role: 'organization-admin' }] };
    const allowed = { siteRoles: ['*'], organizationRoles: ['builders'] };
    expect(desired({ stated, allowed })).toEqual({ ...NOTHING, refused: ['organization-admin in data'] });
  });

  it('tells of each where it comes from', () => {
    const rules = { ...NO_RULES, groups: new Map([['ops', grant({ siteRoles: ['auditor'] })]]) };
    const sources = { rules, groups: ['Ops'], allowed: { siteRoles: ['*'], organizationRoles: [] } };
    const found = desiredAccess({ ...sources, stated: { roles: ['template-admin'] } });
    expect(found.siteRoles.map(({ value, because }) => [value, because])).toEqual([
      ['template-admin', 'User.roles "template-admin"'],
      ['auditor', 'rule of the group "Ops"'],
    ]);
  });
});
