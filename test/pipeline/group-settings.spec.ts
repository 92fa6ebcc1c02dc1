import { beforeAll, describe, expect, it } from 'vitest';

import type { JsonObject } from '../../src/common/index.js';
import { useBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';

const CODER_GROUP = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:Group';
const POST_GROUP = 'POST /api/v2/organizations/{organization}/groups';
const PATCH_GROUP = 'PATCH /api/v2/groups/{group}';
const DELETE_GROUP = 'DELETE /api/v2/groups/{group}';
const PATCH_ACL = 'PATCH /api/v2/templates/{template}/acl';
const READ_ACL = 'GET /api/v2/templates/{template}/acl';

const stated = (settings: JsonObject): JsonObject => ({ [CODER_GROUP]: settings });
const granted = (...roles: readonly (readonly [template: string, role: string])[]): JsonObject => ({
  templateRoles: roles.map(([template, role]) => ({ template, role })),
});

/** What groups may do with a template, by their ids; without Everyone. */
function accessTo({ simulator }: TestBridge, template: string): Record<string, string> {
  const row = simulator.state.tables.rows('template').find(({ name }) => name === template);
  if (!row) throw new Error(`no template ${template}`);
  const { [row.organization_id]: _everyone, ...groups } = row.group_acl;
  return groups;
}

const inOrganizations = (...names: readonly string[]): JsonObject => ({
  'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User': {
    organizations: names.map((value) => ({ value })),
  },
});

async function replace({ scim }: TestBridge, id: string, body: JsonObject): Promise<void> {
  await scim.done('PUT', `/Groups/${id}`, body);
}

function groupOf(displayName: string, members: readonly string[], settings: JsonObject = {}): JsonObject {
  return { displayName, members: members.map((value) => ({ value })), ...stated(settings) };
}

describe("a group's quota and picture", () => {
  const bridge = useBridge();
  let crew: string[] = [];
  beforeAll(async () => {
    crew = await Promise.all(['quinn', 'rae'].map((name) => bridge.scim.postUser(name)));
    await bridge.untilSettled();
  });

  it('come with its creation, and no further call', async () => {
    const { scim, simulator } = bridge;
    simulator.calls.reset();
    await scim.postGroup('Rich', [], stated({ quotaAllowance: 20, avatarUrl: '/emojis/1f4b0.png' }));
    await bridge.untilSettled();
    expect(simulator.admin.group('rich')).toMatchObject({
      quota_allowance: 20,
      avatar_url: '/emojis/1f4b0.png',
    });
    expect(simulator.calls.mutations().map(({ method }) => method)).toEqual(['POST']);
  });

  it('change in the PATCH that carries the members, and a replay changes nothing', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postGroup('Growing', crew.slice(0, 1), stated({ quotaAllowance: 5 }));
    await bridge.untilSettled();
    const push = groupOf('Growing Fast', crew, { quotaAllowance: 9, avatarUrl: '/icon/tree.svg' });
    simulator.calls.reset();
    await replace(bridge, id, push);
    await bridge.untilSettled();
    expect(simulator.admin.group('growing-fast')).toMatchObject({
      quota_allowance: 9,
      avatar_url: '/icon/tree.svg',
      display_name: 'Growing Fast',
    });
    expect(simulator.admin.membersOf('growing-fast')).toEqual(['quinn', 'rae']);
    expect(simulator.calls.mutations().map(({ method }) => method)).toEqual(['PATCH']);
    simulator.calls.reset();
    await replace(bridge, id, push);
    await bridge.untilSettled();
    expect(simulator.calls.count()).toBe(0);
  });

  it('are brought back by a full sync, and left alone where they are not stated or no longer', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postGroup('Steady', [], stated({ quotaAllowance: 7 }));
    await scim.postGroup('Free');
    await bridge.untilSettled();
    for (const name of ['steady', 'free']) {
      const group = simulator.admin.group(name);
      simulator.state.apply(['group', { ...group, quota_allowance: 99 }]);
    }
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.group('steady').quota_allowance).toBe(7);
    expect(simulator.admin.group('free').quota_allowance).toBe(99);
    await replace(bridge, id, groupOf('Steady', []));
    await bridge.untilSettled();
    expect(simulator.admin.group('steady').quota_allowance).toBe(7);
  });

  it('are known again where the answer to the creation was lost', async () => {
    const { scim, simulator, admin } = bridge;
    const match = { method: 'POST', route: POST_GROUP.slice('POST '.length) };
    simulator.faults.add({ kind: 'dropAfter', match, times: 1 });
    simulator.calls.reset();
    await scim.postGroup('Lost Answer', crew, stated({ quotaAllowance: 3 }));
    await bridge.untilSettled();
    expect(simulator.calls.byRoute()).toMatchObject({
      [POST_GROUP]: { mutations: 1 },
      [PATCH_GROUP]: { mutations: 1 },
    });
    expect(simulator.admin.group('lost-answer').quota_allowance).toBe(3);
    expect(await admin.failures()).toEqual([]);
  });
});

