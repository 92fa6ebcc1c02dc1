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
beforeEach(async () => {
  simulator = await startSimulator({ clock });
  call = client(simulator);
  simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
});
afterEach(() => simulator.close());

describe('an organization', () => {
  it('is created with Everyone and the caller in it, changed, and deleted when it is empty', async () => {
    const created = await call('POST', '/organizations', { name: 'labs' });
    const id = String(created.body['id']);
    expect([created.status, created.body]).toMatchObject([201, { name: 'labs', is_default: false }]);
    expect((await call('GET', `/groups/${id}`)).body).toMatchObject({
      members: [{ username: 'idp-bridge' }],
    });
    const changed = await call('PATCH', '/organizations/labs', { name: '', display_name: 'The Labs' });
    expect(changed.body).toMatchObject({ name: 'labs', display_name: 'The Labs' });

    await call('POST', '/organizations/labs/members/ann');
    await call('POST', '/organizations/labs/groups', { name: 'devs' });
    const refused = await call('DELETE', '/organizations/labs');
    expect([refused.status, refused.body['detail']]).toEqual([
      500,
      expect.stringContaining('1 groups, 1 members'),
    ]);
    await call('DELETE', '/organizations/labs/members/ann');
    simulator.admin.deleteGroup(simulator.state.groupByName(id, 'devs')?.id ?? '');
    expect((await call('DELETE', '/organizations/labs')).status).toBe(200);
    expect((await call('DELETE', '/organizations/labs')).status).toBe(404);
    expect((await call('GET', '/users/me')).body['organization_ids']).toHaveLength(1);
  });

  it('is refused under a taken, reserved or bad name, without the licence, and for the default one', async () => {
    expect((await call('POST', '/organizations', { name: 'CODER' })).status).toBe(409);
    expect((await call('POST', '/organizations', { name: 'default' })).status).toBe(400);
    expect((await call('POST', '/organizations', { name: 'a b' })).status).toBe(400);
    expect((await call('DELETE', '/organizations/default')).status).toBe(400);
    simulator.admin.set({ features: { multiple_organizations: false } });
    expect((await call('POST', '/organizations', { name: 'labs' })).status).toBe(403);
  });
});

describe('custom roles', () => {
  const path = '/organizations/default/members/roles';
  const permission = { negate: false, resource_type: 'template', action: 'read' };

  it('are created, given to members, changed, and taken from them when they are deleted', async () => {
    const odd = { negate: false, resource_type: 'spaceship', action: 'read' };
    const created = await call('POST', path, { name: 'ops', organization_permissions: [permission, odd] });
    expect([created.status, created.body['organization_permissions']]).toEqual([200, [permission]]);
    expect((await call('POST', path, { name: 'OPS' })).status).toBe(400);
    const given = await call('PUT', '/organizations/default/members/ann/roles', { roles: ['ops'] });
    expect(given.body['roles']).toMatchObject([{ name: 'ops' }]);
    expect((await call('PUT', path, { name: 'ops', display_name: 'Ops' })).body).toMatchObject({
      display_name: 'Ops',
    });
    const { body } = await call<{ name: string; built_in: boolean; assignable: boolean }[]>('GET', path);
    expect(body.at(-1)).toMatchObject({
      name: 'ops',
      display_name: 'Ops',
      built_in: false,
      assignable: true,
    });
    expect(body.map((role) => role.name)).not.toContain('organization-member');
    expect((await call('DELETE', `${path}/ops`)).status).toBe(204);
    expect((await call('DELETE', `${path}/ops`)).status).toBe(404);
    expect((await call('GET', '/users/ann/roles')).body['organization_roles']).toEqual({
      [simulator.state.defaultOrganization.id]: [],
    });
  });

  it.each([
    ['a built-in name', { name: 'organization-admin' }],
    ['a bad name', { name: 'a b' }],
    ['permissions of the site', { name: 'ops', site_permissions: [permission] }],
    ['permissions of users', { name: 'ops', user_permissions: [permission] }],
  ])('are refused with %s: 400', async (_, body) => {
    expect((await call('POST', path, body)).status).toBe(400);
  });

  it('need the licence, and to be there before they are changed', async () => {
    expect((await call('PUT', path, { name: 'nobody' })).status).toBe(404);
    simulator.admin.set({ features: { custom_roles: false } });
    expect((await call('POST', path, { name: 'ops' })).status).toBe(403);
  });
});

describe('quiet hours', () => {
  const path = '/users/ann/quiet-hours';

  it("are the deployment's until users set their own", async () => {
    expect((await call('GET', path)).body).toEqual({
      raw_schedule: 'CRON_TZ=UTC 0 0 * * *',
      user_set: false,
      user_can_set: true,
      time: '00:00',
      timezone: 'UTC',
      next: '2026-01-16T00:00:00.000Z',
    });
    const set = await call('PUT', path, { schedule: 'CRON_TZ=Europe/Oslo 30 2 * * *' });
    expect([set.status, set.body]).toMatchObject([
      200,
      { user_set: true, time: '02:30', timezone: 'Europe/Oslo', next: '2026-01-16T01:30:00.000Z' },
    ]);
  });

  it('must be daily at a single time: any other is a 500', async () => {
    for (const schedule of ['0 0 * * 1', '0 0,1 * * *', '60 0 * * *', 'CRON_TZ=Nowhere/No 0 0 * * *', 'x']) {
      expect((await call('PUT', path, { schedule })).status, schedule).toBe(500);
    }
    expect((await call('PUT', path, {})).status).toBe(400);
  });

  it('answer 403 to users who may not choose, 404 without any, 403 without the licence', async () => {
    simulator.admin.set({ quietHours: { userCanSet: false } });
    expect((await call('PUT', path, { schedule: '0 0 * * *' })).status).toBe(403);
    simulator.admin.set({ quietHours: { schedule: '' } });
    expect((await call('GET', path)).status).toBe(404);
    simulator.admin.set({ features: { advanced_template_scheduling: false } });
    expect((await client(simulator, '')('GET', path)).status).toBe(403);
  });
});

describe('the quota of workspaces', () => {
  it("adds up what the user's groups allow, Everyone included, and is without end without the licence", async () => {
    const { id } = simulator.admin.createGroup({ name: 'devs', quota_allowance: 20 });
    simulator.admin.addToGroup(id, 'ann');
    await call('PATCH', `/groups/${simulator.state.defaultOrganization.id}`, { quota_allowance: 3 });
    const paths = ['/workspace-quota/ann', '/organizations/default/members/ann/workspace-quota'];
    for (const path of paths) {
      expect((await call('GET', path)).body).toEqual({ credits_consumed: 0, budget: 23 });
    }
    simulator.admin.set({ features: { template_rbac: false } });
    expect((await call('GET', '/workspace-quota/ann')).body['budget']).toBe(-1);
  });
});
