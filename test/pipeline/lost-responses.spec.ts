import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

/** One mutating call: what brings it about, and what is true when it was done once. */
interface Scene {
  readonly call: string;
  /** Names this run's resources apart from the others'. */
  readonly prepare: (bridge: TestBridge, name: string) => Promise<unknown>;
  readonly push: (bridge: TestBridge, name: string, prepared: never) => Promise<unknown>;
  readonly expectDone: (bridge: TestBridge, name: string) => void;
  /** Mutations of the whole push, this one included; 1 where absent. */
  readonly mutations?: number;
}

const user = (
  call: string,
  scene: Omit<Scene, 'call' | 'prepare'> & { prepare?: Scene['prepare'] },
): Scene => ({
  call,
  prepare: ({ scim }, name) => scim.postUser(name),
  ...scene,
});

const accounts = ({ simulator }: TestBridge, name: string) =>
  [...simulator.state.users.values()].filter((one) => one.email === `${name}@example.com` && !one.deleted);
const groups = ({ simulator }: TestBridge, name: string) =>
  [...simulator.state.groups.values()].filter((one) => one.name.startsWith(name));

interface Crew {
  readonly group: string;
  readonly member: string;
}

async function crew({ scim }: TestBridge, name: string, inside: boolean): Promise<Crew> {
  const member = await scim.postUser(`${name}-member`);
  return { group: await scim.postGroup(name, inside ? [member] : []), member };
}

const SCENES: readonly Scene[] = [
  user('POST /api/v2/users', {
    prepare: () => Promise.resolve(),
    push: ({ scim }, name) => scim.postUser(name),
    expectDone: (bridge, name) => expect(accounts(bridge, name)).toMatchObject([{ username: name }]),
  }),
  user('PUT /api/v2/users/{user}/profile', {
    push: ({ scim }, _name, id) =>
      scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'New' }),
    expectDone: ({ simulator }, name) => expect(simulator.admin.user(name).name).toBe('New'),
  }),
  user('PUT /api/v2/users/{user}/status/suspend', {
    push: ({ scim }, _name, id) => scim.deactivate(id),
    expectDone: ({ simulator }, name) => expect(simulator.admin.user(name).status).toBe('suspended'),
  }),
  user('PUT /api/v2/users/{user}/status/activate', {
    prepare: async (bridge, name) => {
      const id = await bridge.scim.postUser(name);
      await bridge.untilSettled();
      await bridge.scim.deactivate(id);
      return id;
    },
    push: ({ scim }, _name, id) => scim.activate(id),
    expectDone: ({ simulator }, name) => expect(simulator.admin.user(name).status).toBe('active'),
  }),
  user('DELETE /api/v2/users/{user}', {
    push: ({ scim }, _name, id) => scim.deleteUser(id),
    expectDone: (bridge, name) => expect(accounts(bridge, name)).toEqual([]),
    mutations: 2,
  }),
  user('POST /api/v2/organizations/{organization}/members/{user}', {
    prepare: ({ simulator }, name) => {
      simulator.admin.createUser({ username: name, email: `${name}@example.com`, organization_ids: [] });
      return Promise.resolve();
    },
    push: ({ scim }, name) => scim.postUser(name, { name: {} }),
    expectDone: ({ simulator }, name) => {
      const { members, defaultOrganization } = simulator.state;
      expect(members.get(defaultOrganization.id)?.has(simulator.admin.user(name).id)).toBe(true);
    },
  }),
  {
    call: 'POST /api/v2/organizations/{organization}/groups',
    prepare: () => Promise.resolve(),
    push: ({ scim }, name) => scim.postGroup(name),
    expectDone: (bridge, name) => expect(groups(bridge, name)).toMatchObject([{ name }]),
  },
  {
    call: 'PATCH /api/v2/groups/{group}',
    prepare: (bridge, name) => crew(bridge, name, false),
    push: ({ scim }, _name, { group, member }: Crew) => scim.addMembers(group, member),
    expectDone: ({ simulator }, name) => expect(simulator.admin.membersOf(name)).toEqual([`${name}-member`]),
  },
  {
    call: 'PATCH /api/v2/groups/{group}',
    prepare: (bridge, name) => crew(bridge, name, true),
    push: ({ scim }, _name, { group, member }: Crew) => scim.removeMembers(group, member),
    expectDone: ({ simulator }, name) => expect(simulator.admin.membersOf(name)).toEqual([]),
  },
  {
    call: 'PATCH /api/v2/groups/{group}',
    prepare: (bridge, name) => crew(bridge, name, true),
    push: ({ scim }, name, { group }: Crew) => scim.renameGroup(group, `${name} renamed`),
    expectDone: (bridge, name) => expect(groups(bridge, name)).toMatchObject([{ name: `${name}-renamed` }]),
  },
  {
    call: 'DELETE /api/v2/groups/{group}',
    prepare: (bridge, name) => crew(bridge, name, true),
    push: ({ scim }, _name, { group }: Crew) => scim.deleteGroup(group),
    expectDone: (bridge, name) => expect(groups(bridge, name)).toEqual([]),
  },
];

const LOSSES = [
  { kind: 'dropAfter', told: 'whose answer is lost', calls: 1 },
  { kind: 'dropBefore', told: 'that is lost on its way', calls: 2 },
  { kind: 'hang', told: 'that is never answered', calls: 2 },
] as const;

