import { groupRow, userRow } from '../fake-coder.js';
import { answer, done, noContent, operation, type Operation } from './operation.js';

const template = { id: 't1', name: 'docker', organization_id: 'o1', display_name: 'Docker' };
const build = {
  id: 'b1',
  workspace_id: 'w1',
  transition: 'stop',
  status: 'stopping',
  job: { id: 'j1', status: 'running' },
};
const workspace = {
  id: 'w1',
  name: 'dev',
  owner_id: 'u1',
  owner_name: 'ann',
  organization_id: 'o1',
  autostart_schedule: null,
  latest_build: build,
};
const { autostart_schedule: _none, ...readWorkspace } = workspace;

const templates: readonly Operation[] = [
  operation('listTemplates', ['o/1'], 'GET /api/v2/organizations/o%2F1/templates', answer(200, [template])),
  operation(
    'getTemplateByName',
    ['o/1', 't/1'],
    'GET /api/v2/organizations/o%2F1/templates/t%2F1',
    answer(200, template),
  ),
  operation('getTemplate', ['t/1'], 'GET /api/v2/templates/t%2F1', answer(200, template)),
  operation('getTemplateAcl', ['t/1'], 'GET /api/v2/templates/t%2F1/acl', [
    answer(
      200,
      { users: [userRow('ann', { role: 'admin' })], group: [groupRow('eng', { role: 'use' })] },
      { users: [{ id: 'id-ann', role: 'admin' }], group: [{ id: 'id-eng', role: 'use' }] },
    ),
    answer(200, { users: null, group: null }, { users: [], group: [] }),
  ]),
  operation(
    'updateTemplateAcl',
    ['t/1', { group_perms: { g1: 'use', g2: '' } }],
    'PATCH /api/v2/templates/t%2F1/acl',
    done,
    { group_perms: { g1: 'use', g2: '' } },
  ),
  operation(
    'listAvailableForTemplate',
    ['t/1', { limit: 5 }],
    'GET /api/v2/templates/t%2F1/acl/available?limit=5',
    [
      answer(
        200,
        { users: [userRow('ann')], groups: [groupRow('eng')] },
        { users: [{ id: 'id-ann' }], groups: [{ id: 'id-eng' }] },
      ),
      // As the reference has it.
      answer(200, [{ users: [], groups: [] }], { users: [], groups: [] }),
    ],
  ),
];

const quietHours = {
  raw_schedule: 'CRON_TZ=Europe/Oslo 0 2 * * *',
  user_set: true,
  user_can_set: true,
  time: '02:00',
  timezone: 'Europe/Oslo',
  next: '2026-01-02T01:00:00Z',
};
const { user_can_set: _since2024, ...oldQuietHours } = quietHours;

const quotas: readonly Operation[] = [
  operation(
    'getWorkspaceQuota',
    ['o/1', 'u/1'],
    'GET /api/v2/organizations/o%2F1/members/u%2F1/workspace-quota',
    answer(200, { credits_consumed: 3, budget: -1 }),
  ),
  operation(
    'getDefaultWorkspaceQuota',
    ['u/1'],
    'GET /api/v2/workspace-quota/u%2F1',
    answer(200, { credits_consumed: 0, budget: 30 }),
  ),
  operation('getQuietHours', ['u/1'], 'GET /api/v2/users/u%2F1/quiet-hours', [
    answer(200, quietHours),
    answer(200, oldQuietHours),
    answer(200, [quietHours], quietHours),
  ]),
  operation(
    'updateQuietHours',
    ['u/1', { schedule: 'x' }],
    'PUT /api/v2/users/u%2F1/quiet-hours',
    answer(200, quietHours),
    {
      schedule: 'x',
    },
  ),
];

const workspaces: readonly Operation[] = [
  operation(
    'listWorkspaces',
    [{ q: 'owner:ann' }],
    'GET /api/v2/workspaces?q=owner%3Aann',
    answer(200, { workspaces: [workspace], count: 1 }, { workspaces: [readWorkspace], count: 1 }),
  ),
  operation('getWorkspace', ['w/1'], 'GET /api/v2/workspaces/w%2F1', answer(200, workspace, readWorkspace)),
  operation(
    'createWorkspaceBuild',
    ['w/1', { transition: 'stop' }],
    'POST /api/v2/workspaces/w%2F1/builds',
    answer(201, build),
    {
      transition: 'stop',
    },
  ),
  operation('getWorkspaceBuild', ['b/1'], 'GET /api/v2/workspacebuilds/b%2F1', answer(200, build)),
  operation('cancelWorkspaceBuild', ['b/1'], 'PATCH /api/v2/workspacebuilds/b%2F1/cancel', done),
  operation(
    'updateAutostart',
    ['w/1', { schedule: null }],
    'PUT /api/v2/workspaces/w%2F1/autostart',
    noContent,
    {
      schedule: null,
    },
  ),
];

