import { groupRow, userRow } from '../fake-coder.js';
import { answer, done, noContent, operation, type Operation } from './operation.js';

const ann = userRow('ann');
const readAnn = { id: 'id-ann', username: 'ann', email: 'ann@example.com', status: 'dormant', roles: [] };
/** A user of 2023: roles without an organization, no name, no updated_at. */
const oldAnn = {
  id: 'id-ann',
  username: 'ann',
  email: 'ann@example.com',
  status: 'active',
  created_at: '2023-09-01T00:00:00Z',
  last_seen_at: '2023-09-01T00:00:00Z',
  login_type: 'oidc',
  organization_ids: ['o1'],
  roles: [{ name: 'owner', display_name: 'Owner' }],
};
const reduced = {
  id: 'id-ann',
  username: 'ann',
  email: 'ann@example.com',
  status: 'active',
  created_at: '2026-01-01T00:00:00Z',
};
const organization = { id: 'o1', name: 'coder', display_name: 'Coder', is_default: true };
const role = { name: 'organization-admin', display_name: 'Admin', organization_id: 'o1' };
const member = { user_id: 'u1', organization_id: 'o1', roles: [role] };
const apiKey = {
  id: 'abcdefghij',
  user_id: 'u1',
  last_used: '2026-01-01T00:00:00Z',
  expires_at: '2026-02-01T00:00:00Z',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  login_type: 'token',
  scope: 'all',
  token_name: 'bridge',
  lifetime_seconds: 2_592_000,
};
const readKey = { id: 'abcdefghij', expires_at: '2026-02-01T00:00:00Z', token_name: 'bridge' };

const users: readonly Operation[] = [
  operation('listUsers', [{ q: 'a b', limit: 2, offset: 4 }], 'GET /api/v2/users?q=a+b&limit=2&offset=4', [
    answer(200, { users: [ann], count: 9 }, { users: [readAnn], count: 9 }),
    answer(200, { users: [oldAnn], count: 1 }, { users: [{ ...oldAnn }], count: 1 }),
  ]),
  operation('getUser', ['u/1'], 'GET /api/v2/users/u%2F1', answer(200, ann, readAnn)),
  operation(
    'createUser',
    [
      {
        email: 'a@x.io',
        username: 'ann',
        login_type: 'oidc',
        user_status: 'dormant',
        organization_ids: ['o1'],
      },
    ],
    'POST /api/v2/users',
    answer(201, ann, readAnn),
    {
      email: 'a@x.io',
      username: 'ann',
      login_type: 'oidc',
      user_status: 'dormant',
      organization_ids: ['o1'],
    },
  ),
  operation(
    'updateUserProfile',
    ['u/1', { username: 'ann', name: '' }],
    'PUT /api/v2/users/u%2F1/profile',
    answer(200, ann, readAnn),
    { username: 'ann', name: '' },
  ),
  operation('suspendUser', ['u/1'], 'PUT /api/v2/users/u%2F1/status/suspend', answer(200, ann, readAnn)),
  operation('activateUser', ['u/1'], 'PUT /api/v2/users/u%2F1/status/activate', answer(200, ann, readAnn)),
  operation('deleteUser', ['u/1'], 'DELETE /api/v2/users/u%2F1', done),
  operation('getUserRoles', ['u/1'], 'GET /api/v2/users/u%2F1/roles', [
    answer(200, { roles: ['owner'], organization_roles: { o1: ['organization-admin'] } }),
    answer(200, { roles: null, organization_roles: null }, { roles: [], organization_roles: {} }),
  ]),
  operation(
    'updateUserRoles',
    ['u/1', { roles: ['auditor'] }],
    'PUT /api/v2/users/u%2F1/roles',
    answer(200, ann, readAnn),
    { roles: ['auditor'] },
  ),
  operation(
    'listUserOrganizations',
    ['u/1'],
    'GET /api/v2/users/u%2F1/organizations',
    answer(200, [organization]),
  ),
  operation('listSiteRoles', [], 'GET /api/v2/users/roles', [
    answer(200, [{ name: 'owner', display_name: 'Owner', assignable: true, built_in: true }]),
    answer(200, [{ name: 'owner', display_name: 'Owner', assignable: true }]),
  ]),
  operation('authMethods', [], 'GET /api/v2/users/authmethods', [
    answer(200, { password: { enabled: true }, github: { enabled: false }, oidc: { enabled: true } }),
    answer(200, { oidc: { enabled: true, signInText: 'x', iconUrl: '' } }, { oidc: { enabled: true } }),
  ]),
];