const NAMES = ['ada', 'bea', 'cyd', 'dee', 'eve', 'fay', 'gil', 'hal', 'ivo', 'jon', 'kim'];

describe.each(LOSSES)('a call $told', ({ kind, calls }) => {
  const bridge = useBridge({ env: { DELETE_USERS: 'delete' }, tuning: { callTimeoutMs: 700 } });

  it.each(SCENES.map((scene, at) => [scene.call, NAMES[at] ?? '', scene] as const))(
    '%s (%s) is done once, and nothing is left undone or doubled',
    async (call, name, { prepare, push, expectDone, mutations = 1 }) => {
      const { simulator } = bridge;
      const prepared = await prepare(bridge, name);
      await bridge.untilSettled();
      simulator.calls.reset();
      const [method = '', route = ''] = call.split(' ');
      const fault = simulator.faults.add({ kind, match: { method, route }, times: 1 });
      await push(bridge, name, prepared as never);
      expect(await bridge.untilSettled()).toMatchObject({ failed: 0, held: 0 });
      expect(fault.struck).toBe(1);
      expectDone(bridge, name);
      expect(simulator.calls.countMutations()).toBe(mutations);
      expect(simulator.calls.count(call)).toBe(calls);
      // Everything that was done is known to be done: a full sync finds nothing.
      expect(await synced(bridge)).toMatchObject({ users: { differing: 0 }, groups: { differing: 0 } });
      // Nor did one that failed half way: it raises what differs at once, and the next one passes over that.
      const raised = `SELECT FROM bridge.journal WHERE source = 'full-sync'`;
      expect(await bridge.database.query(raised)).toEqual([]);
      simulator.faults.clear();
    },
  );
});

/** What a full sync found. It is asked again where a list took longer than this bridge waits for any call. */
function synced(bridge: TestBridge): Promise<unknown> {
  return eventually(async () => {
    const { body } = await bridge.admin.sync();
    expect(body).toMatchObject({ outcome: 'done' });
    return body;
  });
}

describe('a call that is done only after the bridge gave up waiting for it', () => {
  const bridge = useBridge({ env: { DELETE_USERS: 'delete' }, tuning: { callTimeoutMs: 700 } });

  it.each(SCENES.map((scene, at) => [scene.call, NAMES[at] ?? '', scene] as const))(
    '%s (%s) fails nothing and doubles nothing',
    async (call, name, { prepare, push, expectDone }) => {
      const { simulator } = bridge;
      const prepared = await prepare(bridge, name);
      await bridge.untilSettled();
      simulator.calls.reset();
      const [method = '', route = ''] = call.split(' ');
      // The first one is done while the second, sent after a look that found nothing, is on its way.
      simulator.faults.add({ kind: 'delay', delayMs: 900, match: { method, route }, times: 1 });
      await push(bridge, name, prepared as never);
      await expect.poll(() => simulator.faults.list()[0]?.struck, { timeout: 20_000 }).toBe(1);
      simulator.faults.add({ kind: 'delay', delayMs: 500, match: { method, route }, times: 1 });
      // On a busy machine the look may come late and find the first one done: then there is no second.
      await expect.poll(() => simulator.calls.count(call), { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
      await bridge.untilSettled();
      expectDone(bridge, name);
      await synced(bridge);
      expect(await bridge.untilSettled()).toMatchObject({ failed: 0, held: 0 });
      expectDone(bridge, name);
      simulator.faults.clear();
    },
  );
});

describe('a creation whose answer is lost', () => {
  const bridge = useBridge();

  it('and whose user is deleted meanwhile leaves no account with access behind', async () => {
    const { scim, simulator } = bridge;
    await scim.postUser('warm-up');
    await bridge.untilSettled();
    const route = '/api/v2/users';
    simulator.faults.add({ kind: 'dropAfter', match: { method: 'POST', route }, times: 1 });
    // Coder answers nothing more until the user is gone again.
    const away = simulator.faults.add({ kind: 'status', status: 503, match: { route, method: 'GET' } });
    const id = await scim.postUser('brief');
    await expect
      .poll(() => simulator.state.userByUsername('brief')?.status, { timeout: 20_000 })
      .toBe('dormant');
    await scim.deleteUser(id);
    simulator.faults.clear(away.id);
    await bridge.untilSettled();
    expect(simulator.admin.user('brief').status).toBe('suspended');
  });

  it('does not make the bridge take an older account of that email for its own', async () => {
    const { scim, simulator, database } = bridge;
    await scim.postUser('warm-up-2');
    await bridge.untilSettled();
    simulator.faults.add({ kind: 'dropBefore', match: { method: 'POST', route: '/api/v2/users' }, times: 1 });
    const away = simulator.faults.add({ kind: 'status', status: 503, match: { method: 'GET' } });
    const id = await scim.postUser('rival');
    await expect
      .poll(() => simulator.calls.count('POST /api/v2/users'), { timeout: 20_000 })
      .toBeGreaterThan(1);
    const other = simulator.admin.createUser({ username: 'somebody', email: 'rival@example.com' });
    simulator.faults.clear(away.id);
    await bridge.untilSettled();
    const [target] = await database.query('SELECT coder_id, origin FROM bridge.targets WHERE id = $1', [id]);
    expect(target).toEqual({ coder_id: other.id, origin: 'adopted' });
  });
});
