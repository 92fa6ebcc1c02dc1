import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { JsonObject } from '../../src/common/index.js';
import { startTestBridge, useBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';

const CODER_USER = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User';
const SITE_PUT = 'PUT /api/v2/users/{user}/roles';
const LOCAL_PUT = 'PUT /api/v2/organizations/{organization}/members/{user}/roles';
const JOIN = 'POST /api/v2/organizations/{organization}/members/{user}';
const LEAVE = 'DELETE /api/v2/organizations/{organization}/members/{user}';

const siteRolesOf = ({ simulator }: TestBridge, user: string): string[] =>
  [...simulator.admin.user(user).roles].toSorted();

const stated = (extension: JsonObject): JsonObject => ({ [CODER_USER]: extension });

describe('roles and organizations that the IdP states', () => {
  const bridge = useBridge({
    env: { SITE_ROLES: '*', ORGANIZATION_ROLES: 'organization-admin,organization-auditor' },
  });
  let data = '';
  beforeAll(() => {
    data = bridge.simulator.admin.createOrganization('data').id;
  });
  const rolesIn = (user: string, organization = data): string[] =>
    bridge.simulator.admin.organizationRoles(user, organization).toSorted();
  const organizationsOf = (user: string): string[] => bridge.simulator.admin.organizationsOf(user);

  it('are there after the creation: one creation, one call for the site, one for each organization', async () => {
    const { scim, simulator } = bridge;
    simulator.calls.reset();
    await scim.postUser('ann', {
      roles: [{ value: 'auditor' }],
      ...stated({
        siteRoles: [{ value: 'template-admin' }],
        organizations: [{ value: 'data' }],
        organizationRoles: [
          { organization: 'data', role: 'organization-admin' },
          { organization: 'data', role: 'organization-auditor' },
        ],
      }),
    });
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'ann')).toEqual(['auditor', 'template-admin']);
    expect(rolesIn('ann')).toEqual(['organization-admin', 'organization-auditor']);
    expect(organizationsOf('ann')).toContain(data);
    expect(simulator.calls.count(SITE_PUT)).toBe(1);
    expect(simulator.calls.count(LOCAL_PUT)).toBe(1);
    expect(simulator.calls.count(JOIN)).toBe(0);
  });

  it('follow when they change, in the order organization, role; and back in the order role, organization', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('bob');
    await bridge.untilSettled();
    const order = (): string[] =>
      simulator.calls
        .mutations()
        .map(({ method, route }) => `${method} ${route}`)
        .filter((call) => [LOCAL_PUT, JOIN, LEAVE].includes(call));
    simulator.calls.reset();
    await scim.putUser(
      id,
      'bob',
      stated({ organizationRoles: [{ organization: 'data', role: 'organization-admin' }] }),
    );
    await bridge.untilSettled();
    expect(rolesIn('bob')).toEqual(['organization-admin']);
    expect(order()).toEqual([JOIN, LOCAL_PUT]);
    simulator.calls.reset();
    await scim.putUser(id, 'bob');
    await bridge.untilSettled();
    expect(organizationsOf('bob')).not.toContain(data);
    expect(order()).toEqual([LOCAL_PUT, LEAVE]);
  });

  it('leave alone what an admin granted by hand, and do nothing on a replay', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('cleo', { roles: [{ value: 'auditor' }] });
    await bridge.untilSettled();
    simulator.admin.setRoles('cleo', ['auditor', 'user-admin']);
    await scim.putUser(id, 'cleo', { roles: [{ value: 'template-admin' }] });
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'cleo')).toEqual(['template-admin', 'user-admin']);
    simulator.calls.reset();
    await scim.putUser(id, 'cleo', { roles: [{ value: 'template-admin' }] });
    await bridge.untilSettled();
    await bridge.admin.sync();
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
  });

  it('that are not on the list are not granted, and the journal says so', async () => {
    const { scim, database } = bridge;
    const id = await scim.postUser('dora', stated({ siteRoles: [{ value: 'owner' }] }));
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'dora')).toEqual([]);
    const notes = await database.query(
      `SELECT facts FROM bridge.journal WHERE target_id = $1 AND action = 'note.roleNotAllowed'`,
      [id],
    );
    expect(notes).toEqual([{ facts: { detail: expect.stringContaining('owner') } }]);
  });

  it('in an organization that Coder does not have: the user is failed with the reason, everything else is done', async () => {
    const { scim, admin, simulator } = bridge;
    const id = await scim.postUser('emil', {
      roles: [{ value: 'auditor' }],
      ...stated({ organizations: [{ value: 'nowhere' }] }),
    });
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'emil')).toEqual(['auditor']);
    expect(await admin.failures()).toMatchObject([
      { id, failure: { kind: 'invalidValue', detail: expect.stringContaining('"nowhere"') } },
    ]);
    simulator.admin.createOrganization('nowhere');
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(await admin.failures()).toEqual([]);
  });

  it('that drift away are repaired by the full sync', async () => {
    const { scim, simulator, admin } = bridge;
    await scim.postUser('fay', {
      roles: [{ value: 'auditor' }],
      ...stated({ organizationRoles: [{ organization: 'data', role: 'organization-admin' }] }),
    });
    await bridge.untilSettled();
    simulator.admin.setRoles('fay', []);
    simulator.admin.setOrganizationRoles('fay', [], data);
    await admin.sync();
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'fay')).toEqual(['auditor']);
    expect(rolesIn('fay')).toEqual(['organization-admin']);
  });

  it('go with the deletion of the user, who is suspended', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('gus', { roles: [{ value: 'auditor' }] });
    await bridge.untilSettled();
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('gus').status).toBe('suspended');
    expect(siteRolesOf(bridge, 'gus')).toEqual([]);
  });

  it('quiet hours are set once', async () => {
    const { scim, simulator } = bridge;
    const schedule = 'CRON_TZ=Europe/Oslo 0 2 * * *';
    const id = await scim.postUser('hal', stated({ quietHoursSchedule: schedule }));
    await bridge.untilSettled();
    simulator.calls.reset();
    await scim.putUser(id, 'hal', { ...stated({ quietHoursSchedule: schedule }), title: 'Smith' });
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
  });
});

