import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { JsonObject } from '../../src/common/index.js';
import { eventually } from '../support/eventually.js';
import { useBridge } from '../support/bridge.js';

const CODER_USER = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User';
const CODER_GROUP = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:Group';
const JOIN = 'POST /organizations/{organization}/members/{user}';
const MEMBERS = 'PATCH /groups/{group}';
const LOCAL_ROLES = 'PUT /organizations/{organization}/members/{user}/roles';
const SITE_ROLES = 'PUT /users/{user}/roles';

const roleIn = (organization: string, role: string): JsonObject => ({
  [CODER_USER]: { organizationRoles: [{ organization, role }] },
});

describe('access is gained in the order organization, groups, roles', () => {
  const bridge = useBridge({ env: { SITE_ROLES: '*', ORGANIZATION_ROLES: '*' } });
  beforeAll(() => {
    for (const name of ['data', 'labs']) bridge.simulator.admin.createOrganization(name);
  });
  beforeEach(async () => {
    await bridge.untilSettled();
    bridge.simulator.faults.clear();
    bridge.simulator.calls.reset();
  });

  /** Calls that give or take access, in the order in which they came. */
  const order = (): string[] =>
    bridge.simulator.calls
      .mutations()
      .map(({ method, route }) => `${method} ${route.replace('/api/v2', '')}`)
      .filter((call) => [JOIN, MEMBERS, LOCAL_ROLES, SITE_ROLES].includes(call));

  /** Adds somebody to a group by a call that takes so long, and counts calls from then on. */
  async function joinSlowly(group: string, person: string, delayMs: number): Promise<void> {
    const { scim, simulator } = bridge;
    const match = { method: 'PATCH', route: '/api/v2/groups/{group}' };
    const slow = simulator.faults.add({ kind: 'delay', delayMs, match, times: 1 });
    simulator.calls.reset();
    await scim.addMembers(group, person);
    await eventually(() => expect(slow.struck).toBe(1));
  }

  it('by a person who is in it all at once', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('ann');
    const group = await scim.postGroup('analysts', [], { [CODER_GROUP]: { organization: 'data' } });
    await bridge.untilSettled();
    simulator.calls.reset();
    await Promise.all([
      scim.addMembers(group, id),
      scim.putUser(id, 'ann', roleIn('data', 'organization-auditor')),
    ]);
    await bridge.untilSettled();
    expect(order()).toEqual([JOIN, MEMBERS, LOCAL_ROLES]);
    expect(simulator.admin.membersOf('analysts', 'data')).toEqual(['ann']);
  });

  it('a role of the site after groups anywhere; and while it waits Coder is not asked', async () => {
    const { scim, simulator } = bridge;
    const [id, other] = [await scim.postUser('bob'), await scim.postUser('bert')];
    const group = await scim.postGroup('admins', [other]);
    await bridge.untilSettled();
    await joinSlowly(group, id, 2_500);
    await scim.putUser(id, 'bob', { roles: [{ value: 'auditor' }] });
    await bridge.untilSettled();
    expect(order()).toEqual([MEMBERS, SITE_ROLES]);
    expect(simulator.calls.all().map(({ method }) => method)).toEqual(['PATCH', 'GET', 'PUT']);
  });

  it('but not after a group that cannot be had', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createGroup({ name: 'taken' });
    const id = await scim.postUser('cleo');
    await scim.postGroup('taken', [id]);
    await scim.putUser(id, 'cleo', { roles: [{ value: 'auditor' }] });
    await bridge.untilSettled();
    expect(order()).toEqual([SITE_ROLES]);
    expect(await admin.failures()).toMatchObject([{ failure: { kind: 'uniqueness' } }]);
  });

  it('nor after one of another organization, for a role in this one', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('dora');
    const group = await scim.postGroup('testers');
    await bridge.untilSettled();
    await joinSlowly(group, id, 5_000);
    await scim.putUser(id, 'dora', roleIn('labs', 'organization-auditor'));
    await eventually(() => expect(order()).toContain(LOCAL_ROLES));
    expect(simulator.admin.membersOf('testers')).toEqual([]);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('testers')).toEqual(['dora']);
  });

  it('and a role that is lost does not wait for the one that is gained', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('emil', { roles: [{ value: 'auditor' }] });
    const group = await scim.postGroup('writers');
    await bridge.untilSettled();
    await joinSlowly(group, id, 5_000);
    await scim.putUser(id, 'emil', { roles: [{ value: 'template-admin' }] });
    await eventually(() => expect(simulator.admin.user('emil').roles).toEqual([]));
    expect(simulator.admin.membersOf('writers')).toEqual([]);
    await bridge.untilSettled();
    expect(simulator.admin.user('emil').roles).toEqual(['template-admin']);
    expect(order()).toEqual([SITE_ROLES, MEMBERS, SITE_ROLES]);
  });
});
