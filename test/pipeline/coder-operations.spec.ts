import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connectCoder } from '../../src/coder/index.js';
import type { CoderClient, CoderConnection } from '../../src/coder/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';

let simulator: Simulator;
let connection: CoderConnection;
let coder: CoderClient;

beforeAll(async () => {
  simulator = await startSimulator();
  const { url, token: sessionToken } = simulator;
  const log = { error: () => undefined, warn: () => undefined };
  connection = connectCoder({ url, sessionToken }, { log });
  coder = connection.client;
});

afterAll(async () => {
  await connection.close();
  await simulator.close();
});

describe('the client and the simulated Coder agree, for', () => {
  it('the deployment, its licences, replicas, proxies and provisioners', async () => {
    await coder.healthz();
    expect((await coder.buildInfo()).version).toMatch(/^v2\./);
    expect((await coder.entitlements()).features['user_limit']?.limit).toBeGreaterThan(0);
    expect(await coder.authMethods()).toMatchObject({ oidc: { enabled: true } });
    expect((await coder.deploymentConfig()).config.oidc?.user_role_field).toBe('');
    expect(await coder.listLicenses()).toHaveLength(1);
    expect(await coder.listReplicas()).not.toEqual([]);
    const names = async (): Promise<string[]> => (await coder.listWorkspaceProxies()).map(({ name }) => name);
    const before = await names();
    const { proxy, proxy_token: token } = await coder.createWorkspaceProxy({
      name: 'eu',
      display_name: 'EU',
    });
    expect(token).toBeTruthy();
    expect(await coder.getWorkspaceProxy(proxy.id)).toMatchObject({ name: 'eu' });
    await coder.deleteWorkspaceProxy(proxy.id);
    expect(await names()).toEqual(before);
    expect(await coder.listProvisionerDaemons('default')).toEqual([]);
    expect((await coder.createProvisionerKey('default', { name: 'k' })).key).toBeTruthy();
    expect(await coder.listProvisionerKeys('default')).toMatchObject([{ name: 'k' }]);
    expect((await coder.listProvisionerKeyDaemons('default')).map((row) => row.key.name)).toContain('k');
    await coder.deleteProvisionerKey('default', 'k');
  });

  it('users, their roles, keys, quotas and quiet hours', async () => {
    simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    expect(await coder.updateUserRoles('ann', { roles: ['auditor'] })).toMatchObject({
      roles: [{ name: 'auditor' }],
    });
    expect((await coder.getUserRoles('ann')).roles).toEqual(['auditor']);
    expect((await coder.listSiteRoles()).map(({ name }) => name)).toContain('owner');
    expect(await coder.listUserOrganizations('ann')).toMatchObject([{ is_default: true }]);
    expect((await coder.createToken('ann', { token_name: 't', lifetime: 3_600e9 })).key).toMatch(
      /^.{10}-.{22}$/,
    );
    const [token] = await coder.listTokens('ann');
    expect(token).toMatchObject({ token_name: 't', login_type: 'token' });
    expect(await coder.getKey('ann', token!.id)).toMatchObject({ id: token!.id });
    await coder.deleteKey('ann', token!.id);
    expect(await coder.listTokens('ann')).toEqual([]);
    expect((await coder.tokenConfig('ann')).max_token_lifetime).toBeGreaterThan(0);
    expect(await coder.getWorkspaceQuota('default', 'ann')).toMatchObject({ credits_consumed: 0 });
    expect(await coder.getDefaultWorkspaceQuota('ann')).toMatchObject({ credits_consumed: 0 });
    const quiet = await coder.updateQuietHours('ann', { schedule: 'CRON_TZ=Europe/Oslo 0 2 * * *' });
    expect(await coder.getQuietHours('ann')).toEqual(quiet);
  });

  it('organizations, members, their roles and groups', async () => {
    const made = await coder.createOrganization({ name: 'eng', display_name: 'Engineering' });
    expect((await coder.listOrganizations()).map(({ name }) => name)).toContain('eng');
    expect(await coder.updateOrganization('eng', { display_name: 'E' })).toMatchObject({ display_name: 'E' });
    await coder.addMember('eng', 'ann');
    const roles = ['organization-admin'];
    expect((await coder.updateMemberRoles('eng', 'ann', { roles })).roles).toMatchObject([
      { name: roles[0] },
    ]);
    expect((await coder.getUserRoles('ann')).organization_roles[made.id]).toEqual(roles);
    expect(await coder.createOrganizationRole('eng', { name: 'own', display_name: 'Own' })).toMatchObject({
      name: 'own',
    });
    expect(await coder.updateOrganizationRole('eng', { name: 'own', display_name: 'O' })).toMatchObject({
      display_name: 'O',
    });
    expect((await coder.listOrganizationRoles('eng')).map(({ name }) => name)).toContain('own');
    await coder.deleteOrganizationRole('eng', 'own');
    const { id } = await coder.createGroup('eng', { name: 'devs', quota_allowance: 5 });
    const ann = simulator.admin.user('ann').id;
    await coder.patchGroup(id, { add_users: [ann] });
    const found = await coder.findGroups({ organization: 'eng', has_member: 'ann' });
    expect(found.map(({ name }) => name).toSorted()).toEqual(['Everyone', 'devs']);
    expect(found.find(({ name }) => name === 'devs')?.members).toMatchObject([{ id: ann }]);
    await coder.deleteGroup(id);
    await coder.removeMember('eng', 'ann');
  });

  it('templates and workspaces', async () => {
    const [template] = await coder.listTemplates('default');
    if (template) expect(await coder.getTemplate(template.id)).toMatchObject({ name: template.name });
    expect(await coder.listWorkspaces({ q: 'owner:ann' })).toEqual({ workspaces: [], count: 0 });
  });

  it("Coder's own sync, its claims, and the audit log", async () => {
    const groups = { field: 'groups', regex_filter: null, auto_create_missing_groups: false };
    expect(await coder.updateGroupSync('default', { field: 'g', mapping: {} })).toMatchObject({ field: 'g' });
    expect(await coder.updateGroupSyncConfig('default', groups)).toMatchObject({ field: 'groups' });
    const { id } = await coder.createGroup('default', { name: 'ops' });
    const mapping = { Add: [{ Given: 'x', Gets: id }], Remove: [] };
    expect((await coder.updateGroupSyncMapping('default', mapping)).mapping).toEqual({ x: [id] });
    expect(await coder.getGroupSync('default')).toMatchObject({ field: 'groups', mapping: { x: [id] } });
    await coder.updateRoleSync('default', { field: 'r', mapping: {} });
    await coder.updateRoleSyncConfig('default', { field: 'roles' });
    const role = { Add: [{ Given: 'x', Gets: 'organization-admin' }], Remove: [] };
    await coder.updateRoleSyncMapping('default', role);
    expect(await coder.getRoleSync('default')).toEqual({
      field: 'roles',
      mapping: { x: ['organization-admin'] },
    });
    await coder.updateOrganizationSync({ field: 'o', mapping: {}, organization_assign_default: true });
    expect(await coder.updateOrganizationSyncConfig({ field: 'orgs', assign_default: false })).toMatchObject({
      field: 'orgs',
      organization_assign_default: false,
    });
    expect(await coder.listClaimFields('default')).toEqual([]);
    expect(await coder.listDeploymentClaimFields()).toEqual([]);
    const { audit_logs: rows, count } = await coder.listAudit({ limit: 5 });
    expect(rows).toHaveLength(5);
    expect(count).toBeGreaterThan(5);
  });

  it('how Coder looks, its apps and its notifications', async () => {
    expect(await coder.updateAppearance({ application_name: 'X', logo_url: '' })).toMatchObject({
      application_name: 'X',
    });
    expect(await coder.getAppearance()).toMatchObject({ application_name: 'X' });
    const app = await coder.createOAuth2App({ name: 'app', callback_url: 'https://x.io/back' });
    expect(await coder.listOAuth2Apps()).toMatchObject([{ id: app.id }]);
    const secret = await coder.createOAuth2Secret(app.id);
    expect(secret.client_secret_full).toBeTruthy();
    expect(await coder.listOAuth2Secrets(app.id)).toMatchObject([{ id: secret.id }]);
    const asked = {
      client_id: app.id,
      state: 's',
      response_type: 'code',
      redirect_uri: 'https://x.io/back',
    } as const;
    const back = new URL(await coder.authorizeOAuth2(asked));
    const token = await coder.exchangeOAuth2Token({
      grant_type: 'authorization_code',
      client_id: app.id,
      client_secret: secret.client_secret_full,
      code: back.searchParams.get('code') ?? '',
    });
    expect(token.access_token).toBeTruthy();
    await coder.revokeOAuth2Tokens({ client_id: app.id });
    await coder.deleteOAuth2Secret(app.id, secret.id);
    await coder.deleteOAuth2App(app.id);
  });

  it.each(['b25-legacy', 'n26-scim2', 's-new', 's-old'] as const)(
    'users and groups as %s writes them',
    async (profile) => {
      simulator.admin.set({ profile });
      const { users, count } = await coder.listUsers({ q: 'ann@x.io' });
      expect([count, users[0]?.username]).toEqual([1, 'ann']);
      const organization = await coder.getOrganization('default');
      const groups = await coder.listGroups(organization.id);
      expect(groups.find(({ name }) => name === 'Everyone')?.members.map(({ email }) => email)).toContain(
        'ann@x.io',
      );
      const { members } = await coder.listMembers(organization.id, { limit: 100, offset: 0 });
      expect(members.map(({ username }) => username)).toContain('ann');
      expect((await coder.entitlements()).features['template_rbac']?.enabled).toBe(true);
    },
  );
});
