import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { client } from '../../simulator/testing.js';
import { ApiView, SimulatorView } from './coder.js';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator();
  for (let number = 0; number < 3; number += 1) {
    simulator.admin.createUser({ username: `u${number}`, email: `U${number}@x.io`, name: `User ${number}` });
  }
  simulator.admin.createGroup({ name: 'devs', display_name: 'Devs & Co' });
  simulator.admin.addToGroup('devs', 'u1', 'u2');
});
afterEach(() => simulator.close());

describe('a look at Coder past the bridge', () => {
  it('shows the same through the simulator and through the API', async () => {
    const fromSimulator = await new SimulatorView(simulator.url).read();
    const fromApi = await new ApiView(simulator.url, simulator.token).read();
    expect(
      fromApi.accounts
        .map(({ id, username, email, name, status }) => [id, username, email, name, status])
        .toSorted(),
    ).toEqual(
      fromSimulator.accounts
        .map(({ id, username, email, name, status }) => [id, username, email, name, status])
        .toSorted(),
    );
    const devs = { name: 'devs', displayName: 'Devs & Co', members: ['u1', 'u2'] };
    for (const { groups } of [fromSimulator, fromApi]) {
      expect(groups.find(({ name }) => name === 'devs')).toMatchObject(devs);
    }
  });

  it('counts what changed, what was read, and what was refused', async () => {
    const call = client(simulator);
    await call('GET', '/users');
    await call('POST', '/organizations/default/groups', { name: 'ops' });
    await call('POST', '/organizations/default/groups', { name: 'ops' });
    expect(await new SimulatorView(simulator.url).calls()).toEqual({ mutations: 1, reads: 1, refused: 1 });
    expect(await new ApiView(simulator.url, simulator.token).calls()).toBeNull();
  });

  it('sees a change arrive, with its time, and not one of before', async () => {
    const { id } = simulator.admin.updateUser('u1', {});
    const call = client(simulator);
    await call('PUT', `/users/${id}/status/suspend`);
    const suspended = Date.now();
    const since = await vi.waitUntil(() => Date.now() > suspended && Date.now(), { interval: 1 });
    const view = new SimulatorView(simulator.url);
    const change = { kind: 'person', id, arrived: () => true } as const;
    expect(await view.arrival(change, since, () => true)).toBeNull();
    const arriving = view.arrival(change, since, () => false);
    await call('PUT', `/users/${id}/status/activate`);
    expect(await arriving).toBeGreaterThanOrEqual(since);
  });

  it('sees a change arrive through the API, by what Coder shows', async () => {
    const view = new ApiView(simulator.url, simulator.token);
    const { id } = simulator.admin.updateUser('u1', {});
    const person = {
      kind: 'person',
      id,
      arrived: ({ status }: { status: string }) => status === 'suspended',
    } as const;
    expect(await view.arrival(person, 0, () => true)).toBeNull();
    simulator.admin.suspend('u1');
    expect(await view.arrival(person, 0, () => false)).toBeGreaterThan(0);
    const [team] = (await view.read()).groups.filter(({ name }) => name === 'devs');
    const group = {
      kind: 'group',
      id: team?.id ?? '',
      arrived: ({ members }: { members: readonly string[] }) => !members.includes('u2'),
    } as const;
    expect(await view.arrival(group, 0, () => true)).toBeNull();
    simulator.admin.removeFromGroup('devs', 'u2');
    expect(await view.arrival(group, 0, () => false)).toBeGreaterThan(0);
  });
});
