import { afterEach, describe, expect, it } from 'vitest';

import { groupBody, patchOp, startTestBridge, useBridge, userBody } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const SUSPENSION = { method: 'PUT', route: '/api/v2/users/{user}/status/suspend' };

describe('a push that waits for Coder', () => {
  const bridge = useBridge({ env: { SCIM_WAIT_MS: '20000' } });

  afterEach(async () => {
    bridge.simulator.faults.clear();
    await bridge.untilSettled();
  });

  it('is answered when it has arrived there', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('ann');
    expect(simulator.admin.user('ann').status).toBe('dormant');
    const group = await scim.postGroup('Crew', [id]);
    expect(simulator.admin.membersOf('crew')).toEqual(['ann']);
    await scim.deactivate(id);
    expect(simulator.admin.user('ann').status).toBe('suspended');
    await scim.deleteGroup(group);
    expect(() => simulator.admin.group('crew')).toThrow('no group');
  });

  it('is counted by the time it took', async () => {
    const { scim, admin } = bridge;
    const count = async (kind: string): Promise<number> => {
      const { text } = await admin.get('/metrics');
      const line = text
        .split('\n')
        .find((one) => one.startsWith(`idp_bridge_push_to_coder_seconds_count{kind="${kind}"}`));
      return Number(line?.split(' ')[1]);
    };
    const before = await count('user');
    const id = await scim.postUser('counted');
    await scim.deactivate(id);
    await scim.activate(id);
    expect(await count('user')).toBe(before + 3);
    // What changes nothing is no push that arrives.
    await scim.activate(id);
    expect(await count('user')).toBe(before + 3);
  });

  it('as a POST that is refused for good leaves nothing behind, and may be sent again', async () => {
    const { scim, admin } = bridge;
    await scim.postUser('holder');
    const body = userBody('claimant', { emails: [{ value: 'holder@example.com', primary: true }] });
    const refused = await scim.post('/Users', body);
    expect(refused).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
    expect(refused.body.detail).toContain('same email');
    expect((await scim.get('/Users?filter=userName+eq+"claimant"')).body.totalResults).toBe(0);
    expect(await admin.failures()).toEqual([]);
    expect((await scim.post('/Users', userBody('claimant'))).status).toBe(201);
  });

  it('as a POST of what cannot be is 400 invalidValue', async () => {
    const { scim, simulator, admin } = bridge;
    const nobody = await scim.post('/Users', userBody('nobody', { emails: [] }));
    expect(nobody).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    simulator.faults.add({
      kind: 'status',
      status: 400,
      body: { message: 'No such login type.' },
      match: { method: 'POST', route: '/api/v2/users' },
    });
    const refused = await scim.post('/Users', userBody('unlucky'));
    expect(refused).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(refused.body.detail).toContain('No such login type.');
    expect((await scim.get('/Users?filter=userName+eq+"unlucky"')).body.totalResults).toBe(0);
    expect(await admin.failures()).toEqual([]);
  });

  it('as a POST of a group whose name is somebody else’s is 409 uniqueness and leaves nothing behind', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createGroup({ name: 'taken' });
    const refused = await scim.post('/Groups', groupBody('Taken'));
    expect(refused).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
    expect((await scim.get('/Groups?filter=displayName+eq+"Taken"')).body.totalResults).toBe(0);
    expect(await admin.failures()).toEqual([]);
  });

  it('as a PATCH or PUT that is refused stays recorded, and sending it again tries again', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postUser('stays');
    simulator.faults.add({ kind: 'status', status: 403, match: SUSPENSION });
    const off = patchOp({ op: 'replace', path: 'active', value: false });
    for (const attempt of [1, 2]) {
      const refused = await scim.request('PATCH', `/Users/${id}`, off);
      expect(refused).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
      expect(
        simulator.calls.all().filter((call) => call.path.endsWith('/suspend') && call.status === 403),
      ).toHaveLength(2 * attempt);
    }
    expect((await scim.get(`/Users/${id}`)).body.active).toBe(false);
    expect(await admin.failures()).toMatchObject([{ id, failure: { status: 403 } }]);
    simulator.faults.clear();
    expect((await scim.request('PUT', `/Users/${id}`, userBody('stays', { active: false }))).status).toBe(
      200,
    );
    expect(simulator.admin.user('stays').status).toBe('suspended');
    expect(await admin.failures()).toEqual([]);
  });

  it('of a group is refused for its own members only', async () => {
    const { scim, simulator, admin } = bridge;
    const [good, bad, later] = await Promise.all(['good', 'bad', 'later'].map((name) => scim.postUser(name)));
    const id = await scim.postGroup('Picky');
    simulator.admin.removeFromOrganization('bad');
    const add = (user: string | undefined) =>
      scim.request(
        'PATCH',
        `/Groups/${id}`,
        patchOp({ op: 'add', path: 'members', value: [{ value: user ?? '' }] }),
      );
    expect((await add(good)).status).toBe(204);
    const refused = await add(bad);
    expect(refused).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(refused.body.detail).toContain('bad');
    // The group stays failed for the one, and takes the other.
    expect((await add(later)).status).toBe(204);
    expect(simulator.admin.membersOf('picky')).toEqual(['good', 'later']);
    expect(await admin.failures()).toHaveLength(1);
    await scim.deleteGroup(id);
  });

  it('is answered 2xx while Coder does not answer, for nothing is refused', async () => {
    const { scim, simulator } = bridge;
    const fault = simulator.faults.add({ kind: 'status', status: 503, match: SUSPENSION, times: 3 });
    const id = await scim.postUser('transient');
    await scim.deactivate(id);
    expect(fault.struck).toBe(3);
    expect(simulator.admin.user('transient').status).toBe('suspended');
  });
});

describe('shutdown', () => {
  it('ends all waits at once: what was pushed is recorded, and that is what the answer says', async () => {
    const bridge = await startTestBridge({
      env: { SCIM_WAIT_MS: '60000' },
      tuning: { callTimeoutMs: 1_000 },
    });
    const { scim, simulator } = bridge;
    const fault = simulator.faults.add({ kind: 'hang', match: { method: 'POST' } });
    const push = scim.post('/Users', userBody('waiting'));
    await eventually(() => expect(fault.struck).toBeGreaterThan(0));
    const closing = bridge.close();
    // Far sooner than the minute that it would wait.
    expect((await push).status).toBe(201);
    await closing;
  });
});
