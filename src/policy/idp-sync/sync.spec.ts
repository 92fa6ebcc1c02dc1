import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { admission } from './allow-list.js';
import type { GroupSyncSettings, IdpSyncRules, RoleSyncSettings } from './settings.js';
import { syncedAccess, type SyncWorld } from './sync.js';

const GROUPS: GroupSyncSettings = {
  field: 'g',
  mapping: {},
  regexFilter: null,
  autoCreate: false,
  legacyMapping: {},
};
const ROLES: RoleSyncSettings = { field: 'r', mapping: {} };
const RULES: IdpSyncRules = {
  allowList: { field: '', groups: [] },
  organization: { field: 'o', mapping: { l: ['labs'], d: ['data'] }, assignDefault: true },
  site: { field: 's', mapping: {}, defaults: [] },
  organizations: new Map([
    ['home', { group: GROUPS, role: ROLES }],
    ['labs', { group: { ...GROUPS, field: 'lab_groups', autoCreate: true }, role: { ...ROLES, field: '' } }],
    ['data', { group: { ...GROUPS, field: '' }, role: ROLES }],
  ]),
};
const WORLD: SyncWorld = {
  defaultOrganizationId: 'home',
  exists: (id) => ['home', 'labs', 'data', 'other'].includes(id),
  present: ['home', 'data'],
  others: [],
  groups: (id) => [{ id: `${id}-a`, name: 'a' }],
  roles: () => ['organization-admin'],
};

function of(claims: JsonObject, rules: Partial<IdpSyncRules> = {}, world: Partial<SyncWorld> = {}) {
  return syncedAccess({ ...RULES, ...rules }, { claims, unreadable: {} }, { ...WORLD, ...world });
}
/** Per organization groups and roles, `-` for what stays. */
function shown(...given: Parameters<typeof of>): Record<string, string> {
  return Object.fromEntries(
    [...of(...given).inOrganizations].map(([id, { groups, roles }]) => [
      id,
      [
        groups.kind === 'untouched'
          ? '-'
          : groups.wanted.map(({ value }) => ('id' in value ? value.id : `new ${value.create}`)).join(),
        roles.kind === 'untouched' ? '-' : roles.wanted.map(({ value }) => value).join(),
      ].join(' '),
    ]),
  );
}

describe('the order of the syncs', () => {
  it('is organizations, then groups and roles of those that the person is in by then', () => {
    const claims = { o: ['l'], g: ['a'], lab_groups: ['a', 'b'], r: ['organization-admin'] };
    expect(shown(claims)).toEqual({ home: 'home-a organization-admin', labs: 'labs-a,new b -' });
  });

  it('goes by where the person is where organizations are left alone, and by what other sources state', () => {
    const claims = { g: ['a'], r: [] };
    const off = { organization: { field: '', mapping: {}, assignDefault: true } };
    expect(shown(claims, off)).toEqual({ home: 'home-a ', data: '- ' });
    expect(shown(claims, {}, { others: ['labs'] })).toEqual({ home: 'home-a ', labs: ' -' });
  });

  it('leaves organizations alone whose settings nobody knows', () => {
    expect(shown({ o: [] }, { organizations: new Map() })).toEqual({ home: '- -' });
  });

  it.each([
    ['organizations', { o: 7, g: 'a', s: 'owner' }],
    ['site roles', { s: ['a', 1], g: 'a' }],
  ])('ends with %s that cannot be read: Coder would refuse the login, and nothing changes', (_, claims) => {
    const read = of(claims);
    const why = expect.stringContaining('Coder would refuse the login: the claim') as string;
    expect([read.organizations, read.siteRoles]).toEqual([
      { kind: 'untouched', why },
      { kind: 'untouched', why },
    ]);
    expect(shown(claims)).toEqual({ home: '- -', data: '- -' });
  });

  it('goes on past a claim that could not be had: only what it decides stays as it is', () => {
    const read = syncedAccess(
      RULES,
      { claims: { g: 'a', r: [] }, unreadable: { o: 'too many', s: 'x' } },
      WORLD,
    );
    expect([read.organizations.kind, read.siteRoles.kind]).toEqual(['untouched', 'untouched']);
    expect(read.inOrganizations.get('home')?.groups.kind).toBe('decided');
  });
});

describe('the list of groups that may log in', () => {
  const list = { field: 'g', groups: ['in', 'also'] };
  const admits = (claims: JsonObject): boolean => admission(list, { claims, unreadable: {} }).admitted;

  it('lets in by any raw value, and nobody else', () => {
    expect(admits({ g: ['x', 'in'] })).toBe(true);
    expect(admits({ g: 'also' })).toBe(true);
    for (const claims of [{ g: ['IN'] }, { g: [] }, {}, { g: 'in,also' }, { g: 7 }] as JsonObject[])
      expect(admits(claims)).toBe(false);
    expect(admission({ field: 'g', groups: [] }, { claims: {}, unreadable: {} }).admitted).toBe(true);
    expect(admission({ unread: 'why' }, { claims: {}, unreadable: {} }).admitted).toBe(true);
  });

  it('changes nothing of those whom it keeps out, and says why', () => {
    const read = of({ g: ['a'], o: ['l'] }, { allowList: list });
    expect(read.organizations).toEqual({
      kind: 'untouched',
      why: 'Coder would refuse the login: no value of the claim "g" is on the list of allowed groups',
    });
    expect(of({ o: [] }, { allowList: list }).organizations).toMatchObject({
      why: expect.stringContaining('is missing'),
    });
  });

  it('keeps nobody out by a claim that could not be had', () => {
    const read = { claims: { o: ['l'] }, unreadable: { g: 'too many' } };
    expect(syncedAccess({ ...RULES, allowList: list }, read, WORLD).organizations.kind).toBe('decided');
  });
});
