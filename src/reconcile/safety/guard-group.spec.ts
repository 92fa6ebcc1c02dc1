import { describe, expect, it } from 'vitest';
import type { GroupTarget } from '../../directory/index.js';
import {
  context,
  group,
  GROUP,
  groupTarget,
  linkedGroup,
  member,
  OTHER_ORGANIZATION,
  SELF,
  seenGroup,
  stated,
  template,
} from '../planner/fixtures.js';
import type { GroupStep, GroupView, SeenTemplates } from '../planner/index.js';
import { guardGroup } from './guard-group.js';

const reason = 'why';
const docker = template('docker');
const forget: GroupStep = { do: 'forgetLink', reason };
const remove: GroupStep = { do: 'deleteGroup', members: 1, reason };
const patch = (request: Extract<GroupStep, { do: 'patchGroup' }>['request']): GroupStep => ({
  do: 'patchGroup',
  request,
  reason,
});
const set = (role: '' | 'use' | 'admin', loses = role === ''): GroupStep => ({
  do: 'setTemplateRole',
  templateId: docker,
  role,
  loses,
  reason,
});
const create = (request: Extract<GroupStep, { do: 'createGroup' }>['request']): GroupStep => ({
  do: 'createGroup',
  request,
  reason,
});
const adopt = (found = group()): GroupStep => ({ do: 'adoptGroup', group: found, origin: 'adopted', reason });

const ADOPTED = { coderId: GROUP, coderName: 'platform-tools', origin: 'adopted' } as const;
const INTENT = { key: 'platform-tools', name: 'platform-tools', sentAt: '2025-09-01T12:00:00Z' };

/** Whether the guard lets these steps be done. */
function passes(
  steps: readonly GroupStep[],
  target: GroupTarget,
  view: GroupView = seenGroup({ group: group([member(2)]) }),
  when = context(),
): boolean {
  const plan = { steps, notes: [], owned: { gained: [], lost: [] } };
  return guardGroup(plan, target, view, when) === plan;
}

const granted = (role: 'use' | 'admin') => ({ settings: { templateRoles: [{ template: 'docker', role }] } });

/** The group may do this with docker. */
function seen(role: string): GroupView {
  const templates: SeenTemplates = {
    idOf: (name) => (name === 'docker' ? docker : null),
    roles: new Map([[docker, role]]),
    refused: new Map(),
  };
  return seenGroup({ group: group(), templates });
}

describe('the guard of templates', () => {
  it('lets a role be given that is stated, and no other', () => {
    expect(passes([set('use')], linkedGroup(granted('use')), seen(''))).toBe(true);
    expect(passes([set('admin')], linkedGroup(granted('use')), seen(''))).toBe(false);
    expect(passes([set('use')], linkedGroup(), seen(''))).toBe(false);
    expect(passes([set('use')], linkedGroup({ ...granted('use'), deleted: true }), seen(''))).toBe(false);
  });

  it('lets what is owned and not stated be taken, in a strict connection also what is not owned', () => {
    const strict = context({ strict: true });
    expect(passes([set('')], linkedGroup({ ownedTemplates: [docker] }), seen('use'))).toBe(true);
    expect(passes([set('')], linkedGroup(), seen('use'))).toBe(false);
    expect(passes([set('')], linkedGroup(), seen('use'), strict)).toBe(true);
    const both = linkedGroup({ ...granted('use'), ownedTemplates: [docker] });
    expect(passes([set('')], both, seen('use'), strict)).toBe(false);
  });

  it('lets less be left only of what is owned, and as a loss', () => {
    const target = linkedGroup(granted('use'));
    const owned = linkedGroup({ ...granted('use'), ownedTemplates: [docker] });
    expect(passes([set('use', true)], target, seen('admin'))).toBe(false);
    expect(passes([set('use', true)], owned, seen('admin'))).toBe(true);
    expect(passes([set('use', false)], owned, seen('admin'))).toBe(false);
    expect(passes([set('', false)], linkedGroup({ ownedTemplates: [docker] }), seen('use'))).toBe(false);
  });

  it('lets all be taken from what is deleted, and what is owned from what is given back or gone', () => {
    expect(passes([set(''), remove, forget], linkedGroup({ deleted: true }), seen('use'))).toBe(true);
    const back = linkedGroup({ deleted: true, link: ADOPTED });
    expect(passes([set(''), forget], back, seen('use'))).toBe(false);
    expect(passes([set(''), forget], { ...back, ownedTemplates: [docker] }, seen('use'))).toBe(true);
    expect(passes([set('', false), forget], linkedGroup(), seenGroup())).toBe(false);
    expect(passes([set('', false), forget], linkedGroup({ ownedTemplates: [docker] }), seenGroup())).toBe(
      true,
    );
  });
});

