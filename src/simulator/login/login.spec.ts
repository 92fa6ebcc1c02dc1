import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { type LoginResult, type Simulator, startSimulator } from '../index.js';
import { client } from '../testing.js';
import { claimValues } from './claims.js';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.close());

function login(claims: JsonObject = {}, email = 'ann@x.io'): LoginResult {
  return simulator.admin.login({ sub: email, email, ...claims });
}
const group = (name: string, organization?: string): string =>
  simulator.admin.createGroup({ name }, organization).id;
const groups = (user = 'ann'): string[] => {
  const ids = simulator.state.groupIdsOf(simulator.admin.user(user).id);
  return [...ids].map((id) => simulator.state.groups.get(id)?.name ?? id).toSorted();
};
const roles = (user = 'ann'): readonly string[] | undefined => {
  const { defaultOrganization, members } = simulator.state;
  return members.get(defaultOrganization.id)?.get(simulator.admin.user(user).id)?.roles;
};
const organizations = (user = 'ann'): (string | undefined)[] =>
  [...(simulator.state.organizationsOf.get(simulator.admin.user(user).id) ?? [])]
    .map((id) => simulator.state.organizations.get(id)?.name)
    .toSorted();

describe('the values of a claim', () => {
  it.each([
    [null, []],
    ['', []],
    ['one two', ['one two']],
    [
      ['b', 'a', 'b'],
      ['b', 'a', 'b'],
    ],
    [[], []],
  ])('of %o are %o', (value, values) => {
    expect(claimValues({ c: value }, 'c')).toEqual({ kind: 'values', values });
  });

  it.each([['a,b'], [7], [true], [{}], [['a', 1]]])('of %o cannot be read', (value) => {
    expect(claimValues({ c: value }, 'c').kind).toBe('unreadable');
  });

  it('are looked up by the exact name, and are no part of the claims', () => {
    expect(claimValues({ a: { b: ['x'] } }, 'a.b').kind).toBe('missing');
    expect(claimValues({}, 'constructor').kind).toBe('missing');
    const list = ['x'];
    const read = claimValues({ c: list }, 'c');
    list.push('y');
    expect(read).toEqual({ kind: 'values', values: ['x'] });
  });
});

describe('a login', () => {
  it('creates an active user in the default organization, whose token works', async () => {
    const result = login({ name: '  Ann A ', preferred_username: 'ann.a@x.io', picture: 'http://p' });
    expect(result.user).toMatchObject({
      username: 'anna',
      status: 'active',
      name: 'Ann A',
      avatar_url: 'http://p',
    });
    const token = 'token' in result ? result.token : '';
    expect((await client(simulator, token)('GET', '/users/me')).body['username']).toBe('anna');
    expect(organizations('anna')).toEqual(['coder']);
  });

  it('finds the person by subject, then by email, changes the email and never the username', () => {
    simulator.admin.createUser({
      username: 'annie',
      email: 'Ann@x.io',
      login_type: 'oidc',
      status: 'dormant',
    });
    expect(login({ sub: '1' }).user).toMatchObject({ username: 'annie', status: 'active' });
    const moved = simulator.admin.login({ sub: '1', email: 'new@x.io', preferred_username: 'new' });
    expect(moved.user).toMatchObject({ username: 'annie', email: 'new@x.io' });
    expect(simulator.state.users.size).toBe(2);
  });

  it('gives another name to whom somebody else has taken it from', () => {
    simulator.admin.createUser({ username: 'ann', email: 'other@x.io' });
    expect(login().user?.username).toMatch(/^ann-\w+$/);
  });

  it.each<readonly [string, JsonObject, number, () => void]>([
    ['no email', { email: '' }, 400, () => undefined],
    ['an unverified email', { email_verified: false }, 403, () => undefined],
    ['another domain', {}, 403, () => simulator.admin.set({ oidc: { emailDomains: ['y.io'] } })],
    [
      'an account with a password',
      {},
      403,
      () => void simulator.admin.createUser({ username: 'ann', email: 'ann@x.io', login_type: 'password' }),
    ],
    ['no signups', {}, 403, () => simulator.admin.set({ oidc: { allowSignups: false } })],
    [
      'no group that may',
      { groups: ['b'] },
      403,
      () => simulator.admin.set({ oidc: { groupField: 'groups', allowedGroups: ['a'] } }),
    ],
    [
      'no claim of groups',
      {},
      403,
      () => simulator.admin.set({ oidc: { groupField: 'groups', allowedGroups: ['a'] } }),
    ],
    [
      'groups that cannot be read',
      { groups: 'a,b' },
      400,
      () => simulator.admin.set({ oidc: { groupField: 'groups', allowedGroups: ['a'] } }),
    ],
    [
      'site roles that cannot be read',
      { r: 7 },
      500,
      () => simulator.admin.set({ oidc: { userRoleField: 'r' } }),
    ],
    [
      'organizations that cannot be read',
      { o: 7 },
      500,
      () => simulator.admin.setOrganizationSync({ field: 'o' }),
    ],
  ])('is refused with %s, and writes nothing', (_, claims, status, arrange) => {
    arrange();
    const users = simulator.state.users.size;
    expect(login(claims).status).toBe(status);
    expect(simulator.state.users.size).toBe(users);
  });

  it('of a suspended user is refused in 2026, and before that gives a token that does not work', async () => {
    login();
    simulator.admin.suspend('ann');
    const result = login();
    const token = 'token' in result ? result.token : '';
    expect((await client(simulator, token)('GET', '/users/me')).status).toBe(401);
    simulator.admin.set({ profile: 'n26-scim2' });
    expect(login().status).toBe(403);
  });
});

