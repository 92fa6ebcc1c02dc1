import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { claimedGroups } from './groups.js';
import type { GroupSyncSettings } from './settings.js';

const GROUPS = [
  { id: 'org', name: 'Everyone' },
  { id: 'id-a', name: 'a' },
  { id: 'id-b', name: 'b' },
  { id: 'id-c', name: 'c' },
  { id: 'id-eng', name: 'eng-team' },
];
const SETTINGS: GroupSyncSettings = {
  field: 'groups',
  mapping: {},
  regexFilter: null,
  autoCreate: false,
  legacyMapping: {},
};

function of(claims: JsonObject, change: Partial<GroupSyncSettings> = {}) {
  return claimedGroups({ ...SETTINGS, ...change }, { claims, unreadable: {} }, { groups: GROUPS });
}
/** Where somebody is afterwards who was in these groups of the organization. */
function after(before: readonly string[], ...given: Parameters<typeof of>): readonly string[] {
  const read = of(...given);
  if (read.kind === 'untouched') return before;
  return read.wanted.map(({ value }) => ('id' in value ? value.id : `new ${value.create}`));
}
function dropped(...given: Parameters<typeof of>): readonly (readonly [string, string])[] {
  const read = of(...given);
  return read.kind === 'decided' ? read.dropped.map(({ value, why }) => [value, why]) : [];
}

describe('group sync', () => {
  it('lets join, stay, and leave; who goes by names goes by their exact case', () => {
    expect(after([], { groups: ['a', 'b'] })).toEqual(['id-a', 'id-b']);
    expect(after(['id-a', 'id-b'], { groups: ['b', 'c'] })).toEqual(['id-b', 'id-c']);
    expect(after(['id-a'], { groups: [] })).toEqual([]);
    expect(dropped({ groups: ['A', ' a'] }).map(([value]) => value)).toEqual(['A', ' a']);
  });

  it('takes a single text for one value', () => {
    expect(after(['id-c'], { groups: 'a' })).toEqual(['id-a']);
    expect(after(['id-c'], { groups: '' })).toEqual([]);
  });

  it('lets somebody without the claim leave every group, and says why', () => {
    expect(after(['id-a'], {})).toEqual([]);
    expect(of({})).toEqual({
      kind: 'decided',
      wanted: [],
      dropped: [],
      note: 'the claim "groups" is missing',
    });
  });

  it('keeps everything where the claim cannot be read, or could not be had', () => {
    for (const claim of ['a,b', 7, { a: 1 }, ['a', 1]])
      expect(after(['id-c'], { groups: claim })).toEqual(['id-c']);
    const withheld = claimedGroups(SETTINGS, { claims: {}, unreadable: { groups: 'x' } }, { groups: GROUPS });
    expect(withheld.kind).toBe('untouched');
  });

  it('keeps everything where it is off, or its settings could not be read', () => {
    expect(after(['id-c'], { '': ['a'], groups: ['a'] }, { field: '' })).toEqual(['id-c']);
    const unread = claimedGroups(
      { unread: 'no licence' },
      { claims: { groups: ['a'] }, unreadable: {} },
      { groups: GROUPS },
    );
    expect(unread).toEqual({ kind: 'untouched', why: 'no licence' });
  });

  it('maps one value to several groups, and several to one', () => {
    const mapping = { eng: ['id-a', 'id-b'], more: ['id-b', 'ID-C'] };
    expect(after([], { groups: ['eng', 'more'] }, { mapping })).toEqual(['id-a', 'id-b', 'id-c']);
  });

  it('goes by the mapping before the name, and an empty list ends there', () => {
    const mapping = { a: ['id-b'], c: [] };
    expect(after(['id-c'], { groups: ['a', 'c'] }, { mapping, autoCreate: true })).toEqual(['id-b']);
    expect(dropped({ groups: ['c'] }, { mapping })).toEqual([['c', 'it is mapped to nothing']]);
  });

  it('counts a group once that is meant by its id and by its name', () => {
    expect(of({ groups: ['eng', 'b'] }, { mapping: { eng: ['id-b'] } })).toEqual({
      kind: 'decided',
      wanted: [{ value: { id: 'id-b' }, because: 'claim "groups", value "eng": mapped to the group "b"' }],
      dropped: [],
    });
  });

  it('leaves out ids of deleted groups and of those of other organizations', () => {
    const mapping = { eng: ['id-deleted', 'id-a'] };
    expect(after([], { groups: ['eng'] }, { mapping })).toEqual(['id-a']);
    expect(dropped({ groups: ['eng'] }, { mapping })).toEqual([
      ['eng', expect.stringContaining('id-deleted, which this organization does not have')],
    ]);
  });

  it('filters what it renamed before it creates anything', () => {
    const change = { regexFilter: '^eng', autoCreate: true, legacyMapping: { raw: 'eng of raw', a: 'ops' } };
    expect(after([], { groups: ['raw', 'ops', 'a', 'engine', 'engine'] }, change)).toEqual([
      'new eng of raw',
      'new engine',
    ]);
    expect(dropped({ groups: ['ops'] }, change)).toEqual([['ops', '"ops" does not match the filter "^eng"']]);
  });

  it('looks into the mapping with the new name of what it renamed', () => {
    const change = { legacyMapping: { x: 'y' }, mapping: { x: ['id-a'], y: ['id-b'] } };
    const read = of({ groups: ['x'] }, change);
    expect(read).toMatchObject({
      wanted: [
        { value: { id: 'id-b' }, because: expect.stringContaining('value "x", renamed to "y": mapped') },
      ],
    });
  });

  it('makes missing groups where that is on, under the raw name', () => {
    expect(after([], { groups: ['New Team', 'a'] }, { autoCreate: true })).toEqual(['new New Team', 'id-a']);
    expect(dropped({ groups: ['New Team'] })).toEqual([
      ['New Team', expect.stringContaining('missing groups are not made')],
    ]);
  });

  it('never makes, joins or leaves Everyone', () => {
    for (const change of [{ autoCreate: true }, { mapping: { Everyone: ['org'] } }])
      expect(after([], { groups: ['Everyone'] }, change)).toEqual([]);
    const without = claimedGroups(
      { ...SETTINGS, autoCreate: true },
      { claims: { groups: 'Everyone' }, unreadable: {} },
      { groups: [] },
    );
    expect(without).toMatchObject({ wanted: [] });
  });

  it('keeps everything where RE2 refuses the filter, even without the claim', () => {
    for (const claims of [{ groups: ['a'] }, {}] as JsonObject[])
      expect(of(claims, { regexFilter: '(?=a)' })).toEqual({
        kind: 'untouched',
        why: expect.stringMatching(/"\(\?=a\)" is none that RE2 takes: error parsing regexp/),
      });
  });

  it('takes names of its own language’s objects for what they are', () => {
    const names = ['constructor', '__proto__', 'toString'];
    expect(dropped({ groups: names }).map(([value]) => value)).toEqual(names);
  });
});