const keys: readonly Operation[] = [
  operation(
    'listTokens',
    ['u/1', { include_all: false, include_expired: true }],
    'GET /api/v2/users/u%2F1/keys/tokens?include_all=false&include_expired=true',
    [answer(200, [{ ...apiKey, username: 'ann' }], [{ ...readKey, username: 'ann' }]), answer(200, null, [])],
  ),
  operation(
    'createToken',
    ['u/1', { token_name: 'bridge', lifetime: 1_000_000_000 }],
    'POST /api/v2/users/u%2F1/keys/tokens',
    answer(201, { key: 'abcdefghij-0123456789012345678901' }),
    { token_name: 'bridge', lifetime: 1_000_000_000 },
  ),
  operation('getKey', ['me', 'k/1'], 'GET /api/v2/users/me/keys/k%2F1', answer(200, apiKey, readKey)),
  operation('deleteKey', ['u/1', 'k/1'], 'DELETE /api/v2/users/u%2F1/keys/k%2F1', noContent),
  operation(
    'tokenConfig',
    ['u/1'],
    'GET /api/v2/users/u%2F1/keys/tokens/tokenconfig',
    answer(200, { max_token_lifetime: 1 }),
  ),
];

const organizations: readonly Operation[] = [
  operation('listOrganizations', [], 'GET /api/v2/organizations', answer(200, [organization])),
  operation('getOrganization', ['o/1'], 'GET /api/v2/organizations/o%2F1', [
    answer(200, organization),
    answer(200, { id: 'o1', name: 'coder' }, { id: 'o1', name: 'coder', is_default: false }),
  ]),
  operation('createOrganization', [{ name: 'x' }], 'POST /api/v2/organizations', answer(201, organization), {
    name: 'x',
  }),
  operation(
    'updateOrganization',
    ['o/1', { display_name: 'X' }],
    'PATCH /api/v2/organizations/o%2F1',
    answer(200, organization),
    { display_name: 'X' },
  ),
  operation('deleteOrganization', ['o/1'], 'DELETE /api/v2/organizations/o%2F1', done),
];

const members: readonly Operation[] = [
  operation(
    'listMembers',
    ['o/1', { limit: 2, offset: 4 }],
    'GET /api/v2/organizations/o%2F1/paginated-members?limit=2&offset=4',
    answer(
      200,
      { members: [{ ...member, username: 'ann', email: 'ann@example.com' }], count: 9 },
      { members: [{ user_id: 'u1', username: 'ann', roles: [{ name: 'organization-admin' }] }], count: 9 },
    ),
  ),
  operation('addMember', ['o/1', 'u/1'], 'POST /api/v2/organizations/o%2F1/members/u%2F1', {
    status: 200,
    body: member,
    gives: undefined,
  }),
  operation('removeMember', ['o/1', 'u/1'], 'DELETE /api/v2/organizations/o%2F1/members/u%2F1', noContent),
  operation(
    'updateMemberRoles',
    ['o/1', 'u/1', { roles: [] }],
    'PUT /api/v2/organizations/o%2F1/members/u%2F1/roles',
    answer(200, member, { user_id: 'u1', roles: [{ name: 'organization-admin' }] }),
    { roles: [] },
  ),
  operation('listOrganizationRoles', ['o/1'], 'GET /api/v2/organizations/o%2F1/members/roles', [
    answer(
      200,
      [{ ...role, assignable: true, built_in: true, site_permissions: null }],
      [{ ...role, assignable: true }],
    ),
    answer(200, [{ name: 'organization-admin:o1', display_name: 'Admin', assignable: true }]),
  ]),
  operation(
    'createOrganizationRole',
    ['o/1', { name: 'x' }],
    'POST /api/v2/organizations/o%2F1/members/roles',
    answer(200, {
      name: 'x',
      organization_permissions: [{ negate: false, resource_type: 'file', action: 'read' }],
    }),
    { name: 'x' },
  ),
  operation(
    'updateOrganizationRole',
    ['o/1', { name: 'x' }],
    'PUT /api/v2/organizations/o%2F1/members/roles',
    answer(200, { name: 'x' }),
    { name: 'x' },
  ),
  operation(
    'deleteOrganizationRole',
    ['o/1', 'r/1'],
    'DELETE /api/v2/organizations/o%2F1/members/roles/r%2F1',
    noContent,
  ),
];