describe('the guard of quota and picture', () => {
  const settings = { quotaAllowance: 5, avatarUrl: '/a.png' };

  it('lets pass what is stated, and nothing else', () => {
    const target = linkedGroup({ settings });
    expect(passes([patch({ quota_allowance: 5, avatar_url: '/a.png' })], target)).toBe(true);
    expect(passes([patch({ quota_allowance: 6 })], target)).toBe(false);
    expect(passes([patch({ avatar_url: '/b.png' })], target)).toBe(false);
    expect(passes([patch({ quota_allowance: 5 })], { ...target, deleted: true, link: ADOPTED })).toBe(false);
  });

  it('lets a group be made with what is stated, or was announced', () => {
    const target = groupTarget({ settings });
    const request = { name: 'platform-tools', quota_allowance: 5, avatar_url: '/a.png' };
    expect(passes([create(request)], target, seenGroup())).toBe(true);
    expect(passes([create({ ...request, quota_allowance: 7 })], target, seenGroup())).toBe(false);
    expect(passes([create({ ...request, avatar_url: '/b.png' })], target, seenGroup())).toBe(false);
    const announced = groupTarget({ settings, intent: { ...INTENT, quotaAllowance: 7 } });
    expect(passes([create({ ...request, quota_allowance: 7 })], announced, seenGroup())).toBe(true);
  });
});

describe('the guard of organizations', () => {
  const moved = { settings: { organization: 'other' } };

  it('lets a group be deleted that is stated elsewhere, if the bridge made it, and given back if it was adopted', () => {
    expect(passes([remove, forget], linkedGroup(moved))).toBe(true);
    expect(passes([remove, forget], linkedGroup({ ...moved, link: ADOPTED }))).toBe(false);
    expect(passes([forget], linkedGroup({ ...moved, link: ADOPTED }))).toBe(true);
    expect(passes([forget], linkedGroup(moved))).toBe(false);
    const there = seenGroup({ group: group([], { organization_id: OTHER_ORGANIZATION }) });
    expect(passes([remove, forget], linkedGroup(moved), there)).toBe(false);
    expect(passes([remove], linkedGroup({ settings: { organization: 'atlantis' } }))).toBe(false);
  });

  it('lets no member be added to a group that is stated elsewhere', () => {
    const target = linkedGroup({ ...moved, members: stated([member(1)]) });
    expect(passes([patch({ add_users: [member(1)] })], target)).toBe(false);
  });

  it('lets a group be made or adopted only where it is stated', () => {
    const always = context({ adoptGroups: 'always' });
    expect(
      passes([create({ name: 'x' })], groupTarget({ settings: { organization: 'atlantis' } }), seenGroup()),
    ).toBe(false);
    expect(passes([adopt()], groupTarget(moved), seenGroup(), always)).toBe(false);
    const there = group([], { organization_id: OTHER_ORGANIZATION });
    expect(passes([adopt(there)], groupTarget(moved), seenGroup(), always)).toBe(true);
  });
});

describe('the guard of protected groups', () => {
  const when = context({ adoptGroups: 'always', protectedGroups: ['platform-*'] });

  it('lets none be made, adopted, changed, deleted, or another one take its name', () => {
    expect(passes([create({ name: 'Platform-Tools' })], groupTarget(), seenGroup(), when)).toBe(false);
    expect(passes([adopt()], groupTarget(), seenGroup(), when)).toBe(false);
    const target = linkedGroup({ ownedMembers: [member(2)] });
    expect(passes([patch({ remove_users: [member(2)] })], target, undefined, when)).toBe(false);
    expect(passes([remove], linkedGroup({ deleted: true }), undefined, when)).toBe(false);
    const other = seenGroup({ group: group([], { name: 'ops' }) });
    expect(passes([patch({ name: 'platform-x' })], linkedGroup(), other, when)).toBe(false);
    expect(passes([patch({ name: 'ops-x' })], linkedGroup(), other, when)).toBe(true);
  });
});

describe('the guard of strict connections', () => {
  const strict = context({ strict: true, protectedUsers: [`u${member(3)}`] });
  const view = seenGroup({ group: group([member(2), member(3), SELF]) });

  it('lets members go whom nobody states, but neither the bridge itself nor protected people', () => {
    expect(passes([patch({ remove_users: [member(2)] })], linkedGroup(), view, strict)).toBe(true);
    expect(passes([patch({ remove_users: [member(3)] })], linkedGroup(), view, strict)).toBe(false);
    expect(passes([patch({ remove_users: [SELF] })], linkedGroup(), view, strict)).toBe(false);
    expect(passes([patch({ remove_users: [member(2)] })], linkedGroup({ deleted: true }), view, strict)).toBe(
      false,
    );
  });
});