describe("a group's templates", () => {
  const bridge = useBridge();
  let member = '';
  beforeAll(async () => {
    for (const name of ['docker', 'kubernetes', 'windows']) bridge.simulator.admin.createTemplate(name);
    member = await bridge.scim.postUser('tess');
    await bridge.untilSettled();
  });

  it('are given with its creation, one call each, without looking', async () => {
    const { scim, simulator } = bridge;
    simulator.calls.reset();
    const settings = granted(['docker', 'use'], ['Kubernetes', 'admin']);
    const id = await scim.postGroup('Builders', [member], stated(settings));
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.group('builders');
    expect(accessTo(bridge, 'docker')).toMatchObject({ [coderId]: 'use' });
    expect(accessTo(bridge, 'kubernetes')).toMatchObject({ [coderId]: 'admin' });
    expect(simulator.calls.byRoute()).toMatchObject({
      [POST_GROUP]: { mutations: 1 },
      [PATCH_GROUP]: { mutations: 1 },
      [PATCH_ACL]: { mutations: 2 },
    });
    expect(simulator.calls.count(READ_ACL)).toBe(0);
    simulator.calls.reset();
    await replace(bridge, id, groupOf('Builders', [], settings));
    await replace(bridge, id, groupOf('Builders', [member], settings));
    await bridge.untilSettled();
    await bridge.admin.sync();
    await bridge.untilSettled();
    expect(simulator.calls.countMutations(PATCH_ACL)).toBe(0);
  });

  it('follow when they change; what somebody else gave stays', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postGroup(
      'Movers',
      [],
      stated(granted(['docker', 'admin'], ['kubernetes', 'use'])),
    );
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.group('movers');
    const windows = simulator.state.tables.rows('template').find(({ name }) => name === 'windows');
    if (!windows) throw new Error('no template windows');
    const group_acl = { ...windows.group_acl, [coderId]: 'use' } as const;
    simulator.state.put('template', windows.id, { ...windows, group_acl });
    simulator.calls.reset();
    await replace(bridge, id, groupOf('Movers', [], granted(['docker', 'use'])));
    await bridge.untilSettled();
    expect(accessTo(bridge, 'docker')[coderId]).toBe('use');
    expect(accessTo(bridge, 'kubernetes')[coderId]).toBeUndefined();
    expect(accessTo(bridge, 'windows')[coderId]).toBe('use');
    expect(simulator.calls.mutations().map(({ route, method }) => `${method} ${route}`)).toEqual([
      PATCH_ACL,
      PATCH_ACL,
    ]);
  });

  it('are brought back by a full sync, which reads each template once', async () => {
    const { scim, simulator, admin } = bridge;
    await scim.postGroup('Watched', [], stated(granted(['docker', 'use'])));
    await scim.postGroup('Watched Too', [], stated(granted(['docker', 'use'])));
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.group('watched');
    const docker = simulator.state.tables.rows('template').find(({ name }) => name === 'docker');
    if (!docker) throw new Error('no template docker');
    const { [coderId]: _taken, ...group_acl } = docker.group_acl;
    simulator.state.put('template', docker.id, { ...docker, group_acl });
    simulator.calls.reset();
    expect((await admin.sync()).body).toMatchObject({ groups: { differing: 1 } });
    const reads = simulator.calls
      .all()
      .filter(({ method, path }) => method === 'GET' && path.includes(docker.id));
    expect(reads).toHaveLength(1);
    await bridge.untilSettled();
    expect(accessTo(bridge, 'docker')[coderId]).toBe('use');
  });

  it('that are not there fail the group by name, after everything else was done; and come when they are', async () => {
    const { scim, simulator, admin } = bridge;
    const settings = stated(granted(['docker', 'use'], ['nowhere', 'use']));
    await scim.postGroup('Hopeful', [member], settings);
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.group('hopeful');
    expect(simulator.admin.membersOf('hopeful')).toEqual(['tess']);
    expect(accessTo(bridge, 'docker')[coderId]).toBe('use');
    expect(await admin.failures()).toMatchObject([
      { name: 'Hopeful', failure: { kind: 'invalidValue', detail: expect.stringContaining('"nowhere"') } },
    ]);
  });

  it('are taken before the group is deleted, also those that somebody else gave; none stays behind', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postGroup('Passing', [member], stated(granted(['docker', 'use'])));
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.group('passing');
    const windows = simulator.state.tables.rows('template').find(({ name }) => name === 'windows');
    if (!windows) throw new Error('no template windows');
    const group_acl = { ...windows.group_acl, [coderId]: 'use' } as const;
    simulator.state.put('template', windows.id, { ...windows, group_acl });
    await scim.deleteGroup(id);
    await bridge.untilSettled();
    expect(() => simulator.admin.group('passing')).toThrow('no group');
    for (const template of ['docker', 'windows', 'kubernetes']) {
      expect(accessTo(bridge, template)).not.toHaveProperty(coderId);
    }
    const last = simulator.calls.mutations().at(-1);
    expect(`${last?.method} ${last?.route}`).toBe(DELETE_GROUP);
  });

  it('of a group that somebody deleted do not stay behind, and the group made anew has them', async () => {
    const { scim, simulator, admin } = bridge;
    await scim.postGroup('Phoenix', [member], stated(granted(['kubernetes', 'use'])));
    await bridge.untilSettled();
    const { id: before } = simulator.admin.group('phoenix');
    simulator.admin.deleteGroup('phoenix');
    await admin.sync();
    await bridge.untilSettled();
    const { id: after } = simulator.admin.group('phoenix');
    expect(accessTo(bridge, 'kubernetes')).toMatchObject({ [after]: 'use' });
    expect(accessTo(bridge, 'kubernetes')).not.toHaveProperty(before);
  });

  it('are given once where the answer was lost', async () => {
    const { scim, simulator } = bridge;
    const match = { method: 'PATCH', route: PATCH_ACL.slice('PATCH '.length) };
    simulator.faults.add({ kind: 'dropAfter', match, times: 1 });
    simulator.calls.reset();
    await scim.postGroup('Unanswered', [], stated(granted(['docker', 'use'])));
    await bridge.untilSettled();
    expect(accessTo(bridge, 'docker')).toMatchObject({ [simulator.admin.group('unanswered').id]: 'use' });
    expect(simulator.calls.countMutations(PATCH_ACL)).toBe(1);
  });

  it('that the token may not give are reported once, and members follow', async () => {
    const { scim, simulator, admin } = bridge;
    for (const { id } of await admin.failures()) await scim.request('DELETE', `/Groups/${id}`);
    simulator.admin.setRoles('idp-bridge', ['user-admin']);
    simulator.calls.reset();
    const settings = stated(granted(['docker', 'use']));
    const id = await scim.postGroup('Hindered', [member], settings);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('hindered')).toEqual(['tess']);
    const failures = (await admin.failures()).filter(({ name }) => name === 'Hindered');
    expect(failures).toMatchObject([{ failure: { kind: 'refused', step: 'setTemplateRole' } }]);
    expect(simulator.calls.count(PATCH_ACL)).toBe(1);
    simulator.admin.setRoles('idp-bridge', ['owner']);
    await replace(bridge, id, groupOf('Hindered', [], granted(['docker', 'use'])));
    await bridge.untilSettled();
    expect(accessTo(bridge, 'docker')).toHaveProperty(simulator.admin.group('hindered').id, 'use');
    expect(simulator.admin.membersOf('hindered')).toEqual([]);
  });
});

