import { describe, expect, it } from 'vitest';
import type { GroupTarget } from '../../../directory/index.js';
import {
  context,
  group,
  GROUP,
  groupTarget,
  linkedGroup,
  member,
  OTHER_ORGANIZATION,
  seenGroup,
  stated,
  template,
} from '../fixtures.js';
import { neededTemplates, planGroup } from '../index.js';
import type { GroupStep, Plan, SeenTemplates } from '../index.js';

const ADOPTED = { coderId: GROUP, coderName: 'platform-tools', origin: 'adopted' } as const;
const [docker, kubernetes, windows] = [template('docker'), template('kubernetes'), template('windows')];

const granted = (...roles: readonly (readonly [template: string, role: 'use' | 'admin'])[]) => ({
  settings: { templateRoles: roles.map(([name, role]) => ({ template: name, role })) },
});
const grants = (plan: Plan<GroupStep>): unknown[] =>
  plan.steps.flatMap((step) =>
    step.do === 'setTemplateRole' ? [[step.templateId, step.role, step.loses]] : [],
  );

/** Coder has docker, kubernetes and windows; of the group it was seen that it has these roles. */
function seen(roles: Readonly<Record<string, string>>, more: Partial<SeenTemplates> = {}): SeenTemplates {
  const names = new Map(['docker', 'kubernetes', 'windows'].map((name) => [name, template(name)]));
  return {
    idOf: (name) => names.get(name) ?? ([...names.values()].includes(name) ? name : null),
    roles: new Map(Object.entries(roles)),
    refused: new Map(),
    ...more,
  };
}

const plan = (target: GroupTarget, templates: SeenTemplates, strict = false): Plan<GroupStep> =>
  planGroup(target, seenGroup({ group: group(), templates }), context({ strict }));

describe('access to templates', () => {
  it('is given as stated, by name or by id', () => {
    const target = linkedGroup(granted(['docker', 'use'], [kubernetes, 'admin']));
    const result = plan(target, seen({ [docker]: '', [kubernetes]: 'use' }));
    expect(grants(result)).toEqual([
      [docker, 'use', false],
      [kubernetes, 'admin', false],
    ]);
    expect(result.failure).toBeUndefined();
  });

  it('is given with the creation of the group, after its members', () => {
    const target = groupTarget({ ...granted(['docker', 'use']), members: stated([member(1)]) });
    const { steps } = planGroup(target, seenGroup({ templates: seen({}) }), context());
    expect(steps.map((step) => step.do)).toEqual(['createGroup', 'patchGroup', 'setTemplateRole']);
  });

  it('needs nothing where it is as stated, and is owned from then on', () => {
    const target = linkedGroup(granted(['docker', 'use']));
    const result = plan(target, seen({ [docker]: 'use' }));
    expect(result.steps).toEqual([]);
    expect(result.ownedTemplates).toEqual({ gained: [docker], lost: [] });
    expect(plan({ ...target, ownedTemplates: [docker] }, seen({ [docker]: 'use' })).ownedTemplates).toBe(
      undefined,
    );
  });

  it('is taken when nobody states it any more, if the bridge gave it, without looking', () => {
    const target = linkedGroup({ ownedTemplates: [docker] });
    expect(grants(plan(target, seen({})))).toEqual([[docker, '', true]]);
    const left = plan(linkedGroup(), seen({ [docker]: 'use' }));
    expect(left.steps).toEqual([]);
  });

  it('goes from admin to use as a loss, if the bridge gave it; what somebody else gave satisfies both', () => {
    const target = linkedGroup(granted(['docker', 'use']));
    expect(grants(plan({ ...target, ownedTemplates: [docker] }, seen({ [docker]: 'admin' })))).toEqual([
      [docker, 'use', true],
    ]);
    const foreign = plan(target, seen({ [docker]: 'admin' }));
    expect([foreign.steps, foreign.ownedTemplates]).toEqual([[], undefined]);
  });

  it('is the greater one of two roles for one template', () => {
    const target = linkedGroup(granted(['docker', 'admin'], [docker, 'use']));
    expect(grants(plan(target, seen({ [docker]: '' })))).toEqual([[docker, 'admin', false]]);
  });

  it('loses before it gains, and both around the members', () => {
    const target = linkedGroup({
      ...granted(['windows', 'use']),
      ownedTemplates: [docker],
      members: stated([member(1)]),
    });
    const { steps } = plan(target, seen({ [windows]: '' }));
    expect(steps.map((step) => (step.do === 'setTemplateRole' ? step.role : step.do))).toEqual([
      '',
      'patchGroup',
      'use',
    ]);
  });

  it('to a template that there is not fails the group by its name, after all else', () => {
    const target = linkedGroup({
      ...granted(['docker', 'use'], ['nowhere', 'use']),
      ownedTemplates: [windows],
    });
    const result = plan(target, seen({ [docker]: '' }));
    expect(grants(result)).toEqual([
      [windows, '', true],
      [docker, 'use', false],
    ]);
    expect(result.failure).toMatchObject({
      kind: 'invalidValue',
      detail: expect.stringContaining('"nowhere"'),
    });
  });

  it('that Coder refuses is not tried again, and fails the group', () => {
    const target = linkedGroup({ ...granted(['docker', 'use']), ownedTemplates: [windows] });
    const refused = new Map([
      [docker, 'no right'],
      [windows, 'no right'],
    ]);
    const result = plan(target, seen({}, { refused }));
    expect(result.steps).toEqual([]);
    expect(result.failure).toMatchObject({
      kind: 'refused',
      detail: expect.stringMatching(/"docker": no right/),
    });
  });

  it('is left as it is where the templates are not listed: none is held to be gone', () => {
    const target = linkedGroup({ ...granted(['docker', 'use']), ownedTemplates: [windows] });
    const result = plan(target, seen({}, { unavailable: 'no right' }));
    expect(result).toMatchObject({ steps: [], failure: { kind: 'refused' } });
  });

  it('is all taken in a strict connection, but what is stated', () => {
    const target = linkedGroup({ ...granted(['docker', 'use']), ownedTemplates: [docker] });
    const roles = { [docker]: 'admin', [kubernetes]: 'use', [windows]: '' };
    expect(grants(plan(target, seen(roles), true))).toEqual([
      [kubernetes, '', true],
      [docker, 'use', true],
    ]);
  });
});