describe('the sync of groups', () => {
  it('joins, stays and leaves, those too that were joined by hand; Everyone always stays', () => {
    for (const name of ['a', 'b', 'c']) group(name);
    simulator.admin.setGroupSync({ field: 'groups' });
    login({ groups: ['a', 'b', 'Everyone', 'unknown', 'A'] });
    expect(groups()).toEqual(['a', 'b']);
    simulator.admin.addToGroup('c', 'ann');
    login({ groups: 'b' });
    expect(groups()).toEqual(['b']);
    expect(simulator.admin.membersOf('Everyone')).toContain('ann');
    login({ groups: 'a,b' });
    expect(groups(), 'what cannot be read changes nothing').toEqual(['b']);
    login();
    expect(groups(), 'a missing claim leaves all').toEqual([]);
  });

  it('maps values to ids, an empty list to none, and leaves dead ids aside', () => {
    const [a, b] = [group('a'), group('b')];
    const dead = group('dead');
    simulator.admin.deleteGroup(dead);
    group('none');
    simulator.admin.setGroupSync({ field: 'g', mapping: { eng: [a, b, dead], none: [], b: [a] } });
    login({ g: ['eng', 'none'] });
    expect(groups()).toEqual(['a', 'b']);
    login({ g: ['b'] });
    expect(groups(), 'the mapping goes before the name').toEqual(['a']);
  });

  it('filters renamed values before it creates groups, past the rules for names', () => {
    const oidc = { groupField: 'g', groupRegexFilter: '^eng', groupAutoCreate: true };
    simulator.admin.set({ oidc: { ...oidc, groupMapping: { raw: 'eng of raw' } } });
    login({ g: ['raw', 'ops', 'engine', 'engine'] });
    expect(groups()).toEqual(['eng of raw', 'engine']);
    expect(simulator.admin.group('eng of raw').source).toBe('oidc');
  });

  it('goes organization by organization, and changes nothing where it is not set or not licensed', () => {
    simulator.admin.createOrganization('labs');
    group('a');
    group('a', 'labs');
    simulator.admin.setGroupSync({ field: 'g' }, 'labs');
    login();
    simulator.admin.addToOrganization('ann', 'labs');
    simulator.admin.addToGroup('a', 'ann');
    login({ g: ['a'] });
    expect(groups()).toEqual(['a', 'a']);
    simulator.admin.set({ features: { template_rbac: false } });
    login({ g: [] });
    expect(groups()).toEqual(['a', 'a']);
    simulator.admin.set({ features: { template_rbac: true } });
    login({ g: [] });
    expect(groups()).toEqual(['a']);
  });
});