describe('quiet hours on a Coder that has none', () => {
  const bridge = useBridge({ env: { SITE_ROLES: '*' } });

  it('hold up neither the rest of a person’s access nor its end', async () => {
    const { scim, simulator } = bridge;
    simulator.admin.set({ features: { advanced_template_scheduling: false } });
    const hours = stated({ quietHoursSchedule: 'CRON_TZ=Europe/Oslo 0 2 * * *' });
    const id = await scim.postUser('ann', hours);
    await bridge.untilSettled();
    await scim.putUser(id, 'ann', { ...hours, roles: [{ value: 'auditor' }] });
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'ann')).toEqual(['auditor']);
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').status).toBe('suspended');
  });
});

describe('roles that the token may not grant', () => {
  const bridge = useBridge({ env: { SITE_ROLES: '*' } });

  it('are reported and not tried again, and nothing else waits for them', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.setRoles('idp-bridge', ['user-admin']);
    simulator.calls.reset();
    const id = await scim.postUser('ann', { roles: [{ value: 'auditor' }] });
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').status).toBe('dormant');
    expect(simulator.calls.count(SITE_PUT)).toBe(1);
    expect(await admin.failures()).toMatchObject([
      { id, failure: { kind: 'refused', step: 'setRoles', detail: expect.stringContaining('auditor') } },
    ]);
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').status).toBe('suspended');
  });
});