describe('access to templates of a group that goes', () => {
  const roles = { [docker]: 'use', [kubernetes]: 'admin', [windows]: '' };

  it('is all taken before the group is deleted', () => {
    const target = linkedGroup({ deleted: true, ...granted(['docker', 'use']), ownedTemplates: [docker] });
    const result = plan(target, seen(roles));
    expect(result.steps.map((step) => step.do)).toEqual([
      'setTemplateRole',
      'setTemplateRole',
      'deleteGroup',
      'forgetLink',
    ]);
    const elsewhere = linkedGroup({ settings: { organization: 'other' }, ownedTemplates: [docker] });
    expect(grants(plan(elsewhere, seen(roles)))).toEqual([
      [docker, '', true],
      [kubernetes, '', true],
    ]);
  });

  it('does not keep the group from being deleted where Coder refuses', () => {
    const target = linkedGroup({ deleted: true, ownedTemplates: [docker] });
    const result = plan(target, seen({}, { refused: new Map([[docker, 'no right']]) }));
    expect(result.steps.map((step) => step.do)).toEqual(['deleteGroup', 'forgetLink']);
    expect(result.failure).toBeUndefined();
  });

  it('is taken from an adopted one only as far as the bridge gave it', () => {
    const target = linkedGroup({ link: ADOPTED, deleted: true, ownedTemplates: [docker] });
    expect(grants(plan(target, seen(roles)))).toEqual([[docker, '', true]]);
  });

  it('is taken by its old id where somebody deleted the group, which nobody loses by', () => {
    const target = linkedGroup({ ...granted(['docker', 'use']), ownedTemplates: [windows, docker] });
    const result = planGroup(target, seenGroup({ templates: seen({}) }), context());
    expect(grants(result)).toEqual([docker, windows].toSorted().map((id) => [id, '', false]));
    expect(result.steps.at(-1)).toMatchObject({ do: 'forgetLink' });
  });
});

describe('templates are looked at', () => {
  const home = group().organization_id;
  const needs = (target: GroupTarget, strict = false, found: ReturnType<typeof group> | null = group()) =>
    neededTemplates(target, found, home, context({ strict }));

  it('only where some are stated or owned', () => {
    expect(needs(linkedGroup())).toBeNull();
    expect(needs(linkedGroup(granted(['docker', 'use'])))).toEqual({ stated: ['docker'], all: false });
    expect(needs(linkedGroup({ ownedTemplates: [docker] }))).toEqual({ stated: [], all: false });
  });

  it('all of them for a group that is strict or goes, unless it was adopted or is not there', () => {
    expect(needs(linkedGroup(), true)).toEqual({ stated: [], all: true });
    expect(needs(linkedGroup({ deleted: true, ...granted(['docker', 'use']) }))).toEqual({
      stated: [],
      all: true,
    });
    const elsewhere = group([], { organization_id: OTHER_ORGANIZATION });
    expect(needs(linkedGroup(), false, elsewhere)).toEqual({ stated: [], all: true });
    expect(needs(linkedGroup({ deleted: true, link: ADOPTED }))).toBeNull();
    expect(needs(groupTarget(), true, null)).toBeNull();
  });
});
