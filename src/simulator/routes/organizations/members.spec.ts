import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../index.js';
import { type Client, client } from '../../testing.js';

let simulator: Simulator;
let call: Client;
beforeEach(async () => {
  simulator = await startSimulator();
  call = client(simulator);
  simulator.admin.createUser({ username: 'ann', email: 'ann@x.io', organization_ids: [] });
});
afterEach(() => simulator.close());

const MEMBERS = '/organizations/default/members';

describe('organizations', () => {
  it('are found by uuid, name in any case, default and the nil uuid; else 404', async () => {
    const { id } = simulator.state.defaultOrganization;
    for (const name of [id, 'coder', 'CODER', 'default', '00000000-0000-0000-0000-000000000000']) {
      expect((await call('GET', `/organizations/${name}`)).body).toMatchObject({
        id,
        name: 'coder',
        is_default: true,
      });
    }
    expect((await call('GET', '/organizations/nowhere')).status).toBe(404);
    expect((await call<unknown[]>('GET', '/organizations')).body).toHaveLength(1);
  });

  it('are created with an Everyone group of their own id', async () => {
    const { id } = simulator.admin.createOrganization('labs');
    expect((await call('GET', `/groups/${id}`)).body).toMatchObject({
      id,
      name: 'Everyone',
      organization_name: 'labs',
      display_name: '',
    });
  });
});