const eng = groupRow('eng', { members: [reduced], total_member_count: 1 });
const readEng = { id: 'id-eng', name: 'eng', members: [reduced], total_member_count: 1, source: 'user' };
/** A group of 2023 embeds whole users, and counts nobody. */
const {
  total_member_count: _count,
  organization_name: _name,
  ...oldEng
} = groupRow('eng', { members: [oldAnn] });
const readOldEng = { id: 'id-eng', members: [{ id: 'id-ann', status: 'active' }], quota_allowance: 0 };
const bothEditions = [answer(200, eng, readEng), answer(200, oldEng, readOldEng)];

const groups: readonly Operation[] = [
  operation(
    'findGroups',
    [{ organization: 'coder', has_member: 'ann' }],
    'GET /api/v2/groups?organization=coder&has_member=ann',
    answer(200, [eng], [readEng]),
  ),
  operation('listGroups', ['o/1'], 'GET /api/v2/organizations/o%2F1/groups', [
    answer(200, [eng], [readEng]),
    answer(200, [oldEng], [readOldEng]),
  ]),
  operation('getGroup', ['g/1'], 'GET /api/v2/groups/g%2F1', bothEditions),
  operation('getGroupByName', ['o/1', 'g/1'], 'GET /api/v2/organizations/o%2F1/groups/g%2F1', bothEditions),
  operation(
    'createGroup',
    ['o/1', { name: 'eng' }],
    'POST /api/v2/organizations/o%2F1/groups',
    answer(201, eng, readEng),
    {
      name: 'eng',
    },
  ),
  operation('patchGroup', ['g/1', { add_users: ['u1'] }], 'PATCH /api/v2/groups/g%2F1', bothEditions, {
    add_users: ['u1'],
  }),
  operation('deleteGroup', ['g/1'], 'DELETE /api/v2/groups/g%2F1', done),
  operation(
    'listGroupMembers',
    ['g/1', { limit: 1 }],
    'GET /api/v2/groups/g%2F1/members?limit=1',
    answer(200, { users: [reduced], count: 3 }),
  ),
  operation(
    'listGroupMembersByName',
    ['o/1', 'g/1'],
    'GET /api/v2/organizations/o%2F1/groups/g%2F1/members',
    answer(200, { users: [], count: 0 }),
  ),
  operation(
    'listGroupsPage',
    ['o/1', { offset: 5 }],
    'GET /api/v2/organizations/o%2F1/paginated-groups?offset=5',
    answer(200, { groups: [eng], count: 6 }, { groups: [readEng], count: 6 }),
  ),
];

/** Users, their keys, organizations, members and groups. */
export const peopleOperations: readonly Operation[] = [
  ...users,
  ...keys,
  ...organizations,
  ...members,
  ...groups,
];
