import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { claimedOrganizations } from './organizations.js';
import type { OrganizationSyncSettings } from './settings.js';

const HOME = 'home';
const known = { defaultOrganizationId: HOME, exists: (id: string) => [HOME, 'labs', 'data'].includes(id) };
const SETTINGS: OrganizationSyncSettings = {
  field: 'orgs',
  mapping: { lab: ['labs'], both: ['labs', 'data'], gone: ['deleted', 'data'], none: [], home: [HOME] },
  assignDefault: true,
};

function of(claims: JsonObject, change: Partial<OrganizationSyncSettings> = {}) {
  return claimedOrganizations({ ...SETTINGS, ...change }, { claims, unreadable: {} }, known);
}
function ids(...given: Parameters<typeof of>): readonly string[] {
  const read = of(...given);
  return read.kind === 'decided' ? read.wanted.map(({ value }) => value) : [read.why];
}

describe('organization sync', () => {
  it('gives everybody the default organization where that is assigned, and only then', () => {
    expect(ids({ orgs: [] })).toEqual([HOME]);
    expect(ids({ orgs: [] }, { assignDefault: false })).toEqual([]);
    expect(ids({ orgs: 'lab' })).toEqual([HOME, 'labs']);
    expect(ids({ orgs: ['lab'] }, { assignDefault: false })).toEqual(['labs']);
  });

  it('maps one value to several organizations, and several values to one', () => {
    expect(ids({ orgs: ['both', 'lab', 'lab', 'home'] })).toEqual([HOME, 'labs', 'data']);
  });

  it('looks for no organization by its name, and makes none', () => {
    expect(of({ orgs: ['labs', 'LAB', 'constructor'] }, { assignDefault: false })).toEqual({
      kind: 'decided',
      wanted: [],
      dropped: ['labs', 'LAB', 'constructor'].map((value) => ({
        value,
        why: expect.stringContaining('no such value'),
      })),
    });
  });

  it('leaves out what does not exist, and says so', () => {
    expect(of({ orgs: ['gone', 'none'] }, { assignDefault: false })).toEqual({
      kind: 'decided',
      wanted: [{ value: 'data', because: 'claim "orgs", value "gone": mapped' }],
      dropped: [
        { value: 'gone', why: expect.stringContaining('organization deleted, which does not exist') },
        { value: 'none', why: 'it is mapped to nothing' },
      ],
    });
  });

  it('takes all but the default one where the claim is missing', () => {
    expect(of({})).toEqual({
      kind: 'decided',
      wanted: [{ value: HOME, because: 'everybody is in the default organization' }],
      dropped: [],
      note: 'the claim "orgs" is missing',
    });
    expect(ids({}, { assignDefault: false })).toEqual([]);
  });

  it('changes nothing without a field, the default organization included', () => {
    expect(of({ '': 'lab', orgs: 'lab' }, { field: '' })).toEqual({
      kind: 'untouched',
      why: expect.stringContaining('off'),
    });
  });

  it('changes nothing by a claim that Coder refuses the login for, or that could not be had', () => {
    expect(of({ orgs: 'lab,home' })).toMatchObject({ kind: 'untouched', refusesLogin: true });
    const withheld = claimedOrganizations(SETTINGS, { claims: {}, unreadable: { orgs: 'too many' } }, known);
    expect(withheld).toEqual({ kind: 'untouched', why: expect.stringContaining('too many') });
  });

  it('changes nothing by settings that could not be read', () => {
    const unread = { unread: 'Coder answered 403' };
    expect(claimedOrganizations(unread, { claims: { orgs: 'lab' }, unreadable: {} }, known)).toEqual({
      kind: 'untouched',
      why: 'Coder answered 403',
    });
  });
});