const groupSync = {
  field: 'groups',
  mapping: { eng: ['g1'] },
  regex_filter: '^eng-',
  auto_create_missing_groups: true,
  legacy_group_name_mapping: {},
};
const groupSyncUnset = answer(
  200,
  { field: '', mapping: null, regex_filter: null },
  { field: '', mapping: {} },
);
const roleSync = { field: 'roles', mapping: { admins: ['organization-admin'] } };
const organizationSync = { field: 'orgs', mapping: { x: ['o1'] }, organization_assign_default: true };
const mapping = { Add: [{ Given: 'eng', Gets: 'g1' }], Remove: [] };
const OF = '/api/v2/organizations/o%2F1/settings/idpsync';
const config = { field: 'groups', regex_filter: null, auto_create_missing_groups: false };

const sync: readonly Operation[] = [
  operation('getGroupSync', ['o/1'], `GET ${OF}/groups`, [answer(200, groupSync), groupSyncUnset]),
  operation(
    'updateGroupSync',
    ['o/1', { field: 'groups', mapping: {} }],
    `PATCH ${OF}/groups`,
    answer(200, groupSync),
    {
      field: 'groups',
      mapping: {},
    },
  ),
  operation(
    'updateGroupSyncConfig',
    ['o/1', config],
    `PATCH ${OF}/groups/config`,
    answer(200, groupSync),
    config,
  ),
  operation(
    'updateGroupSyncMapping',
    ['o/1', mapping],
    `PATCH ${OF}/groups/mapping`,
    answer(200, groupSync),
    mapping,
  ),
  operation('getRoleSync', ['o/1'], `GET ${OF}/roles`, [
    answer(200, roleSync),
    answer(200, { field: '', mapping: null }, { field: '', mapping: {} }),
  ]),
  operation('updateRoleSync', ['o/1', roleSync], `PATCH ${OF}/roles`, answer(200, roleSync), roleSync),
  operation(
    'updateRoleSyncConfig',
    ['o/1', { field: 'r' }],
    `PATCH ${OF}/roles/config`,
    answer(200, roleSync),
    { field: 'r' },
  ),
  operation(
    'updateRoleSyncMapping',
    ['o/1', mapping],
    `PATCH ${OF}/roles/mapping`,
    answer(200, roleSync),
    mapping,
  ),
  operation(
    'getOrganizationSync',
    [],
    'GET /api/v2/settings/idpsync/organization',
    answer(200, organizationSync),
  ),
  operation(
    'updateOrganizationSync',
    [organizationSync],
    'PATCH /api/v2/settings/idpsync/organization',
    answer(200, organizationSync),
    organizationSync,
  ),
  operation(
    'updateOrganizationSyncConfig',
    [{ field: 'x', assign_default: false }],
    'PATCH /api/v2/settings/idpsync/organization/config',
    answer(200, organizationSync),
    { field: 'x', assign_default: false },
  ),
  operation(
    'updateOrganizationSyncMapping',
    [mapping],
    'PATCH /api/v2/settings/idpsync/organization/mapping',
    answer(200, organizationSync),
    mapping,
  ),
  operation('listClaimFields', ['o/1'], `GET ${OF}/available-fields`, [
    answer(200, ['groups']),
    answer(200, null, []),
  ]),
  operation(
    'listClaimValues',
    ['o/1', { claimField: 'groups' }],
    `GET ${OF}/field-values?claimField=groups`,
    answer(200, ['eng']),
  ),
  operation(
    'listDeploymentClaimFields',
    [],
    'GET /api/v2/settings/idpsync/available-fields',
    answer(200, null, []),
  ),
  operation(
    'listDeploymentClaimValues',
    [{ claimField: 'g' }],
    'GET /api/v2/settings/idpsync/field-values?claimField=g',
    answer(200, []),
  ),
];

const audit: readonly Operation[] = [
  operation(
    'listAudit',
    [{ q: 'action:create', limit: 1 }],
    'GET /api/v2/audit?q=action%3Acreate&limit=1',
    answer(
      200,
      {
        audit_logs: [
          {
            id: 'a1',
            action: 'create',
            resource_type: 'user',
            status_code: 201,
            diff: {},
            user: null,
            ip: '::1',
          },
        ],
        count: 7,
      },
      { audit_logs: [{ id: 'a1', action: 'create', resource_type: 'user', status_code: 201 }], count: 7 },
    ),
  ),
];

/** Templates, quotas, workspaces, Coder's own sync and its audit log. */
export const accessOperations: readonly Operation[] = [
  ...templates,
  ...quotas,
  ...workspaces,
  ...sync,
  ...audit,
];