describe('the sync of roles', () => {
  it('takes mapped or raw names that are roles of the organization, and drops all others', async () => {
    simulator.admin.setRoleSync({
      field: 'r',
      mapping: { boss: ['organization-admin', 'gone'], nobody: [] },
    });
    await client(simulator)('POST', '/organizations/default/members/roles', { name: 'ops' });
    login({ r: ['boss', 'nobody', 'owner', 'ops', 'ops', 'organization-member'] });
    expect(roles()).toEqual(['ops', 'organization-admin']);
    login({ r: 7 });
    expect(roles(), 'what cannot be read changes nothing').toEqual(['ops', 'organization-admin']);
    await client(simulator)('DELETE', '/organizations/default/members/roles/ops');
    login({ r: ['ops'] });
    expect(roles()).toEqual([]);
    login({ r: ['boss'] });
    login();
    expect(roles(), 'a missing claim takes all').toEqual([]);
  });

  it('of the site replaces all, and falls back to the defaults', () => {
    const oidc = {
      userRoleField: 'r',
      userRoleDefault: ['auditor'],
      userRoleMapping: { boss: ['owner'], x: [] },
    };
    simulator.admin.set({ oidc });
    expect(login({ r: ['boss', 'x', 'member', 'organization-admin'] }).user?.roles).toEqual([
      'auditor',
      'owner',
    ]);
    expect(login().user?.roles).toEqual(['auditor']);
  });
});

describe('the sync of organizations', () => {
  it('maps ids only, drops dead ones, and takes groups and roles along when it removes', () => {
    const labs = simulator.admin.createOrganization('labs').id;
    const devs = group('devs', 'labs');
    const dead = '11111111-1111-4111-8111-111111111111';
    simulator.admin.setOrganizationSync({ field: 'o', mapping: { l: [labs, labs, dead] } });
    login({ o: ['l', 'l', 'coder', 'labs2'] });
    expect(organizations()).toEqual(['coder', 'labs']);
    simulator.admin.addToGroup(devs, 'ann');
    login({ o: [] });
    expect([organizations(), groups()]).toEqual([['coder'], []]);
    simulator.admin.setOrganizationSync({ field: 'o', organization_assign_default: false });
    login();
    expect(organizations()).toEqual([]);
    simulator.admin.setOrganizationSync({ field: '' });
    login();
    expect(organizations(), 'without a field nothing changes').toEqual([]);
  });

  it('is the flags until it is set, and comes before groups', () => {
    const labs = simulator.admin.createOrganization('labs').id;
    group('a', 'labs');
    simulator.admin.setGroupSync({ field: 'g' }, 'labs');
    simulator.admin.set({ oidc: { organizationField: 'o', organizationMapping: { l: [labs] } } });
    login({ o: 'l', g: 'a' });
    expect([organizations(), groups()]).toEqual([['coder', 'labs'], ['a']]);
  });
});

describe('after logins', () => {
  it('the claims can be looked up, and nothing but the account was audited', async () => {
    login({ groups: ['a', 'b'], level: 3 });
    login({ groups: ['b', 'c'] }, 'bob@x.io');
    const call = client(simulator);
    const base = '/organizations/default/settings/idpsync';
    expect((await call('GET', `${base}/available-fields`)).body).toEqual(['email', 'groups', 'level', 'sub']);
    for (const path of [base, '/settings/idpsync']) {
      const { body } = await call('GET', `${path}/field-values?claimField=groups`);
      expect(body).toEqual(['a', 'b', 'c']);
      expect((await call('GET', `${path}/field-values`)).status).toBe(400);
    }
    expect(simulator.ledger.rows.map((row) => `${row.action} ${row.resource_type}`)).toEqual([
      'create user',
      'login api_key',
      'create user',
      'login api_key',
    ]);
  });
});