describe('two connections in two organizations, with rules', () => {
  let file: Awaited<ReturnType<typeof configFile>>;
  let bridge: TestBridge;
  let dataDir: Awaited<ReturnType<typeof configFile>>;
  const lines = (rules: string): string => `connections:
  - name: first
    policy: { siteRoles: ["*"], organizationRoles: ["*"] }
    rules: ${rules}
  - name: second
    organization: data
    tokens: [{ label: t, secret: a-token-of-the-second-connection }]
`;
  const RULES = `{ groups: { Ops: { siteRoles: auditor, organizations: data, organizationRoles: { data: organization-admin } } } }`;

  async function start(): Promise<TestBridge> {
    return startTestBridge({
      dataDir: dataDir.path.replace(/bridge\.yaml$/, 'data'),
      env: { BRIDGE_CONFIG: file.path },
    });
  }
  beforeAll(async () => {
    file = await configFile(lines(RULES));
    dataDir = await configFile('');
    bridge = await start();
    bridge.simulator.admin.createOrganization('data');
  });
  afterAll(async () => {
    await bridge.close();
    await file.remove();
    await dataDir.remove();
  });
  const organizationId = (): string => bridge.simulator.admin.organization('data').id;

  it('give members of a group what its rule grants, at once, and take it when they leave', async () => {
    const { scim, simulator } = bridge;
    const [ann, bob] = [await scim.postUser('ann'), await scim.postUser('bob')];
    const ops = await scim.postGroup('ops', [ann]);
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'ann')).toEqual(['auditor']);
    expect(simulator.admin.organizationRoles('ann', organizationId())).toEqual(['organization-admin']);
    expect(siteRolesOf(bridge, 'bob')).toEqual([]);
    await scim.addMembers(ops, bob);
    await scim.removeMembers(ops, ann);
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'ann')).toEqual([]);
    expect(simulator.admin.organizationsOf('ann')).not.toContain(organizationId());
    expect(siteRolesOf(bridge, 'bob')).toEqual(['auditor']);
  });

  it('follow the name of the group, and its end', async () => {
    const { scim } = bridge;
    const cleo = await scim.postUser('cleo');
    const group = await scim.postGroup('Others', [cleo]);
    const named = async (): Promise<string[]> => {
      await bridge.untilSettled();
      return siteRolesOf(bridge, 'cleo');
    };
    expect(await named()).toEqual([]);
    const [ops] = (await scim.get('/Groups?filter=displayName eq "ops"')).body.Resources;
    await scim.renameGroup(ops.id, 'Former ops');
    expect(await named()).toEqual([]);
    expect(siteRolesOf(bridge, 'bob')).toEqual([]);
    await scim.renameGroup(group, 'OPS');
    expect(await named()).toEqual(['auditor']);
    await scim.deleteGroup(group);
    expect(await named()).toEqual([]);
    await scim.renameGroup(ops.id, 'ops');
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'bob')).toEqual(['auditor']);
  });

  it('keep people and groups in the organization of their connection', async () => {
    const { simulator } = bridge;
    const url = bridge.scim.base.replace('/scim/v2', '/connections/second/scim/v2');
    const post = async (path: string, body: object): Promise<{ id: string }> => {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: {
          authorization: 'Bearer a-token-of-the-second-connection',
          'content-type': 'application/scim+json',
        },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(201);
      return (await response.json()) as { id: string };
    };
    const user = await post('/Users', { userName: 'zed@x.io', active: true });
    await post('/Groups', { displayName: 'Data people', members: [{ value: user.id }] });
    await bridge.untilSettled();
    expect(simulator.admin.organizationsOf('zed')).toEqual([organizationId()]);
    expect(simulator.admin.membersOf('data-people', 'data')).toEqual(['zed']);
    expect(simulator.admin.group('data-people', 'data').organization_id).toBe(organizationId());
    // The full sync lists both organizations, and finds nothing.
    simulator.calls.reset();
    const { body } = await bridge.admin.sync();
    expect(body).toMatchObject({ outcome: 'done', users: { differing: 0 }, groups: { differing: 0 } });
  });

  it('are taken up when the file changes and the bridge starts anew', async () => {
    await bridge.close();
    await file.write(
      lines('{ groups: { Data people: {siteRoles: auditor}, OPS: { siteRoles: template-admin } } }'),
    );
    bridge = await start();
    await bridge.untilSettled();
    expect(siteRolesOf(bridge, 'bob')).toEqual(['template-admin']);
    expect(bridge.simulator.admin.organizationsOf('bob')).not.toContain(organizationId());
    // A rule of one connection is none of another.
    expect(siteRolesOf(bridge, 'zed')).toEqual([]);
    await bridge.close();
    bridge = await start();
    bridge.simulator.calls.reset();
    await bridge.untilSettled();
    expect(bridge.simulator.calls.countMutations()).toBe(0);
  });
});
