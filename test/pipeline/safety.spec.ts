import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

describe('the safety budget', () => {
  const bridge = useBridge({ env: { SAFETY_BUDGET: '2,0%' } });

  it('lets two losses an hour pass and holds the third, with its plan for a person, while SCIM says 2xx', async () => {
    const { scim, simulator, admin } = bridge;
    const names = ['leaver-1', 'leaver-2', 'leaver-3'];
    const ids = await Promise.all(names.map((name) => scim.postUser(name)));
    await bridge.untilSettled();
    for (const id of ids) {
      await scim.deactivate(id);
      await bridge.untilSettled();
    }
    expect(names.map((name) => simulator.admin.user(name).status)).toEqual([
      'suspended',
      'suspended',
      'dormant',
    ]);
    expect(await admin.targets()).toMatchObject({ dirty: 0, held: 1, failed: 0 });
    const [hold, ...others] = await admin.holds();
    expect(others).toEqual([]);
    expect(hold).toMatchObject({
      id: ids[2],
      name: 'leaver-3',
      held: {
        losses: 1,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        steps: [{ do: 'suspendUser', reason: 'the user is inactive in the directory' }],
      },
    });
    await eventually(async () => {
      expect((await admin.ready()).body.components.targets.reason).toContain('1 held');
    });
  });

  it('holds it over a full sync and further pushes too', async () => {
    const { scim, simulator, admin } = bridge;
    await admin.sync();
    const [hold] = await admin.holds();
    await scim.patchUser(hold?.id ?? '', { op: 'replace', path: 'name.formatted', value: 'Gains Go On' });
    await bridge.untilSettled();
    expect(simulator.admin.user('leaver-3')).toMatchObject({ status: 'dormant' });
    expect((await admin.holds()).map((one) => one.id)).toEqual([hold?.id]);
  });

  it('lets the plan pass when a person approves it by its hash, and by no other', async () => {
    const { simulator, admin } = bridge;
    const [hold] = await admin.holds();
    const id = hold?.id ?? '';
    expect(await admin.approve(id, '0'.repeat(64))).toMatchObject({
      status: 404,
      body: { error: 'notFound' },
    });
    expect(await admin.approve('01890000-0000-7000-8000-000000000000', hold?.held.hash ?? '')).toMatchObject({
      status: 404,
    });
    expect(await admin.approve('nonsense', '')).toMatchObject({ status: 400, body: { error: 'badRequest' } });
    expect((await admin.post(`/api/v1/holds/${id}/approve`, { hash: 7 })).status).toBe(400);
    expect(simulator.admin.user('leaver-3').status).toBe('dormant');
    expect(await admin.approve(id, hold?.held.hash ?? '')).toMatchObject({
      status: 200,
      body: { approved: true },
    });
    await bridge.untilSettled();
    expect(simulator.admin.user('leaver-3').status).toBe('suspended');
    expect(await admin.holds()).toEqual([]);
    expect((await admin.approve(id, hold?.held.hash ?? '')).status).toBe(404);
  });

  it('lets gains of a group go on while its losses are held, and a whole approved plan pass in as many PATCHes as it takes', async () => {
    const { scim, simulator, admin } = bridge;
    const crowd = await Promise.all(Array.from({ length: 120 }, (_none, at) => scim.postUser(`crowd-${at}`)));
    const group = await scim.postGroup('Crowd', crowd);
    const newcomer = await scim.postUser('newcomer');
    await bridge.untilSettled();
    await scim.done('PUT', `/Groups/${group}`, {
      schemas: [],
      displayName: 'Crowd',
      members: [{ value: newcomer }],
    });
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('crowd')).toHaveLength(121);
    const [hold] = await admin.holds();
    expect(hold).toMatchObject({ name: 'Crowd', held: { losses: 120 } });
    simulator.calls.reset();
    // Coder falters after the first hundred: the rest needs no second word.
    const match = { method: 'PATCH', route: '/api/v2/groups/{group}' };
    const first = simulator.faults.add({ kind: 'delay', delayMs: 300, match, times: 1 });
    await admin.approve(hold?.id ?? '', hold?.held.hash ?? '');
    await eventually(() => expect(first.struck).toBe(1));
    const second = simulator.faults.add({ kind: 'status', status: 503, match, times: 1 });
    await bridge.untilSettled();
    expect(second.struck).toBe(1);
    expect(simulator.admin.membersOf('crowd')).toEqual(['newcomer']);
    expect(simulator.calls.countMutations()).toBe(2);
    expect(await admin.holds()).toEqual([]);
  });

  it('forgets a hold whose loss was taken back', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postUser('back-again');
    await bridge.untilSettled();
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(await admin.holds()).toMatchObject([{ id }]);
    await scim.activate(id);
    await bridge.untilSettled();
    expect(await admin.holds()).toEqual([]);
    expect(simulator.admin.user('back-again').status).toBe('dormant');
  });

  it('counts what is done behind a DELETE as well', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postUser('deleted');
    await bridge.untilSettled();
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('deleted').status).toBe('dormant');
    expect(await admin.holds()).toMatchObject([{ id, name: 'deleted' }]);
  });
});

describe('a dry run', () => {
  const bridge = useBridge({ env: { DRY_RUN: 'true' } });

  it('changes nothing in Coder and shows what it would do', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createUser({ username: 'known', email: 'known@example.com' });
    const created = await scim.postUser('new');
    const adopted = await scim.postUser('known');
    const group = await scim.postGroup('Crew', [created, adopted]);
    await scim.deactivate(adopted);
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
    expect((await admin.sync()).body).toMatchObject({ outcome: 'done' });
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
    const holds = await admin.holds();
    const steps = Object.fromEntries(
      holds.map((hold) => [hold.name, hold.held.steps.map((step) => step.do)]),
    );
    expect(steps).toEqual({ new: ['createUser'], Crew: ['createGroup'] });
    expect(await admin.failures()).toEqual([]);
    await scim.deleteGroup(group);
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
  });
});
