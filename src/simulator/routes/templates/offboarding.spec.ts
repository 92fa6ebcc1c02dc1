import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../index.js';
import { type Client, client } from '../../testing.js';

const clock = {
  time: Date.parse('2026-01-15T12:00:00Z'),
  now: () => clock.time,
  monotonic: () => clock.time,
};
let simulator: Simulator;
let call: Client;
let template: string;
beforeEach(async () => {
  simulator = await startSimulator({ clock });
  call = client(simulator);
  simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
  template = simulator.admin.createTemplate('docker').id;
});
afterEach(() => simulator.close());

interface Found {
  workspaces: { name: string; latest_build: { status: string } }[];
  count: number;
}
const find = async (q: string): Promise<Found> =>
  (await call<Found>('GET', `/workspaces?q=${encodeURIComponent(q)}`)).body;

describe('workspaces', () => {
  it('are found by owner, name and status, and stop when their build is done', async () => {
    simulator.admin.set({ buildTime: 5000 });
    const { id } = simulator.admin.createWorkspace('ann', 'dev', 'docker');
    expect((await find('owner:ann status:running')).count).toBe(0);
    expect((await call('POST', `/workspaces/${id}/builds`, { transition: 'stop' })).status).toBe(409);
    clock.time += 5000;
    expect(await find('owner:ann status:running')).toMatchObject({
      count: 1,
      workspaces: [{ name: 'dev', latest_build: { status: 'running' } }],
    });
    const build = await call('POST', `/workspaces/${id}/builds`, { transition: 'stop' });
    expect([build.status, build.body]).toMatchObject([
      201,
      { status: 'stopping', build_number: 2, job: { status: 'running' } },
    ]);
    clock.time += 5000;
    const path = `/workspacebuilds/${String(build.body['id'])}`;
    expect((await call('GET', path)).body).toMatchObject({ status: 'stopped', job: { status: 'succeeded' } });
    expect((await find('ann/dev')).workspaces[0]?.latest_build.status).toBe('stopped');
    expect((await find('owner:bob')).count).toBe(0);
    expect((await call('GET', '/workspaces?q=colour:red')).status).toBe(400);
  });

  it('can fail to stop, and be cancelled while they do', async () => {
    const { id } = simulator.admin.createWorkspace('ann', 'dev', 'docker');
    simulator.admin.failBuilds(id);
    await call('POST', `/workspaces/${id}/builds`, { transition: 'stop' });
    expect((await call('GET', `/workspaces/${id}`)).body).toMatchObject({
      latest_build: { status: 'failed' },
    });
    simulator.admin.set({ buildTime: 5000 });
    const build = await call('POST', `/workspaces/${id}/builds`, { transition: 'stop' });
    const path = `/workspacebuilds/${String(build.body['id'])}`;
    expect((await call('PATCH', `${path}/cancel`)).status).toBe(200);
    expect((await call('GET', path)).body['status']).toBe('canceled');
    expect((await call('PATCH', `${path}/cancel`)).status).toBe(400);
  });

  it('keep their owner from being deleted until they are', async () => {
    const created = await call('POST', '/users/ann/workspaces', { name: 'dev', template_id: template });
    expect(created.status).toBe(201);
    const id = String(created.body['id']);
    expect((await call('POST', '/users/ann/workspaces', { name: 'DEV', template_id: template })).status).toBe(
      409,
    );
    expect((await call('DELETE', '/users/ann')).status).toBe(417);
    await call('POST', `/workspaces/${id}/builds`, { transition: 'delete' });
    expect((await find('')).count).toBe(0);
    expect((await call('DELETE', '/users/ann')).status).toBe(200);
  });

  it('are kept from starting: no schedule, dormant', async () => {
    const { id } = simulator.admin.createWorkspace('ann', 'dev', 'docker');
    expect((await call('PUT', `/workspaces/${id}/autostart`, { schedule: '0 9 * * *' })).status).toBe(204);
    expect((await call('PUT', `/workspaces/${id}/ttl`, { ttl_ms: 1000 })).status).toBe(204);
    expect((await call('GET', `/workspaces/${id}`)).body).toMatchObject({
      autostart_schedule: '0 9 * * *',
      ttl_ms: 1000,
    });
    await call('PUT', `/workspaces/${id}/autostart`, { schedule: null });
    expect((await call('GET', `/workspaces/${id}`)).body).not.toHaveProperty('autostart_schedule');
    const dormant = await call('PUT', `/workspaces/${id}/dormant`, { dormant: true });
    expect(dormant.body['dormant_at']).toBe(new Date(clock.time).toISOString());
    expect((await call('PUT', `/workspaces/${id}/dormant`, { dormant: true })).status).toBe(304);
  });

  it("are their owners' and admins' to touch", async () => {
    const { id } = simulator.admin.createWorkspace('ann', 'dev', 'docker');
    for (const [role, read, stop] of [
      ['', 404, 404],
      ['auditor', 200, 403],
      ['template-admin', 200, 403],
      ['owner', 200, 201],
    ] as const) {
      const name = role || 'nobody';
      simulator.admin.createUser({ username: name, email: `${name}@x.io`, roles: role ? [role] : [] });
      const as = client(simulator, simulator.admin.createToken(name));
      expect((await as('GET', `/workspaces/${id}`)).status, name).toBe(read);
      const answer = await as('POST', `/workspaces/${id}/builds`, { transition: 'stop' });
      expect(answer.status, name).toBe(stop);
    }
  });

  it('use up the quota while they run', async () => {
    const { id } = simulator.admin.createWorkspace('ann', 'dev', 'docker', 7);
    expect((await call('GET', '/workspace-quota/ann')).body['credits_consumed']).toBe(7);
    await call('POST', `/workspaces/${id}/builds`, { transition: 'stop' });
    expect((await call('GET', '/workspace-quota/ann')).body['credits_consumed']).toBe(0);
  });
});

