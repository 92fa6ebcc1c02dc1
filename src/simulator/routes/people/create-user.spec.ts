import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../index.js';
import { type Client, client } from '../../testing.js';

let simulator: Simulator;
let call: Client;
let organization: string;
beforeEach(async () => {
  simulator = await startSimulator();
  call = client(simulator);
  organization = simulator.state.defaultOrganization.id;
});
afterEach(() => simulator.close());

function ann(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    email: 'ann@x.io',
    username: 'ann',
    login_type: 'oidc',
    organization_ids: [organization],
    ...more,
  };
}

describe('creating a user', () => {
  it('makes it dormant by default, in its organizations, and notifies once', async () => {
    const { status, body } = await call('POST', '/users', ann({ name: 'Ann A' }));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      username: 'ann',
      name: 'Ann A',
      status: 'dormant',
      login_type: 'oidc',
      roles: [],
    });
    expect(body['organization_ids']).toEqual([organization]);
    expect(simulator.ledger.notified('user created')).toBe(1);
  });

  it('takes a status, the nil uuid for the default organization, and the older organization_id', async () => {
    const nil = '00000000-0000-0000-0000-000000000000';
    const first = await call('POST', '/users', ann({ user_status: 'active', organization_ids: [nil] }));
    expect(first.body).toMatchObject({ status: 'active', organization_ids: [organization] });
    const other = { email: 'bob@x.io', username: 'bob', organization_ids: [], organization_id: organization };
    expect((await call('POST', '/users', ann(other))).body).toMatchObject({
      organization_ids: [organization],
    });
  });

  it('takes anybody over the licence’s seats, and login types none and github', async () => {
    for (const type of ['none', 'github']) {
      expect(
        (await call('POST', '/users', ann({ login_type: type, username: type, email: `${type}@x.io` })))
          .status,
      ).toBe(201);
    }
  });

  it.each([
    [{ username: 'a.b' }, 'username'],
    [{ username: 'new' }, 'username'],
    [{ username: 'a'.repeat(33) }, 'username'],
    [{ username: '' }, 'username'],
    [{ email: 'ann' }, 'email'],
    [{ email: '' }, 'email'],
    [{ name: ' Ann' }, 'name'],
    [{ name: 'a'.repeat(129) }, 'name'],
  ])('validates %j and names the field', async (fields, field) => {
    const { status, body } = await call('POST', '/users', ann(fields));
    expect([status, body['validations']]).toMatchObject([400, [{ field }]]);
  });

  it('says the same of a taken email and a taken username, in any case', async () => {
    await call('POST', '/users', ann());
    const email = await call('POST', '/users', ann({ email: 'ANN@x.io', username: 'other' }));
    const username = await call('POST', '/users', ann({ email: 'other@x.io', username: 'Ann' }));
    expect([email.status, username.status]).toEqual([409, 409]);
    expect(email.body).toEqual(username.body);
  });

  it('answers the first hit of its checks, in their order', async () => {
    await call('POST', '/users', ann());
    simulator.admin.set({ passwordAuthDisabled: true, oidcConfigured: false });
    const unknown = '11111111-1111-4111-8111-111111111111';
    // Each request has every later fault too.
    const faults = { organization_ids: [] as string[], login_type: 'oidc' };
    expect(
      (await call('POST', '/users', { ...ann(faults), password: 'x', username: 'a b' })).body['message'],
    ).toContain('Validation');
    expect((await call('POST', '/users', { ...ann(faults), password: 'x' })).body['message']).toContain(
      'Password cannot be set',
    );
    expect((await call('POST', '/users', ann({ ...faults, login_type: '' }))).status).toBe(403);
    const noOrganization = await call('POST', '/users', ann(faults));
    expect([noOrganization.status, noOrganization.body['validations']]).toMatchObject([
      400,
      [{ field: 'organization_ids' }],
    ]);
    expect((await call('POST', '/users', ann({ organization_ids: [unknown] }))).status).toBe(409);
    const free = { username: 'bob', email: 'bob@x.io' };
    expect((await call('POST', '/users', ann({ ...free, organization_ids: [unknown] }))).status).toBe(404);
    expect((await call('POST', '/users', ann(free))).body['message']).toContain('configure OIDC');
  });

  it('grades passwords, and refuses login types that cannot be made by hand', async () => {
    const weak = await call('POST', '/users', ann({ login_type: 'password', password: 'x' }));
    expect([weak.status, weak.body['validations']]).toMatchObject([400, [{ field: 'password' }]]);
    expect((await call('POST', '/users', ann({ login_type: 'token' }))).status).toBe(400);
    expect(
      (await call('POST', '/users', ann({ login_type: '', password: 'SomeLongPassword!1' }))).body[
        'login_type'
      ],
    ).toBe('password');
  });

  it('keeps passwords out of the call log', async () => {
    await call('POST', '/users', ann({ login_type: 'password', password: 'SomeLongPassword!1' }));
    expect(JSON.stringify(simulator.calls.all())).not.toContain('SomeLongPassword');
  });

  it('makes one user of twenty requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('POST', '/users', ann())));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(19).fill(409)]);
  });

  it('puts users without an organization into the default one in the oldest profile', async () => {
    simulator.admin.set({ profile: 's-old' });
    expect((await call('POST', '/users', ann({ organization_ids: [] }))).body['organization_ids']).toEqual([
      organization,
    ]);
  });
});

describe('roles of a user', () => {
  beforeEach(() => void simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' }));

  it('are read with the organization’s and replaced as a whole, without doubles', async () => {
    expect(
      (await call('PUT', '/users/ann/roles', { roles: ['auditor', 'auditor', 'template-admin'] })).body[
        'roles'
      ],
    ).toEqual([
      { name: 'auditor', display_name: 'Auditor' },
      { name: 'template-admin', display_name: 'Template Admin' },
    ]);
    await call('PUT', `/organizations/default/members/ann/roles`, { roles: ['organization-admin'] });
    expect((await call('GET', '/users/ann/roles')).body).toEqual({
      roles: ['auditor', 'template-admin'],
      organization_roles: { [organization]: ['organization-admin'] },
    });
    expect((await call('PUT', '/users/ann/roles', { roles: [] })).body['roles']).toEqual([]);
  });

  it('refuses unknown ones and one’s own', async () => {
    const unknown = await call('PUT', '/users/ann/roles', { roles: ['king'] });
    expect([unknown.status, String(unknown.body['message'])]).toEqual([
      400,
      expect.stringContaining('is not a supported role'),
    ]);
    expect((await call('PUT', '/users/me/roles', { roles: [] })).status).toBe(400);
  });

  it('are closed for OIDC users while role sync is on', async () => {
    simulator.admin.set({ siteRoleSync: true });
    expect((await call('PUT', '/users/ann/roles', { roles: ['auditor'] })).status).toBe(400);
    simulator.admin.updateUser('ann', { login_type: 'password' });
    expect((await call('PUT', '/users/ann/roles', { roles: ['auditor'] })).status).toBe(200);
    simulator.admin.updateUser('ann', { login_type: 'oidc' });
    simulator.admin.set({ features: { user_role_management: false } });
    expect((await call('PUT', '/users/ann/roles', { roles: [] })).status).toBe(200);
  });

  it('lists the assignable ones', async () => {
    const { body } = await call<{ name: string }[]>('GET', '/users/roles');
    expect(body.map(({ name }) => name)).toEqual(['owner', 'user-admin', 'template-admin', 'auditor']);
  });
});
