import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StatedSettings } from '../../src/common/index.js';
import type { GroupTarget } from '../../src/directory/index.js';
import {
  context,
  group,
  GROUP,
  groupTarget,
  member,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  seenGroup,
  stated,
  template,
} from '../../src/reconcile/planner/fixtures.js';
import { homeOf, planGroup, wantedGroupName } from '../../src/reconcile/planner/index.js';
import type { GroupStep, Plan, PlanContext, SeenTemplates } from '../../src/reconcile/planner/index.js';
import {
  guardGroup,
  losses,
  lossesWithin,
  lossesOf,
  withoutLosses,
} from '../../src/reconcile/safety/index.js';
import { applyGroupStep, type GroupWorld } from './planner-model.js';

const RUNS = { numRuns: 400 };
const NAME = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/;
const POOL = Array.from({ length: 320 }, (_, index) => member(index + 1));

/** A few members, or enough for several PATCHes. */
const members = fc.oneof(
  fc.subarray(POOL.slice(0, 6)),
  fc.tuple(fc.nat(320), fc.nat(320)).map(([from, to]) => POOL.slice(Math.min(from, to), Math.max(from, to))),
);

const displayNames = fc.oneof(
  fc.constantFrom('Platform & Tools', 'Ops', 'Everyone', 'new', '開発', ' Ops '),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
);

const contexts: fc.Arbitrary<PlanContext> = fc
  .record({
    adoptGroups: fc.constantFrom('never', 'empty', 'always'),
    strict: fc.boolean(),
    protectedGroups: fc.constantFrom([], [], ['handmade'], ['o*']),
  } as const)
  .map((policy) => context(policy));

const TEMPLATES = ['docker', 'kubernetes', 'windows'];
const IDS = TEMPLATES.map(template);
const roles = fc.constantFrom('use', 'admin');

