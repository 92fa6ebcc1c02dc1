import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { useClaimedBridge } from '../support/claimant.js';
import { configFile } from '../support/config-file.js';

const CODER_USER = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User';
const SECOND_TOKEN = 'a-token-of-the-second-connection';
const PATCH_GROUP = 'PATCH /api/v2/groups/{group}';

const FILE = `
connections:
  - name: first
    policy: { siteRoles: '*', organizationRoles: [organization-auditor], adoptGroups: always, protectedGroups: [guarded] }
    idpSync:
      organization: { field: orgs, organization_assign_default: false }
      siteRoles: { field: site_roles }
      organizations:
        coder:
          groups: { field: groups, auto_create_missing_groups: true }
          roles: { field: org_roles }
  - name: second
    tokens: [{ label: second, secret: ${SECOND_TOKEN} }]
`;

/** A fact in Coder, and its two sources. */
interface Dimension {
  /** States it over SCIM, or withdraws it. */
  readonly scim: (stated: boolean) => Promise<void>;
  /** What a claim says that states it. */
  readonly claims: Record<string, unknown>;
  readonly isTrue: () => boolean;
}

/** Every way from one combination of {SCIM, claim} to another one that differs in one of them. */
const WAYS: readonly (readonly [scim: boolean, claim: boolean])[] = [
  [true, false],
  [true, true],
  [false, true],
  [false, false],
  [false, true],
  [true, true],
  [true, false],
  [false, false],
];

