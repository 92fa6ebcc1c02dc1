import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../index.js';
import { type Client, client } from '../../testing.js';

let simulator: Simulator;
let call: Client;
beforeEach(async () => {
  simulator = await startSimulator();
  call = client(simulator);
});
afterEach(() => simulator.close());

const ORGANIZATION = '/settings/idpsync/organization';
const GROUPS = '/organizations/default/settings/idpsync/groups';
const ROLES = '/organizations/default/settings/idpsync/roles';
const [A, B] = ['aaaaaaaa-0000-4000-8000-000000000000', 'bbbbbbbb-0000-4000-8000-000000000000'];

async function member(...roles: string[]): Promise<Client> {
  simulator.admin.createUser({ username: 'caller', email: 'caller@x.io', roles });
  return client(simulator, simulator.admin.createToken('caller'));
}

describe('the settings of group sync', () => {
  it('read as unset until they are saved, and in the default organization as the flags', async () => {
    expect((await call('GET', GROUPS)).body).toEqual({
      field: '',
      mapping: null,
      regex_filter: null,
      auto_create_missing_groups: false,
    });
    simulator.admin.set({ oidc: { groupField: 'grp', groupRegexFilter: '^x', groupMapping: { a: 'b' } } });
    expect((await call('GET', GROUPS)).body).toMatchObject({
      field: 'grp',
      regex_filter: '^x',
      legacy_group_name_mapping: { a: 'b' },
    });
    simulator.admin.createOrganization('labs');
    const labs = await call('GET', '/organizations/labs/settings/idpsync/groups');
    expect(labs.body).toMatchObject({ field: '', regex_filter: null });
  });

  it('are replaced as a whole', async () => {
    const whole = { field: 'g', mapping: { eng: [A] }, regex_filter: '^e', auto_create_missing_groups: true };
    expect((await call('PATCH', GROUPS, whole)).body).toEqual(whole);
    expect((await call('PATCH', GROUPS, { field: 'h' })).body).toEqual({
      field: 'h',
      mapping: {},
      regex_filter: null,
      auto_create_missing_groups: false,
    });
  });

  it('keep the mapping when the rest is changed, and the rest when the mapping is', async () => {
    await call('PATCH', GROUPS, { field: 'g', mapping: { eng: [A] } });
    const config = { field: 'h', regex_filter: 'x', auto_create_missing_groups: true };
    expect((await call('PATCH', `${GROUPS}/config`, config)).body).toEqual({
      ...config,
      mapping: { eng: [A] },
    });
    const add = [
      { Given: 'eng', Gets: B },
      { given: 'eng', gets: A },
      { Given: 'ops', Gets: A },
    ];
    const remove = [{ Given: 'ops', Gets: A }];
    for (let i = 0; i < 2; i += 1) {
      const { body } = await call('PATCH', `${GROUPS}/mapping`, { add, remove });
      expect(body).toEqual({ ...config, mapping: { eng: [A, B], ops: [] } });
    }
  });

  it.each([
    ['an expression that RE2 refuses', { regex_filter: '(?=a)' }, 'valid JSON'],
    ['an expression that is an object', { regex_filter: {} }, 'valid JSON'],
    ['a mapping to names', { mapping: { eng: ['devs'] } }, 'valid JSON'],
    ['a legacy mapping', { legacy_group_name_mapping: { a: 'b' } }, 'legacy_group_name_mapping'],
  ])('refuse %s with 400', async (_, body, message) => {
    const answer = await call('PATCH', GROUPS, body);
    expect([answer.status, String(answer.body['message'])]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('the settings of role and organization sync', () => {
  it('take names of roles as they come', async () => {
    const whole = { field: 'r', mapping: { a: ['no-such-role'] } };
    expect((await call('PATCH', ROLES, whole)).body).toEqual(whole);
    expect((await call('PATCH', `${ROLES}/config`, { field: 's' })).body).toEqual({ ...whole, field: 's' });
    const add = [{ Given: 'b', Gets: 'organization-admin' }];
    expect((await call('PATCH', `${ROLES}/mapping`, { add })).body['mapping']).toEqual({
      a: ['no-such-role'],
      b: ['organization-admin'],
    });
  });

  it('spell the assignment of the default organization in two ways', async () => {
    expect((await call('GET', ORGANIZATION)).body).toEqual({
      field: '',
      mapping: null,
      organization_assign_default: true,
    });
    const whole = { field: 'o', mapping: { a: [A] }, organization_assign_default: true };
    expect((await call('PATCH', ORGANIZATION, whole)).body).toEqual(whole);
    const config = { field: 'p', assign_default: false };
    expect((await call('PATCH', `${ORGANIZATION}/config`, config)).body).toEqual({
      field: 'p',
      mapping: { a: [A] },
      organization_assign_default: false,
    });
    const remove = [{ Given: 'a', Gets: A }];
    expect((await call('PATCH', `${ORGANIZATION}/mapping`, { remove })).body['mapping']).toEqual({ a: [] });
  });

  it('block what an administrator would edit by hand', async () => {
    simulator.admin.createUser({ username: 'ann', email: 'ann@x.io', login_type: 'oidc' });
    await call('PATCH', ROLES, { field: 'r' });
    const put = await call('PUT', '/organizations/default/members/ann/roles', { roles: [] });
    expect(put.status).toBe(400);
    simulator.admin.set({ oidc: { userRoleField: 'roles' } });
    expect((await call('PUT', '/users/ann/roles', { roles: [] })).status).toBe(400);
  });

  it('are forbidden to whom may not manage them, and not there in releases before them', async () => {
    const plain = await member('auditor');
    for (const path of [ORGANIZATION, GROUPS, ROLES]) {
      expect((await plain('GET', path)).status).toBe(403);
      expect((await plain('PATCH', path, {})).status).toBe(403);
    }
    simulator.admin.setRoles('caller', ['user-admin']);
    expect((await plain('PATCH', GROUPS, { field: 'g' })).status).toBe(200);
    simulator.admin.set({ profile: 's-new' });
    expect((await call('GET', GROUPS)).status).toBe(200);
    expect((await call('GET', ORGANIZATION)).status).toBe(404);
    expect((await call('PATCH', `${GROUPS}/config`, {})).status).toBe(404);
  });
});
