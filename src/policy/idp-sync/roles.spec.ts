import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { claimedRoles, claimedSiteRoles } from './roles.js';
import type { SyncMapping } from './settings.js';

const ROLES = ['organization-admin', 'organization-auditor', 'builders'];

function of(claims: JsonObject, mapping: SyncMapping = {}, roles = ROLES) {
  return claimedRoles({ field: 'r', mapping }, { claims, unreadable: {} }, { roles });
}
function names(...given: Parameters<typeof of>): readonly string[] | null {
  const read = of(...given);
  return read.kind === 'decided' ? read.wanted.map(({ value }) => value) : null;
}

describe('role sync', () => {
  it('takes names of built-in roles and of the organization’s own, sorted and once', () => {
    expect(names({ r: ['organization-admin', 'builders', 'builders'] })).toEqual([
      'builders',
      'organization-admin',
    ]);
  });

  it('goes by the mapping before the name, to several roles or to none', () => {
    const mapping = {
      boss: ['organization-admin', 'builders'],
      builders: [],
      'organization-auditor': ['builders'],
    };
    expect(names({ r: ['boss', 'builders', 'organization-auditor'] }, mapping)).toEqual([
      'builders',
      'organization-admin',
    ]);
    expect(names({ r: ['organization-auditor'] }, { 'organization-auditor': [] })).toEqual([]);
  });

  it('leaves out what is no role there: unknown ones, those of the site, the implied one, others’ case', () => {
    const values = ['nobody', 'owner', 'organization-member', 'Builders', 'boss'];
    expect(of({ r: values }, { boss: ['gone'] })).toEqual({
      kind: 'decided',
      wanted: [],
      dropped: [
        { value: 'nobody', why: 'the organization has no such role' },
        { value: 'owner', why: 'it is a role of the site' },
        { value: 'organization-member', why: 'every member has it' },
        { value: 'Builders', why: 'the organization has no such role' },
        { value: 'boss', why: '"gone": the organization has no such role' },
      ],
    });
  });

  it('leaves out a custom role that was deleted meanwhile', () => {
    expect(names({ r: ['builders', 'organization-admin'] }, {}, ['organization-admin'])).toEqual([
      'organization-admin',
    ]);
  });

  it('takes all roles where the claim is missing or empty', () => {
    expect(of({})).toEqual({ kind: 'decided', wanted: [], dropped: [], note: 'the claim "r" is missing' });
    for (const r of [[], '', null]) expect(names({ r })).toEqual([]);
  });

  it('keeps all roles where the claim cannot be read, where it is off, and where its settings are not known', () => {
    expect(names({ r: 7 })).toBeNull();
    expect(names({ r: 'a,b' })).toBeNull();
    const read = { claims: { r: 'builders' }, unreadable: {} };
    expect(claimedRoles({ field: '', mapping: {} }, read, { roles: ROLES }).kind).toBe('untouched');
    expect(claimedRoles({ unread: 'why' }, read, { roles: ROLES })).toEqual({
      kind: 'untouched',
      why: 'why',
    });
    const withheld = { claims: {}, unreadable: { r: 'too many' } };
    expect(claimedRoles({ field: 'r', mapping: {} }, withheld, { roles: ROLES }).kind).toBe('untouched');
  });
});

describe('the sync of site roles', () => {
  const site = (claims: JsonObject, mapping: SyncMapping = {}, defaults: readonly string[] = ['auditor']) =>
    claimedSiteRoles({ field: 'r', mapping, defaults }, { claims, unreadable: {} });

  it('gives the defaults, and what values are mapped to or name', () => {
    expect(site({ r: ['boss', 'user-admin', 'none'] }, { boss: ['owner'], none: [] })).toEqual({
      kind: 'decided',
      wanted: [
        { value: 'auditor', because: 'a default for everybody' },
        { value: 'owner', because: 'claim "r", value "boss": mapped' },
        { value: 'user-admin', because: 'claim "r", value "user-admin": the role of this name' },
      ],
      dropped: [{ value: 'none', why: 'it is mapped to nothing' }],
    });
  });

  it('leaves out what is no built-in role of the site', () => {
    expect(site({ r: ['member', 'organization-admin'] }, {}, ['nonsense'])).toMatchObject({
      wanted: [],
      dropped: [{ value: 'nonsense' }, { value: 'member' }, { value: 'organization-admin' }],
    });
  });

  it('gives the defaults alone where the claim is missing', () => {
    expect(site({})).toMatchObject({ wanted: [{ value: 'auditor' }], note: 'the claim "r" is missing' });
  });

  it('keeps all where Coder would refuse the login, where the claim could not be had, and where it is off', () => {
    expect(site({ r: 'a,b' })).toMatchObject({ kind: 'untouched', refusesLogin: true });
    const settings = { field: 'r', mapping: {}, defaults: ['auditor'] };
    expect(claimedSiteRoles(settings, { claims: {}, unreadable: { r: 'x' } })).toEqual({
      kind: 'untouched',
      why: expect.stringContaining('could not be had'),
    });
    const off = claimedSiteRoles({ ...settings, field: '' }, { claims: {}, unreadable: {} });
    expect(off.kind).toBe('untouched');
    expect(claimedSiteRoles({ unread: 'why' }, { claims: {}, unreadable: {} }).kind).toBe('untouched');
  });
});