describe("a group's organization", () => {
  const bridge = useBridge();
  let member = '';
  beforeAll(async () => {
    bridge.simulator.admin.createOrganization('data');
    member = await bridge.scim.postUser('ollie', inOrganizations('data', 'default'));
    await bridge.untilSettled();
  });
  const dataGroups = (): string[] =>
    bridge.simulator.state
      .groupsIn(dataId())
      .map(({ name }) => name)
      .filter((name) => name !== 'Everyone');
  const dataId = (): string =>
    [...bridge.simulator.state.organizations.values()].find(({ name }) => name === 'data')?.id ?? '';
  const membersIn = (name: string): string[] => {
    const group = bridge.simulator.state.groupsIn(dataId()).find((one) => one.name === name);
    return group ? bridge.simulator.admin.membersOf(group.id) : [];
  };

  it('is the stated one, with its members', async () => {
    await bridge.scim.postGroup('Analysts', [member], stated({ organization: 'data' }));
    await bridge.untilSettled();
    expect(membersIn('analysts')).toEqual(['ollie']);
  });

  it('may change: the group is deleted there and made anew here, with its members', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postGroup('Nomads', [member]);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('nomads')).toEqual(['ollie']);
    simulator.calls.reset();
    await replace(bridge, id, groupOf('Nomads', [member], { organization: 'data' }));
    await bridge.untilSettled();
    expect(() => simulator.admin.group('nomads')).toThrow('no group');
    expect(membersIn('nomads')).toEqual(['ollie']);
    expect(simulator.calls.byRoute()).toMatchObject({
      [DELETE_GROUP]: { mutations: 1 },
      [POST_GROUP]: { mutations: 1 },
      [PATCH_GROUP]: { mutations: 1 },
    });
    expect(await admin.failures()).toEqual([]);
    simulator.calls.reset();
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
  });

  it('that Coder does not have fails the group, and leaves it where it is', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postGroup('Settlers', [member]);
    await bridge.untilSettled();
    await replace(bridge, id, groupOf('Settlers', [], { organization: 'atlantis' }));
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('settlers')).toEqual([]);
    await scim.postGroup('Lost City', [], stated({ organization: 'atlantis' }));
    await bridge.untilSettled();
    const failures = await admin.failures();
    expect(failures.map(({ name }) => name).toSorted()).toEqual(['Lost City', 'Settlers']);
    for (const { failure } of failures) {
      expect(failure).toMatchObject({ kind: 'invalidValue', detail: expect.stringContaining('"atlantis"') });
    }
    expect(dataGroups().toSorted()).toEqual(['analysts', 'nomads']);
  });

  it('that is misspelt takes nobody from a group, whose members are those of the place where it lies', async () => {
    const { scim, simulator } = bridge;
    const dana = await scim.postUser('dana', inOrganizations('data'));
    // Not in that organization: no member of the group there, however much one of the connection's organization.
    const homer = await scim.postUser('homer');
    const id = await scim.postGroup('Locals', [dana, homer], stated({ organization: 'data' }));
    await bridge.untilSettled();
    expect(membersIn('locals')).toEqual(['dana']);
    simulator.calls.reset();
    await replace(bridge, id, groupOf('Locals', [dana, homer], { organization: 'dtaa' }));
    await bridge.untilSettled();
    expect(membersIn('locals')).toEqual(['dana']);
    expect(simulator.calls.count(PATCH_GROUP)).toBe(0);
  });
});