describe('members', () => {
  it('are added with 200, and a second time refused with 400', async () => {
    const added = await call('POST', `${MEMBERS}/ann`);
    expect([added.status, added.body]).toMatchObject([
      200,
      { user_id: simulator.admin.user('ann').id, roles: [] },
    ]);
    const again = await call('POST', `${MEMBERS}/ann`);
    expect([again.status, String(again.body['message'])]).toEqual([
      400,
      expect.stringContaining('already an organization member'),
    ]);
    expect(simulator.ledger.rows.filter((row) => row.resource_type === 'organization_member')).toHaveLength(
      1,
    );
  });

  it('answers 404 for an unknown organization and 400 for an unknown user', async () => {
    expect((await call('POST', '/organizations/nowhere/members/ann')).status).toBe(404);
    expect((await call('POST', `${MEMBERS}/nobody`)).status).toBe(400);
  });

  it('cannot be added to when organization sync is on and the user signs in by OIDC, but can be removed', async () => {
    await call('POST', `${MEMBERS}/ann`);
    simulator.admin.setOrganizationSync({ field: 'organizations' });
    expect((await call('DELETE', `${MEMBERS}/ann`)).status).toBe(204);
    const refused = await call('POST', `${MEMBERS}/ann`);
    expect([refused.status, String(refused.body['message'])]).toEqual([
      400,
      expect.stringContaining('Organization sync is enabled'),
    ]);
    simulator.admin.set({ features: { multiple_organizations: false } });
    expect((await call('POST', `${MEMBERS}/ann`)).status).toBe(200);
    simulator.admin.set({ features: { multiple_organizations: true } });
    simulator.admin.createUser({
      username: 'bob',
      email: 'bob@x.io',
      login_type: 'password',
      organization_ids: [],
    });
    expect((await call('POST', `${MEMBERS}/bob`)).status).toBe(200);
  });

  it('are removed with 204, out of all groups of that organization only', async () => {
    const other = simulator.admin.createOrganization('labs');
    for (const organization of ['default', 'labs'])
      await call('POST', `/organizations/${organization}/members/ann`);
    simulator.admin.createGroup({ name: 'devs' });
    const elsewhere = simulator.admin.createGroup({ name: 'devs' }, other.id);
    simulator.admin.addToGroup('devs', 'ann');
    simulator.admin.addToGroup(elsewhere.id, 'ann');
    expect((await call('DELETE', `${MEMBERS}/ann`)).status).toBe(204);
    expect(simulator.admin.membersOf('devs')).toEqual([]);
    expect(simulator.admin.membersOf(elsewhere.id)).toEqual(['ann']);
    expect((await call('DELETE', `${MEMBERS}/ann`)).status).toBe(404);
    expect((await call('DELETE', `${MEMBERS}/me`)).status).toBe(400);
  });

  it('are listed with their user’s data, whole or in pages by username', async () => {
    for (const name of ['Zoe', 'bob']) simulator.admin.createUser({ username: name, email: `${name}@x.io` });
    const { body } = await call<{ username: string; email: string; global_roles: unknown[] }[]>(
      'GET',
      MEMBERS,
    );
    expect(body.map(({ username }) => username).toSorted()).toEqual(['Zoe', 'bob', 'idp-bridge']);
    expect(body.find(({ username }) => username === 'idp-bridge')?.global_roles).toEqual([
      { name: 'owner', display_name: 'Owner' },
    ]);
    const page = await call<{ members: { username: string }[]; count: number }>(
      'GET',
      '/organizations/default/paginated-members?limit=2&offset=1',
    );
    expect(page.body.members.map(({ username }) => username)).toEqual(['idp-bridge', 'Zoe']);
    expect(page.body.count).toBe(3);
  });

  it('answers 500 past the last page', async () => {
    expect((await call('GET', '/organizations/default/paginated-members?limit=2&offset=1')).status).toBe(500);
    expect((await call('GET', '/organizations/default/paginated-members?limit=x')).status).toBe(400);
    simulator.admin.set({ profile: 's-old' });
    expect((await call('GET', '/organizations/default/paginated-members')).status).toBe(404);
  });

  it('are hidden when their user is deleted, though the row stays', async () => {
    await call('POST', `${MEMBERS}/ann`);
    const { id } = simulator.admin.user('ann');
    await call('DELETE', '/users/ann');
    expect((await call<unknown[]>('GET', MEMBERS)).body).toHaveLength(1);
    expect((await call('GET', `/users/${id}`)).body['organization_ids']).toHaveLength(1);
  });

  it('have roles that role sync closes for OIDC users of that organization', async () => {
    await call('POST', `${MEMBERS}/ann`);
    const roles = { roles: ['organization-auditor', 'organization-auditor'] };
    expect((await call('PUT', `${MEMBERS}/ann/roles`, roles)).body['roles']).toMatchObject([
      { name: 'organization-auditor' },
    ]);
    expect((await call('PUT', `${MEMBERS}/ann/roles`, { roles: ['king'] })).status).toBe(400);
    expect((await call('PUT', `${MEMBERS}/me/roles`, { roles: [] })).status).toBe(400);
    simulator.admin.setRoleSync({ field: 'roles' });
    expect((await call('PUT', `${MEMBERS}/ann/roles`, { roles: [] })).status).toBe(400);
    simulator.admin.createUser({ username: 'bob', email: 'bob@x.io', organization_ids: [] });
    expect((await call('PUT', `${MEMBERS}/bob/roles`, { roles: [] })).status).toBe(404);
  });
});

describe('settings of the login sync', () => {
  it('read as empty before they are saved, and as saved after', async () => {
    const groups = '/organizations/default/settings/idpsync/groups';
    expect((await call('GET', groups)).body).toEqual({
      field: '',
      mapping: null,
      regex_filter: null,
      auto_create_missing_groups: false,
    });
    expect((await call('GET', '/organizations/default/settings/idpsync/roles')).body).toEqual({
      field: '',
      mapping: null,
    });
    expect((await call('GET', '/settings/idpsync/organization')).body).toEqual({
      field: '',
      mapping: null,
      organization_assign_default: true,
    });
    simulator.admin.setGroupSync({ field: 'groups', regex_filter: '^eng-' });
    simulator.admin.setOrganizationSync({ field: 'orgs', organization_assign_default: false });
    expect((await call('GET', groups)).body).toMatchObject({ field: 'groups', regex_filter: '^eng-' });
    expect((await call('GET', '/settings/idpsync/organization')).body).toMatchObject({
      field: 'orgs',
      organization_assign_default: false,
    });
  });

  it('do not exist in the oldest profile', async () => {
    simulator.admin.set({ profile: 's-old' });
    expect((await call('GET', '/settings/idpsync/organization')).status).toBe(404);
  });
});