describe('the access to a template', () => {
  it('is merged, hides ids of deleted groups, and gives Everyone the use at first', async () => {
    const path = `/templates/${template}/acl`;
    const everyone = simulator.state.defaultOrganization.id;
    const group = simulator.admin.createGroup({ name: 'devs' }).id;
    const ann = simulator.admin.user('ann').id;
    expect((await call('GET', path)).body).toMatchObject({
      users: [],
      group: [{ id: everyone, role: 'use' }],
    });
    const body = { user_perms: { [ann]: 'admin' }, group_perms: { [group]: 'use', [everyone]: '' } };
    for (let i = 0; i < 2; i += 1) expect((await call('PATCH', path, body)).status).toBe(200);
    expect((await call('GET', path)).body).toMatchObject({
      users: [{ username: 'ann', role: 'admin', organization_ids: [everyone] }],
      group: [{ name: 'devs', role: 'use' }],
    });
    simulator.admin.deleteGroup(group);
    expect((await call('GET', path)).body['group']).toEqual([]);
    expect(simulator.state.tables.get('template', template)?.group_acl).toEqual({ [group]: 'use' });
    expect((await call('PATCH', path, { group_perms: { [group]: '' } })).status).toBe(200);
    expect(simulator.state.tables.get('template', template)?.group_acl).toEqual({});
  });

  it.each([
    ['an unknown role', { '11111111-1111-4111-8111-111111111111': 'write' }],
    ['a name', { ann: 'use' }],
    ['an unknown id', { '11111111-1111-4111-8111-111111111111': 'use' }],
  ])('is refused for %s with validations', async (_, user_perms) => {
    const answer = await call('PATCH', `/templates/${template}/acl`, { user_perms });
    expect([answer.status, answer.body['validations']]).toMatchObject([400, [{ field: 'user_perms' }]]);
  });

  it('lists whom it could be given to, and is the business of those who manage templates', async () => {
    const path = `/templates/${template}/acl`;
    expect((await call('GET', `${path}/available?q=ann`)).body).toMatchObject({
      users: [{ username: 'ann' }],
      groups: [{ name: 'Everyone' }],
    });
    const ann = client(simulator, simulator.admin.createToken('ann'));
    expect((await ann('GET', path)).status).toBe(500);
    expect((await ann('PATCH', path, {})).status).toBe(500);
    expect((await ann('GET', `${path}/available`)).status).toBe(404);
    expect((await ann('GET', '/organizations/default/templates')).body).toMatchObject([{ name: 'docker' }]);
    await call('PATCH', path, { group_perms: { [simulator.state.defaultOrganization.id]: '' } });
    expect((await ann('GET', path)).status).toBe(404);
    simulator.admin.set({ features: { template_rbac: false } });
    expect((await client(simulator, '')('GET', path)).status).toBe(403);
  });
});

describe('lists in pages', () => {
  it('of groups and their members came in 2026', async () => {
    const { id } = simulator.admin.createGroup({ name: 'devs' });
    simulator.admin.addToGroup('devs', 'ann');
    expect((await call('GET', `/groups/${id}/members`)).status).toBe(404);
    simulator.admin.set({ profile: 'n26-scim2' });
    for (const path of [`/groups/${id}/members`, '/organizations/default/groups/devs/members']) {
      expect((await call('GET', path)).body).toMatchObject({ users: [{ username: 'ann' }], count: 1 });
    }
    expect((await call('GET', '/organizations/default/paginated-groups?limit=1')).body).toMatchObject({
      groups: [{ name: 'devs' }],
      count: 2,
    });
  });
});