describe('an adopted group that is stated in another organization', () => {
  const bridge = useBridge({ env: { ADOPT_GROUPS: 'always' } });

  it('is given back without what the bridge gave, and made anew there', async () => {
    const { scim, simulator, admin } = bridge;
    const data = simulator.admin.createOrganization('data');
    simulator.admin.createTemplate('docker');
    simulator.admin.createUser({ username: 'stranger', email: 'stranger@example.org' });
    const found = simulator.admin.createGroup({ name: 'legacy' });
    simulator.admin.addToGroup('legacy', 'stranger');
    const user = await scim.postUser('ours');
    const id = await scim.postGroup('Legacy', [user], stated(granted(['docker', 'use'])));
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('legacy')).toEqual(['ours', 'stranger']);
    expect(accessTo(bridge, 'docker')).toEqual({ [found.id]: 'use' });
    await replace(bridge, id, groupOf('Legacy', [user], { organization: data.id }));
    await bridge.untilSettled();
    expect(simulator.admin.membersOf(found.id)).toEqual(['stranger']);
    expect(accessTo(bridge, 'docker')).toEqual({});
    expect(simulator.state.groupsIn(data.id).map(({ name }) => name)).toContain('legacy');
    expect(await admin.failures()).toEqual([]);
  });
});

describe('a protected group', () => {
  const bridge = useBridge({ env: { ADOPT_GROUPS: 'always', PROTECTED_GROUPS: 'admins,ops-*' } });

  it('is not adopted, made or renamed to; the failure says why', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createGroup({ name: 'ops-night' });
    simulator.calls.reset();
    await scim.postGroup('Ops Night');
    await scim.postGroup('Admins');
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
    const failures = await admin.failures();
    expect(failures).toHaveLength(2);
    for (const { failure } of failures) {
      expect(failure).toMatchObject({
        kind: 'refused',
        detail: expect.stringContaining('protected by policy'),
      });
    }
  });
});