describe('SCIM and claims', () => {
  let file: Awaited<ReturnType<typeof configFile>> | undefined;
  const bridge = useClaimedBridge(async () => {
    file = await configFile(FILE);
    return { env: { BRIDGE_CONFIG: file.path } };
  });
  let data = '';
  beforeAll(() => {
    const { admin } = bridge.simulator;
    data = admin.createOrganization('data').id;
    admin.setOrganizationSync({ field: '', mapping: { 'data people': [data] } });
  });
  afterAll(() => file?.remove());
  const members = (group: string): string[] => bridge.simulator.admin.membersOf(group);

  const byExtension =
    (user: string, id: string, extension: Record<string, unknown>) =>
    (stated: boolean): Promise<void> =>
      bridge.scim.putUser(id, user, stated ? { [CODER_USER]: extension as never } : {});

  const dimensions: Record<string, (user: string, id: string) => Promise<Dimension>> = {
    organization: async (user, id) => ({
      scim: byExtension(user, id, { organizations: [{ value: 'data' }] }),
      claims: { orgs: ['data people', 'unknown'] },
      isTrue: () => bridge.simulator.admin.organizationsOf(user).includes(data),
    }),
    'site role': async (user, id) => ({
      scim: byExtension(user, id, { siteRoles: [{ value: 'auditor' }] }),
      claims: { site_roles: ['auditor'] },
      isTrue: () => bridge.simulator.admin.user(user).roles.includes('auditor'),
    }),
    'role in an organization': async (user, id) => ({
      scim: byExtension(user, id, {
        organizationRoles: [{ organization: 'coder', role: 'organization-auditor' }],
      }),
      claims: { org_roles: ['organization-auditor', 'nonsense'] },
      isTrue: () => bridge.simulator.admin.organizationRoles(user).includes('organization-auditor'),
    }),
    group: async (user, id) => {
      const group = await bridge.scim.postGroup('Both');
      return {
        scim: (stated) => (stated ? bridge.scim.addMembers(group, id) : bridge.scim.removeMembers(group, id)),
        claims: { groups: ['both'] },
        isTrue: () => members('both').includes(user),
      };
    },
  };

  it.each(Object.keys(dimensions))(
    'add up for a %s: it goes when the last of them withdraws it',
    async (name) => {
      const user = name.replaceAll(' ', '-');
      const id = await bridge.scim.postUser(user);
      const dimension = await dimensions[name]?.(user, id);
      if (!dimension) throw new Error('no such dimension');
      await bridge.untilSettled();
      let before = { scim: false, claim: false };
      for (const [scim, claim] of WAYS) {
        if (scim !== before.scim) await dimension.scim(scim);
        else await bridge.claim(user, claim ? dimension.claims : {});
        await bridge.untilSettled();
        expect({ scim, claim, isTrue: dimension.isTrue() }).toEqual({ scim, claim, isTrue: scim || claim });
        before = { scim, claim };
      }
      expect(await bridge.admin.failures()).toEqual([]);
    },
  );

  it('say all of it before the person appears, in the order organization, groups, roles; a replay makes no call', async () => {
    const { scim, simulator } = bridge;
    const claims = {
      orgs: 'data people',
      groups: ['both', 'made'],
      org_roles: ['organization-auditor'],
      site_roles: ['auditor'],
    };
    await bridge.claim('all', claims);
    await scim.postUser('all');
    await bridge.untilSettled();
    expect(simulator.admin.organizationsOf('all')).toContain(data);
    expect([members('both'), members('made')]).toEqual([['all'], ['all']]);
    expect(simulator.admin.organizationRoles('all')).toEqual(['organization-auditor']);
    expect(simulator.admin.user('all').roles).toEqual(['auditor']);
    simulator.calls.reset();
    await bridge.claim('all', claims);
    await bridge.untilSettled();
    expect(simulator.calls.count()).toBe(0);
    expect((await bridge.admin.sync()).body).toMatchObject({
      users: { differing: 0 },
      groups: { differing: 0 },
    });
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
  });

  it('activate nobody, and give no role that the policy does not list', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('away');
    await bridge.untilSettled();
    await scim.deactivate(id);
    await bridge.claim('away', {
      groups: ['both'],
      org_roles: ['organization-admin'],
      site_roles: ['owner'],
    });
    await bridge.untilSettled();
    expect(simulator.admin.user('away')).toMatchObject({ status: 'suspended', roles: [] });
    expect(simulator.admin.organizationRoles('away')).toEqual([]);
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(members('both')).not.toContain('away');
  });

  it('meet in a group that another connection feeds, and leave it its own members', async () => {
    const { scim, simulator } = bridge;
    const post = async (path: string, body: object): Promise<string> => {
      const response = await fetch(`${scim.base.replace('/scim/v2', '')}/connections/second/scim/v2${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${SECOND_TOKEN}`, 'content-type': 'application/scim+json' },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(201);
      return ((await response.json()) as { id: string }).id;
    };
    const zed = await post('/Users', { userName: 'zed@x.io', active: true });
    await post('/Groups', { displayName: 'Theirs', members: [{ value: zed }] });
    await scim.postUser('guest');
    await bridge.untilSettled();
    await bridge.claim('guest', { groups: ['theirs', 'guarded'] });
    await bridge.untilSettled();
    expect(members('theirs')).toEqual(['guest', 'zed']);
    await bridge.claim('guest', {});
    await bridge.untilSettled();
    expect(members('theirs')).toEqual(['zed']);
    expect(() => simulator.admin.group('guarded')).toThrow();
  });

  it('make a missing group under its very name, where Coder takes the name', async () => {
    const { scim, simulator } = bridge;
    await scim.postUser('maker');
    await bridge.claim('maker', { groups: ['New-Team', 'not a name'] });
    await bridge.untilSettled();
    expect(simulator.admin.group('New-Team').display_name).toBe('');
    expect(members('New-Team')).toEqual(['maker']);
    expect(() => simulator.admin.group('not a name')).toThrow();
    await bridge.claim('maker', {});
    await bridge.untilSettled();
    // It is not the bridge's to delete: somebody may have shared templates with it.
    expect(members('New-Team')).toEqual([]);
  });

  it('share a group that claims named first: the SCIM group takes it over with its members, and gives it back', async () => {
    const { scim, simulator } = bridge;
    const [one, two] = [await scim.postUser('one'), await scim.postUser('two')];
    await bridge.claim('one', { groups: ['shared'] });
    await bridge.untilSettled();
    const { id } = simulator.admin.group('shared');
    const group = await scim.postGroup('Shared', [two]);
    await bridge.untilSettled();
    expect(await bridge.admin.failures()).toEqual([]);
    expect(simulator.admin.group('shared').id).toBe(id);
    expect(members('shared')).toEqual(['one', 'two']);
    await scim.deleteGroup(group);
    await bridge.untilSettled();
    expect(members('shared')).toEqual(['one']);
    await bridge.claim('one', { groups: [] });
    await bridge.untilSettled();
    expect(members('shared')).toEqual([]);
    await scim.deleteUser(one);
  });

  it('find a group again that was deleted in Coder and made anew', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createGroup({ name: 'again' });
    await scim.postUser('finder');
    await bridge.claim('finder', { groups: ['again'] });
    await bridge.untilSettled();
    simulator.admin.deleteGroup('again');
    const { id } = simulator.admin.createGroup({ name: 'again' });
    await admin.sync();
    await bridge.untilSettled();
    expect(members(id)).toEqual(['finder']);
    expect(simulator.calls.countMutations(PATCH_GROUP)).toBeGreaterThan(0);
  });

  it('come to a group that SCIM pushes after the claim that names it', async () => {
    const { scim } = bridge;
    bridge.simulator.admin.createGroup({ name: 'unrelated' });
    await scim.postUser('waiter');
    await bridge.claim('waiter', { groups: ['late group'] });
    await bridge.untilSettled();
    await scim.postGroup('Late group');
    await bridge.untilSettled();
    await bridge.claim('waiter', { groups: ['late-group'] });
    await bridge.untilSettled();
    expect(members('late-group')).toEqual(['waiter']);
  });
});
