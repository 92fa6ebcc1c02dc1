import { describe, expect, it } from 'vitest';
import { freeGroupName, groupNameCandidates, groupSlug, isGroupNameFor } from './index.js';

const ID = '0198f3a2-7c1d-7e55-9a41-c0ffee15600d';

describe('the slug of a group', () => {
  it.each([
    ['Engineering', 'engineering'],
    ['Platform & Tools', 'platform-tools'],
    ['  Data / ML (EU) ', 'data-ml-eu'],
    ['Équipe Réseau', 'equipe-reseau'],
    ['R–D', 'r-d'],
    ['ﬁnance ①', 'finance-1'],
    ['開発 team', 'team'],
    ['KELVIN \u212A', 'kelvin-k'],
    ['already-fine-7', 'already-fine-7'],
    ['a'.repeat(300), 'a'.repeat(255)],
    [`${'a'.repeat(254)} b`, 'a'.repeat(254)],
  ])('of %j is %j', (displayName, expected) => {
    expect(groupSlug(displayName, ID)).toBe(expected);
  });

  it.each(['', '  ', '開発', '🚀', 'new', 'Create', 'everyone', 'Everyone', 'EVERYONE!'])(
    'falls back to digits of the id for %j',
    (displayName) => {
      expect(groupSlug(displayName, ID)).toBe('group-ee15600d');
    },
  );
});

describe('candidates for a group name', () => {
  it('count up from 2', () => {
    const candidates = groupNameCandidates('Ops', ID);
    expect([candidates.next().value, candidates.next().value]).toEqual(['ops', 'ops-2']);
  });

  it('pass over what is taken', () => {
    expect(freeGroupName('Ops', ID, (name) => name === 'ops')).toBe('ops-2');
  });

  it('are recognised, so that a name once chosen can be kept', () => {
    expect(isGroupNameFor('ops-2', 'Ops', ID)).toBe(true);
    expect(isGroupNameFor('ops', 'Ops', ID)).toBe(true);
    expect(isGroupNameFor('opera', 'Ops', ID)).toBe(false);
  });
});