describe('groups of a strict connection', () => {
  const bridge = useBridge({ env: { STRICT: 'true', SAFETY_BUDGET: '3,0%', PROTECTED_USERS: 'keeper' } });

  it('keep nobody and no template that is not stated, but protected people, within the safety budget', async () => {
    const { scim, simulator, admin } = bridge;
    const docker = simulator.admin.createTemplate('docker');
    for (const username of ['stranger', 'keeper', 'ann', 'bob', 'cyd', 'dan']) {
      simulator.admin.createUser({ username, email: `${username}@example.org` });
    }
    const user = await scim.postUser('stated');
    await scim.postGroup('Closed', [user]);
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.group('closed');
    simulator.admin.addToGroup('closed', 'stranger', 'keeper');
    const group_acl = { ...docker.group_acl, [coderId]: 'admin' } as const;
    simulator.state.put('template', docker.id, { ...docker, group_acl });
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('closed')).toEqual(['keeper', 'stated']);
    expect(accessTo(bridge, 'docker')).toEqual({});
    // Two of three losses an hour are used up.
    simulator.admin.addToGroup('closed', 'ann', 'bob', 'cyd', 'dan');
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('closed')).toHaveLength(6);
    const [hold] = await admin.holds();
    expect(hold?.held).toMatchObject({ losses: 4 });
    await admin.approve(hold?.id ?? '', hold?.held.hash ?? '');
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('closed')).toEqual(['keeper', 'stated']);
  });
});

describe('taking a template', () => {
  const bridge = useBridge({ env: { SAFETY_BUDGET: '1,0%' } });

  it('uses up the safety budget, and is held beyond it while gains go on', async () => {
    const { scim, simulator, admin } = bridge;
    for (const name of ['docker', 'kubernetes', 'windows']) simulator.admin.createTemplate(name);
    const id = await scim.postGroup('Fused', [], stated(granted(['docker', 'use'], ['kubernetes', 'use'])));
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.group('fused');
    await replace(bridge, id, groupOf('Fused', [], granted(['windows', 'use'])));
    await bridge.untilSettled();
    expect(accessTo(bridge, 'windows')).toEqual({ [coderId]: 'use' });
    expect(accessTo(bridge, 'docker')).toEqual({ [coderId]: 'use' });
    const [hold] = await admin.holds();
    expect(hold?.held).toMatchObject({ losses: 2 });
    await admin.approve(hold?.id ?? '', hold?.held.hash ?? '');
    await bridge.untilSettled();
    expect(accessTo(bridge, 'docker')).toEqual({});
    expect(accessTo(bridge, 'kubernetes')).toEqual({});
  });
});
