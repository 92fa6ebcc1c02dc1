import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupTarget } from '../../src/directory/index.js';
import {
  context,
  group,
  GROUP,
  groupTarget,
  member,
  ORGANIZATION,
  seenGroup,
  stated,
} from '../../src/reconcile/planner/fixtures.js';
import { planGroup, wantedGroupName } from '../../src/reconcile/planner/index.js';
import type { GroupStep, Plan, PlanContext } from '../../src/reconcile/planner/index.js';
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
  .constantFrom('never', 'empty', 'always')
  .map((adoptGroups) => context({ adoptGroups }));

/** A group with what was seen of it. */
const worlds: fc.Arbitrary<GroupWorld> = fc
  .record({
    displayName: displayNames,
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
  .map(
    ({
      displayName,
      wanted,
      owned,
      present,
      deleted,
      how,
      origin,
      name,
      seenDisplayName,
      takenNames,
      pending,
    }) => {
      const linked = how === 'linked' || how === 'gone';
      const target: GroupTarget = groupTarget({
        displayName,
        deleted,
        takenNames,
        members: stated([...wanted, ...wanted.slice(0, 1)]),
        ownedMembers: linked ? owned : [],
        link: linked ? { coderId: GROUP, coderName: name, origin } : null,
        intent: how === 'announced' ? { key: name, name, sentAt: '2025-09-01T12:00:00Z' } : null,
        pendingMembers: { total: pending, coming: 0 },
      });
      const seen = group(present, {
        name: linked ? name : wantedGroupName(target),
        display_name: seenDisplayName,
      });
      if (how === 'linked') return { target, view: seenGroup({ group: seen }) };
      if (how === 'foreign') return { target, view: seenGroup({ sameName: seen }) };
      const made = group([], { name, display_name: seenDisplayName });
      return { target, view: seenGroup(how === 'announced' ? { sameName: made } : {}) };
    },
  );

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
    world = { ...world, target: { ...world.target, ownedMembers: [...owned, ...gained] } };
    if (plan.steps.length === 0) return { world, last: plan, rounds };
    for (const step of plan.steps) world = applyGroupStep(world, step, when);
  }
  throw new Error('the plan does not come to rest');
}

const patchesOf = (plan: Plan<GroupStep>) =>
  plan.steps.flatMap((step) => (step.do === 'patchGroup' ? [step.request] : []));

describe('planning groups, whatever the input', () => {
  it('comes to rest after one plan (two when a group is gone), and a replay plans nothing', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { world, rounds } = converge(start, when);
        const gone = start.target.link !== null && start.view.group === null;
        expect(rounds).toBeLessThanOrEqual(gone ? 2 : 1);
        const replay = planGroup(world.target, world.view, when);
        expect(replay.steps).toEqual([]);
        expect(replay.owned).toEqual({ gained: [], lost: [] });
      }),
      RUNS,
    );
  });

  it('gives the stated members beside those that the bridge does not own, all stated ones owned', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        fc.pre(!start.target.deleted);
        const { world, last } = converge(start, when);
        fc.pre(last.failure === undefined);
        const wanted = start.target.members.map(({ coderId }) => coderId);
        const owned = new Set(start.target.ownedMembers);
        const before = start.view.group ?? (world.view.group?.id === GROUP ? start.view.sameName : null);
        const kept = (before?.members ?? []).map(({ id }) => id).filter((id) => !owned.has(id));
        expect(membersOf(world)).toEqual([...new Set([...wanted, ...kept])].toSorted());
        expect(world.target.ownedMembers).toEqual(expect.arrayContaining(wanted));
        expect(world.view.group?.name).toBe(wantedGroupName(world.target));
      }),
      RUNS,
    );
  });

  it('removes only what is owned and no longer stated', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { target } = start;
        const wanted = new Set(target.deleted ? [] : target.members.map(({ coderId }) => coderId));
        for (const id of patchesOf(planGroup(target, start.view, when)).flatMap(
          (patch) => patch.remove_users ?? [],
        )) {
          expect(target.ownedMembers).toContain(id);
          expect(wanted.has(id)).toBe(false);
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

  it('deletes only what the bridge made and the directory deleted', () => {
    fc.assert(
      fc.property(worlds, contexts, (start, when) => {
        const { steps } = planGroup(start.target, start.view, when);
        fc.pre(steps.some((step) => step.do === 'deleteGroup'));
        expect(start.target.deleted).toBe(true);
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
        const everyone = { ...group(), ...seen, id: ORGANIZATION };
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
  );

  it('lets no removal through that is stated or not owned, nor a deletion of what somebody else made', () => {
    fc.assert(
      fc.property(worlds, contexts, fc.array(steps, { maxLength: 3 }), (start, when, arbitrary) => {
        const { target, view } = start;
        const plan = { steps: arbitrary, notes: [], owned: { gained: [], lost: [] } };
        const passed = guardGroup(plan, target, view, when);
        const removed = patchesOf(passed).flatMap((request) => request.remove_users ?? []);
        expect(target.ownedMembers).toEqual(expect.arrayContaining(removed));
        const wanted = new Set(target.deleted ? [] : target.members.map(({ coderId }) => coderId));
        expect(removed.filter((id) => wanted.has(id))).toEqual([]);
        const deletes = passed.steps.some((step) => step.do === 'deleteGroup');
        expect(deletes && !(target.deleted && target.link?.origin === 'created')).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