const settings: fc.Arbitrary<StatedSettings> = fc.record(
  {
    quotaAllowance: fc.constantFrom(0, 5, -1),
    avatarUrl: fc.constantFrom('/a.png', '/b.png'),
    organization: fc.constantFrom('other', ORGANIZATION, 'atlantis'),
    templateRoles: fc.array(
      fc.record({ template: fc.constantFrom(...TEMPLATES, IDS[0] ?? '', 'nowhere'), role: roles }),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: [] },
);

/** Of every template what the group may do with it; of one that the bridge gave and nobody states, perhaps not. */
const templateViews: fc.Arbitrary<SeenTemplates> = fc
  .record({
    present: fc.array(fc.constantFrom('', '', 'use', 'admin'), { minLength: 3, maxLength: 3 }),
    refused: fc.subarray(IDS, { maxLength: 1 }),
  })
  .map(({ present, refused }) => ({
    idOf: (name) => (IDS.includes(name) ? name : TEMPLATES.includes(name) ? template(name) : null),
    roles: new Map(IDS.flatMap((id, at) => (refused.includes(id) ? [] : [[id, present[at] ?? '']]))),
    refused: new Map(refused.map((id) => [id, 'no right'])),
  }));

/** A group with what was seen of it. */
const worlds: fc.Arbitrary<GroupWorld> = fc
  .record({
    displayName: displayNames,
    settings: fc.oneof(fc.constant({}), settings),
    templates: templateViews,
    ownedTemplates: fc.subarray(IDS),
    elsewhere: fc.boolean(),
    quota: fc.constantFrom(0, 5, 7),
    wanted: members,
    owned: members,
    present: members,
    deleted: fc.boolean(),
    how: fc.constantFrom('linked', 'gone', 'alone', 'foreign', 'announced'),
    origin: fc.constantFrom('created', 'adopted'),
    name: fc.constantFrom('platform-tools', 'ops', 'handmade'),
    seenDisplayName: fc.constantFrom('Platform & Tools', 'Ops', '', 'Handmade'),
    takenNames: fc.subarray(['ops', 'ops-2', 'platform-tools']),
    pending: fc.nat(3),
  } as const)
  .map(({ how, name, present, wanted, owned, templates, quota, seenDisplayName, ...of }) => {
    const linked = how === 'linked' || how === 'gone';
    const intent = { key: name, name, sentAt: '2025-09-01T12:00:00Z', quotaAllowance: quota };
    const target: GroupTarget = groupTarget({
      displayName: of.displayName,
      settings: of.settings,
      deleted: of.deleted,
      takenNames: of.takenNames,
      members: stated([...wanted, ...wanted.slice(0, 1)]),
      ownedMembers: linked ? owned : [],
      ownedTemplates: linked ? of.ownedTemplates : [],
      link: linked ? { coderId: GROUP, coderName: name, origin: of.origin } : null,
      intent: how === 'announced' ? intent : null,
      pendingMembers: { total: of.pending, coming: 0 },
    });
    // One that is looked for by name is looked for where it is stated.
    const home = homeOf(target, context()) ?? ORGANIZATION;
    const seen = group(present, {
      name: linked ? name : wantedGroupName(target),
      display_name: seenDisplayName,
      quota_allowance: quota,
      organization_id: linked && of.elsewhere ? OTHER_ORGANIZATION : linked ? ORGANIZATION : home,
    });
    if (how === 'linked') return { target, view: seenGroup({ group: seen, templates }) };
    if (how === 'foreign') return { target, view: seenGroup({ sameName: seen, templates }) };
    const made = group([], {
      name,
      display_name: seenDisplayName,
      quota_allowance: quota,
      organization_id: home,
    });
    const none = { ...templates, roles: new Map<string, string>() };
    return { target, view: seenGroup({ sameName: how === 'announced' ? made : null, templates: none }) };
  });

/** Whether the group is to be made anew: it is gone, or lies elsewhere than it is stated to. */
function isMoved({ target, view }: GroupWorld): boolean {
  const home = homeOf(target, context());
  return view.group !== null && home !== null && view.group.organization_id !== home;
}

const membersOf = (world: GroupWorld): string[] =>
  world.view.group?.members.map(({ id }) => id).toSorted() ?? [];

/** As for users. */
function converge(
  start: GroupWorld,
  when: PlanContext,
): { world: GroupWorld; last: Plan<GroupStep>; rounds: number } {
  let world = start;
  for (let rounds = 0; rounds < 5; rounds += 1) {
    const plan = planGroup(world.target, world.view, when);
    const { gained, lost } = plan.owned;
    const owned = world.target.ownedMembers.filter((id) => !lost.includes(id));
    const templates = world.target.ownedTemplates.filter((id) => !plan.ownedTemplates?.lost.includes(id));
    const ownedTemplates = [...templates, ...(plan.ownedTemplates?.gained ?? [])];
    world = { ...world, target: { ...world.target, ownedTemplates, ownedMembers: [...owned, ...gained] } };
    if (plan.steps.length === 0) return { world, last: plan, rounds };
    for (const step of plan.steps) world = applyGroupStep(world, step, when);
  }
  throw new Error('the plan does not come to rest');
}

const patchesOf = (plan: Plan<GroupStep>) =>
  plan.steps.flatMap((step) => (step.do === 'patchGroup' ? [step.request] : []));

describe('planning groups, whatever the input', () => {
  it('comes to rest after one plan (two when a group is gone or lies elsewhere), and a replay plans nothing', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { world, rounds } = converge(start, when);
        const gone = start.target.link !== null && start.view.group === null;
        expect(rounds).toBeLessThanOrEqual(gone || isMoved(start) ? 2 : 1);
        const replay = planGroup(world.target, world.view, when);
        expect(replay.steps).toEqual([]);
        expect(replay.owned).toEqual({ gained: [], lost: [] });
        expect(replay.ownedTemplates).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('gives the stated members beside those that the bridge does not own unless it is strict, all stated ones owned', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        fc.pre(!start.target.deleted);
        const { world, last } = converge(start, when);
        fc.pre(last.failure === undefined);
        const wanted = start.target.members.map(({ coderId }) => coderId);
        const owned = new Set(start.target.ownedMembers);
        const before = start.view.group ?? start.view.sameName;
        const same = world.view.group?.id === GROUP && !when.policy.strict;
        const kept = (same ? (before?.members ?? []) : []).map(({ id }) => id).filter((id) => !owned.has(id));
        expect(membersOf(world)).toEqual([...new Set([...wanted, ...kept])].toSorted());
        expect(world.target.ownedMembers).toEqual(expect.arrayContaining(wanted));
        expect(world.view.group?.name).toBe(wantedGroupName(world.target));
        expect(world.view.group?.organization_id).toBe(homeOf(world.target, when));
      }),
      RUNS,
    );
  });

  it('gives the stated quota, picture and templates, and leaves what is not stated and not owned unless it is strict', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        fc.pre(!start.target.deleted);
        const { world, last } = converge(start, when);
        fc.pre(last.failure === undefined);
        const { quotaAllowance, avatarUrl, templateRoles = [] } = start.target.settings;
        const before = world.view.group?.id === GROUP ? (start.view.group ?? start.view.sameName) : null;
        expect(world.view.group?.quota_allowance).toBe(quotaAllowance ?? before?.quota_allowance ?? 0);
        expect(world.view.group?.avatar_url).toBe(avatarUrl ?? before?.avatar_url);
        const now = (id: string): string => world.view.templates?.roles.get(id) ?? '';
        const wanted = (id: string) =>
          templateRoles.filter(({ template: name }) => start.view.templates?.idOf(name) === id);
        for (const id of IDS) {
          const most = wanted(id).some(({ role }) => role === 'admin') ? 'admin' : wanted(id)[0]?.role;
          const had = before === null ? '' : (start.view.templates?.roles.get(id) ?? '');
          const ours = start.target.ownedTemplates.includes(id) || when.policy.strict;
          if (most === undefined) expect(now(id)).toBe(ours ? '' : had);
          else expect(now(id)).toBe(had === 'admin' && !ours ? 'admin' : most);
          if (most !== undefined && now(id) === most) expect(world.target.ownedTemplates).toContain(id);
        }
      }),
      RUNS,
    );
  });

  it('leaves protected groups alone', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const seen = start.view.group ?? start.view.sameName;
        const [pattern] = when.policy.protectedGroups;
        fc.pre(seen !== null && pattern !== undefined && seen.name.startsWith(pattern.replace('*', '')));
        const { steps } = planGroup(start.target, start.view, when);
        // Beside one that it must not adopt, it may still make a group of another name.
        if (start.view.group !== null) expect(steps).toEqual([]);
        else expect(steps.map((step) => step.do)).not.toContain('adoptGroup');
      }),
      RUNS,
    );
  });

  it('removes only what is owned and no longer stated, unless it is strict', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { target } = start;
        const wanted = new Set(target.deleted ? [] : target.members.map(({ coderId }) => coderId));
        for (const id of patchesOf(planGroup(target, start.view, when)).flatMap(
          (patch) => patch.remove_users ?? [],
        )) {
          if (!when.policy.strict) expect(target.ownedMembers).toContain(id);
          if (!isMoved(start)) expect(wanted.has(id)).toBe(false);
        }
      }),
      RUNS,
    );
  });

  it('makes as few PATCHes as can be, of at most 100 ids, no id twice, removals before additions', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const requests = patchesOf(planGroup(start.target, start.view, when));
        const sizes = requests.map(
          ({ add_users: add = [], remove_users: remove = [] }) => add.length + remove.length,
        );
        const ids = requests.flatMap(({ add_users: add = [], remove_users: remove = [] }) => [
          ...remove,
          ...add,
        ]);
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(100);
        expect(new Set(ids).size).toBe(ids.length);
        expect(requests.length).toBeLessThanOrEqual(Math.max(1, Math.ceil(ids.length / 100)));
        const kinds = requests.flatMap(({ add_users: add = [], remove_users: remove = [] }) => [
          ...remove.map(() => 'removal'),
          ...add.map(() => 'addition'),
        ]);
        expect(kinds).toEqual(kinds.toSorted().toReversed());
        for (const request of requests) expect(Object.values(request).flat()).not.toEqual([]);
      }),
      RUNS,
    );
  });

  it('asks only for names that Coder takes, and renames only what the bridge made', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { steps } = planGroup(start.target, start.view, when);
        const adopted =
          start.target.link?.origin === 'adopted' ||
          steps.some((step) => step.do === 'adoptGroup' && step.origin === 'adopted');
        const requests = steps.flatMap((step) =>
          step.do === 'createGroup' || step.do === 'patchGroup' ? [step.request] : [],
        );
        const names = requests.flatMap(({ name }) => (name === undefined ? [] : [name]));
        expect(names.filter((name) => !NAME.test(name) || name.length > 255)).toEqual([]);
        expect(names.filter((name) => ['new', 'create', 'everyone'].includes(name))).toEqual([]);
        expect(adopted ? names : []).toEqual([]);
        for (const { display_name: displayName = '' } of requests) {
          expect(Buffer.byteLength(displayName)).toBeLessThanOrEqual(64);
        }
      }),
      RUNS,
    );
  });

  it('deletes only what the bridge made and the directory deleted or states elsewhere', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { steps } = planGroup(start.target, start.view, when);
        fc.pre(steps.some((step) => step.do === 'deleteGroup'));
        expect(start.target.deleted || isMoved(start)).toBe(true);
        const adoption = steps.find((step) => step.do === 'adoptGroup');
        expect(adoption?.origin ?? start.target.link?.origin).toBe('created');
      }),
      RUNS,
    );
  });

  it('never touches Everyone', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { target, view } = start;
        const seen = view.group ?? view.sameName;
        fc.pre(seen !== null);
        const everyone = { ...group(), ...seen, id: ORGANIZATION, organization_id: ORGANIZATION };
        const link = target.link && { ...target.link, coderId: ORGANIZATION };
        const moved = seenGroup(link === null ? { sameName: everyone } : { group: everyone });
        const [first] = planGroup({ ...target, link, intent: null }, moved, when).steps;
        // Nothing, or a new group beside it.
        expect(['createGroup', undefined]).toContain(first?.do);
      }),
      RUNS,
    );
  });

  it('satisfies the guard, and holds its losses apart from its gains', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const plan = planGroup(start.target, start.view, when);
        expect(guardGroup(plan, start.target, start.view, when)).toBe(plan);
        const gains = withoutLosses(plan);
        expect(losses(gains)).toBe(0);
        const added = (of: Plan<GroupStep>) => patchesOf(of).flatMap((request) => request.add_users ?? []);
        expect(added(gains)).toEqual(added(plan));
        const rest = { ...plan, steps: plan.steps.slice(1) };
        expect(lossesWithin(rest, lossesOf(plan))).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('the guard of group plans, whatever the plan', () => {
  const steps: fc.Arbitrary<GroupStep> = fc.oneof(
    fc
      .constantFrom('deleteGroup', 'forgetLink')
      .map((name): GroupStep =>
        name === 'deleteGroup' ? { do: name, members: 1, reason: '' } : { do: 'forgetLink', reason: '' },
      ),
    fc
      .record({ add_users: fc.subarray(POOL.slice(0, 4)), remove_users: fc.subarray(POOL.slice(0, 4)) })
      .map((request): GroupStep => ({ do: 'patchGroup', request, reason: '' })),
    fc
      .record({ quota_allowance: fc.constantFrom(0, 5), avatar_url: fc.constantFrom('/a.png', '/c.png') })
      .map((request): GroupStep => ({ do: 'patchGroup', request, reason: '' })),
    fc
      .record({
        templateId: fc.constantFrom(...IDS),
        role: fc.constantFrom('', 'use', 'admin'),
        loses: fc.boolean(),
      } as const)
      .map((grant): GroupStep => ({ do: 'setTemplateRole', ...grant, reason: '' })),
  );

  it('lets no removal through that is stated or not owned, nor a deletion of what somebody else made', () => {
    fc.assert(
      fc.property(worlds, contexts, fc.array(steps, { maxLength: 3 }), (start, when, arbitrary) => {
        const { target, view } = start;
        const plan = { steps: arbitrary, notes: [], owned: { gained: [], lost: [] } };
        const passed = guardGroup(plan, target, view, when);
        const removed = patchesOf(passed).flatMap((request) => request.remove_users ?? []);
        if (!when.policy.strict) expect(target.ownedMembers).toEqual(expect.arrayContaining(removed));
        const wanted = new Set(target.deleted ? [] : target.members.map(({ coderId }) => coderId));
        if (!isMoved(start)) expect(removed.filter((id) => wanted.has(id))).toEqual([]);
        const deletes = passed.steps.some((step) => step.do === 'deleteGroup');
        const goes = target.deleted || isMoved(start);
        expect(deletes && !(goes && target.link?.origin === 'created')).toBe(false);
        for (const { quota_allowance: quota, avatar_url: avatar } of patchesOf(passed)) {
          if (quota !== undefined) expect(quota).toBe(target.settings.quotaAllowance);
          if (avatar !== undefined) expect(avatar).toBe(target.settings.avatarUrl);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('lets a template be given only as it is stated, and taken only where it is owned or the connection strict', () => {
    fc.assert(
      fc.property(worlds, contexts, fc.array(steps, { maxLength: 3 }), (start, when, arbitrary) => {
        const { target, view } = start;
        const plan = { steps: arbitrary, notes: [], owned: { gained: [], lost: [] } };
        const leaves = target.deleted || isMoved(start);
        for (const step of guardGroup(plan, target, view, when).steps) {
          if (step.do !== 'setTemplateRole') continue;
          const { templateId: id, role } = step;
          const statedRoles = (target.settings.templateRoles ?? [])
            .filter(({ template: name }) => view.templates?.idOf(name) === id)
            .map((grant) => grant.role);
          if (role !== '') expect(leaves ? [] : statedRoles).toContain(role);
          const takes = role === '' || (role === 'use' && view.templates?.roles.get(id) === 'admin');
          const ours = target.ownedTemplates.includes(id) || when.policy.strict;
          const made = leaves && target.link?.origin === 'created';
          if (takes) expect(ours || made).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
