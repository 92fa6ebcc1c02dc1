import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { startTestBridge, useBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const SUSPEND = 'PUT /api/v2/users/{user}/status/suspend';
const ACTIVATE = 'PUT /api/v2/users/{user}/status/activate';
const REVOKE = 'DELETE /api/v2/users/{user}/keys/{key}';
const STOP = 'POST /api/v2/workspaces/{workspace}/builds';

interface Entry {
  readonly action: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

async function journal({ database }: TestBridge, id: string): Promise<Entry[]> {
  return database.query<Entry>('SELECT action, facts FROM bridge.journal WHERE target_id = $1 ORDER BY id', [
    id,
  ]);
}

async function entries(bridge: TestBridge, id: string, action: string): Promise<Entry['facts'][]> {
  return (await journal(bridge, id)).filter((entry) => entry.action === action).map(({ facts }) => facts);
}

/** Somebody with so many API tokens and running workspaces, known to Coder and to the bridge. */
async function employ(bridge: TestBridge, name: string, tokens = 2, workspaces = 2): Promise<string> {
  const { scim, simulator } = bridge;
  const id = await scim.postUser(name);
  await bridge.untilSettled();
  equip(bridge, name, tokens, workspaces);
  simulator.calls.reset();
  simulator.ledger.reset();
  return id;
}

function equip({ simulator }: TestBridge, name: string, tokens: number, workspaces: number): void {
  const { admin, state } = simulator;
  if (!state.tables.rows('template').some((row) => row.name === 'docker')) admin.createTemplate('docker');
  for (let n = 0; n < tokens; n += 1) admin.createToken(name);
  for (let n = 0; n < workspaces; n += 1) {
    const taken = state.tables.rows('workspace').length;
    admin.createWorkspace(name, `dev-${taken}`, 'docker');
  }
}

function tokensOf({ simulator }: TestBridge, name: string): number {
  const { id } = simulator.admin.user(name);
  return [...simulator.state.tokens.values()].filter((row) => row.user_id === id).length;
}

/** How the last builds of the person's workspaces ended. */
async function workspacesOf({ simulator }: TestBridge, name: string): Promise<string[]> {
  const answer = await fetch(`${simulator.url}/api/v2/workspaces?q=owner:${name}`, {
    headers: { 'Coder-Session-Token': simulator.token },
  });
  const { workspaces } = (await answer.json()) as { workspaces: { latest_build: { status: string } }[] };
  return workspaces.map((one) => one.latest_build.status);
}

const mutations = ({ simulator }: TestBridge): string[] =>
  simulator.calls.mutations().map(({ method, route }) => `${method} ${route}`);

const LEAVING = {
  'is deactivated': (bridge: TestBridge, id: string) => bridge.scim.deactivate(id),
  'is deleted': (bridge: TestBridge, id: string) => bridge.scim.deleteUser(id),
};

describe('somebody who leaves', () => {
  const bridge = useBridge();

  it.each(Object.entries(LEAVING))(
    'and %s is suspended first, then loses the API tokens, then the workspaces are stopped; and nothing is done twice',
    async (how, leave) => {
      const name = how === 'is deleted' ? 'ann' : 'bob';
      const id = await employ(bridge, name);
      await employ(bridge, `${name}-stays`);
      await leave(bridge, id);
      expect(await bridge.untilSettled()).toMatchObject({ failed: 0, held: 0 });
      expect(mutations(bridge)).toEqual([SUSPEND, REVOKE, REVOKE, STOP, STOP]);
      expect(bridge.simulator.admin.user(name).status).toBe('suspended');
      expect([tokensOf(bridge, name), await workspacesOf(bridge, name)]).toEqual([0, ['stopped', 'stopped']]);
      expect([tokensOf(bridge, `${name}-stays`), await workspacesOf(bridge, `${name}-stays`)]).toEqual([
        2,
        ['running', 'running'],
      ]);

      await leave(bridge, id).catch(() => undefined);
      await bridge.admin.sync();
      await bridge.untilSettled();
      expect(mutations(bridge)).toHaveLength(5);
      expect(bridge.simulator.ledger.notified('user suspended')).toBe(1);
    },
  );

  it('with more tokens and workspaces than a plan has steps loses them all', async () => {
    const id = await employ(bridge, 'carl', 30, 4);
    await bridge.scim.deactivate(id);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect([tokensOf(bridge, 'carl'), await workspacesOf(bridge, 'carl')]).toEqual([
      0,
      Array(4).fill('stopped'),
    ]);
  });

  it('and comes back is active again, and the journal says what is not restored', async () => {
    const { scim, simulator } = bridge;
    const id = await employ(bridge, 'dora', 3, 1);
    await scim.postGroup('Painters', [id]);
    await bridge.untilSettled();
    await scim.deactivate(id);
    await bridge.untilSettled();
    await scim.activate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('dora').status).toBe('active');
    expect(simulator.admin.membersOf('painters')).toEqual(['dora']);
    expect([tokensOf(bridge, 'dora'), await workspacesOf(bridge, 'dora')]).toEqual([0, ['stopped']]);
    const [told] = await entries(bridge, id, 'coder.user.activated');
    expect(told).toMatchObject({ notRestored: { tokens: 3, workspaces: 1 } });
    // Counted anew from then on.
    equip(bridge, 'dora', 1, 0);
    await scim.deactivate(id);
    await bridge.untilSettled();
    await scim.activate(id);
    await bridge.untilSettled();
    const [, again] = await entries(bridge, id, 'coder.user.activated');
    expect(again).toMatchObject({ notRestored: { tokens: 1, workspaces: 0 } });
  });

  it('with nothing comes back without a word of what is not restored', async () => {
    const id = await employ(bridge, 'emma', 0, 0);
    await bridge.scim.deactivate(id);
    await bridge.untilSettled();
    await bridge.scim.activate(id);
    await bridge.untilSettled();
    expect(mutations(bridge)).toEqual([SUSPEND, ACTIVATE]);
    const [told] = await entries(bridge, id, 'coder.user.activated');
    expect(told).not.toHaveProperty('notRestored');
  });

  it('and is activated, given a token and a workspace behind the back, loses them again at the next full sync', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await employ(bridge, 'finn', 1, 1);
    await scim.deactivate(id);
    await bridge.untilSettled();
    simulator.admin.activate('finn');
    equip(bridge, 'finn', 1, 1);
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.user('finn').status).toBe('suspended');
    expect([tokensOf(bridge, 'finn'), await workspacesOf(bridge, 'finn')]).toEqual([
      0,
      ['stopped', 'stopped'],
    ]);
  });

  it('cannot make a token or start a workspace afterwards', async () => {
    const { scim, simulator } = bridge;
    const id = await employ(bridge, 'gwen', 0, 1);
    const session = simulator.admin.createToken('gwen');
    const [workspace] = simulator.state.tables.rows('workspace').slice(-1);
    const asGwen = (method: string, path: string, body?: object): Promise<number> =>
      fetch(`${simulator.url}/api/v2${path}`, {
        method,
        headers: { 'Coder-Session-Token': session },
        ...(body && { body: JSON.stringify(body) }),
      }).then(({ status }) => status);
    expect(await asGwen('GET', '/users/me')).toBe(200);
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(await asGwen('POST', '/users/me/keys/tokens', { token_name: 'back' })).toBe(401);
    expect(await asGwen('POST', `/workspaces/${workspace?.id}/builds`, { transition: 'start' })).toBe(401);
  });

  it('and is an owner keeps tokens and workspaces, until that role is gone', async () => {
    const { scim, simulator } = bridge;
    const id = await employ(bridge, 'hugo');
    simulator.admin.setRoles('hugo', ['owner']);
    simulator.calls.reset();
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(mutations(bridge)).toEqual([]);
    expect([tokensOf(bridge, 'hugo'), await workspacesOf(bridge, 'hugo')]).toEqual([
      2,
      ['running', 'running'],
    ]);
    simulator.admin.setRoles('hugo', []);
    await bridge.admin.sync();
    await bridge.untilSettled();
    expect(tokensOf(bridge, 'hugo')).toBe(0);
  });
});

describe('workspaces that take their time', () => {
  const bridge = useBridge();

  it('are waited for until they are down, and one that was about to start is stopped as well', async () => {
    const { scim, simulator } = bridge;
    const id = await employ(bridge, 'ann', 0, 1);
    simulator.admin.set({ buildTime: 2_000 });
    equip(bridge, 'ann', 0, 1);
    expect(await workspacesOf(bridge, 'ann')).toEqual(['running', 'starting']);
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(await workspacesOf(bridge, 'ann')).toEqual(['stopped', 'stopped']);
    expect(simulator.calls.countMutations(STOP)).toBe(2);
    expect(simulator.calls.countMutations(SUSPEND)).toBe(1);
    simulator.admin.set({ buildTime: 0 });
  });

  it('and fail to stop are on the record, and not tried for ever', async () => {
    const { scim, simulator } = bridge;
    const id = await employ(bridge, 'bob', 0, 2);
    const [failing] = simulator.state.tables.rows('workspace').slice(-1);
    simulator.admin.failBuilds(failing?.id ?? '');
    await scim.deactivate(id);
    expect(await bridge.untilSettled()).toMatchObject({ dirty: 0, failed: 0 });
    expect(await workspacesOf(bridge, 'bob')).toEqual(['stopped', 'failed']);
    expect(await entries(bridge, id, 'coder.offboarding.refused')).toMatchObject([
      { step: 'stopWorkspace', workspaceId: failing?.id, buildFailed: true },
    ]);
    expect(simulator.calls.countMutations(STOP)).toBe(2);
  });
});

describe.each<[what: string, env: Record<string, string>, expected: string[]]>([
  ['neither', { REVOKE_TOKENS: 'false', STOP_WORKSPACES: 'false' }, [SUSPEND]],
  ['only tokens', { STOP_WORKSPACES: 'false' }, [SUSPEND, REVOKE]],
  ['only workspaces', { REVOKE_TOKENS: 'false' }, [SUSPEND, STOP]],
])('a policy that takes %s', (_what, env, expected) => {
  const bridge = useBridge({ env });

  it('has no more than that done, and looked for', async () => {
    const id = await employ(bridge, 'ann', 1, 1);
    await bridge.scim.deactivate(id);
    await bridge.untilSettled();
    expect(mutations(bridge)).toEqual(expected);
    const { calls } = bridge.simulator;
    expect(calls.count('GET /api/v2/users/{user}/keys/tokens')).toBe(env['REVOKE_TOKENS'] ? 0 : 1);
    expect(calls.count('GET /api/v2/workspaces') > 0).toBe(env['STOP_WORKSPACES'] === undefined);
  });
});

describe('a protected account', () => {
  const bridge = useBridge({ env: { PROTECTED_USERS: 'ann,bob' } });

  it.each(Object.entries(LEAVING))(
    'whose person %s keeps everything, and the journal says why',
    async (how, leave) => {
      const name = how === 'is deleted' ? 'ann' : 'bob';
      const id = await employ(bridge, name, 1, 1);
      await leave(bridge, id);
      expect(await bridge.untilSettled()).toMatchObject({ failed: 0, held: 0 });
      expect(mutations(bridge)).toEqual([]);
      expect(bridge.simulator.admin.user(name).status).not.toBe('suspended');
      expect([tokensOf(bridge, name), await workspacesOf(bridge, name)]).toEqual([1, ['running']]);
      expect(await entries(bridge, id, 'note.protected')).toMatchObject([
        { detail: expect.stringContaining('protected') },
      ]);
      const { body } = await bridge.admin.get(`/api/v1/receipts/${name}`);
      expect(body).toMatchObject({ verdict: 'refused', steps: [{ step: 'suspend', outcome: 'refused' }] });
    },
  );
});

describe('a token of the bridge that may not', () => {
  const bridge = useBridge();

  it('see tokens and workspaces: the suspension stands, and the record says what was not done', async () => {
    const { scim, simulator } = bridge;
    const id = await employ(bridge, 'ann', 1, 1);
    simulator.admin.setRoles('idp-bridge', ['user-admin']);
    await scim.deactivate(id);
    expect(await bridge.untilSettled()).toMatchObject({ dirty: 0, failed: 0 });
    expect(mutations(bridge)).toEqual([SUSPEND]);
    expect(await entries(bridge, id, 'coder.offboarding.refused')).toEqual([
      { step: 'list tokens', status: null, needs: ['owner'] },
      { step: 'list workspaces', status: null, needs: ['owner', 'template-admin', 'auditor'] },
    ]);
    simulator.admin.setRoles('idp-bridge', ['owner']);
  });

  it.each([
    ['revokeToken', REVOKE, 403, { keyId: expect.any(String) }],
    ['stopWorkspace', STOP, 403, { workspaceId: expect.any(String) }],
    ['list tokens', 'GET /api/v2/users/{user}/keys/tokens', 403, {}],
    ['list workspaces', 'GET /api/v2/workspaces', 404, {}],
  ])(
    '%s: the other steps are done, and the refusal is on the record once',
    async (step, call, status, facts) => {
      const { scim, simulator } = bridge;
      const [method = '', route = ''] = call.split(' ');
      const name = `eve-${status}-${step.replaceAll(/\W/g, '').toLowerCase()}`;
      const id = await employ(bridge, name, 1, 1);
      const fault = simulator.faults.add({ kind: 'status', status, match: { method, route } });
      await scim.deactivate(id);
      expect(await bridge.untilSettled()).toMatchObject({ dirty: 0, failed: 0 });
      simulator.faults.clear(fault.id);
      const done = mutations(bridge);
      const other = step.endsWith('okens') || step === 'revokeToken' ? STOP : REVOKE;
      expect(done).toEqual(expect.arrayContaining([SUSPEND, other]));
      expect(done).toHaveLength(2);
      const refused = await entries(bridge, id, 'coder.offboarding.refused');
      expect(refused).toEqual([{ step, status, operation: expect.any(String), ...facts }]);
    },
  );
});

describe.each(['dropAfter', 'dropBefore'] as const)('an answer that is lost (%s)', (kind) => {
  const bridge = useBridge();

  it.each([
    ['of the suspension', SUSPEND],
    ['of a token', REVOKE],
    ['of a workspace', STOP],
  ])('%s is made up for by the next run, and nothing is done or counted twice', async (what, call) => {
    const { scim, simulator } = bridge;
    const [method = '', route = ''] = call.split(' ');
    const name = `max-${what.split(' ').at(-1)}`;
    const id = await employ(bridge, name, 2, 2);
    const fault = simulator.faults.add({ kind, match: { method, route }, times: 1 });
    await scim.deactivate(id);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(fault.struck).toBe(1);
    expect(mutations(bridge)).toEqual([SUSPEND, REVOKE, REVOKE, STOP, STOP]);
    expect([tokensOf(bridge, name), await workspacesOf(bridge, name)]).toEqual([0, ['stopped', 'stopped']]);
    expect(simulator.ledger.notified('user suspended')).toBe(1);
    await scim.activate(id);
    await bridge.untilSettled();
    const [told] = await entries(bridge, id, 'coder.user.activated');
    expect(told).toMatchObject({ notRestored: { tokens: 2, workspaces: 2 } });
    simulator.faults.clear();
  });
});

describe('a bridge that ends between the steps', () => {
  it('goes on where it was when it is started again, and the receipt has all of it', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bridge-leaving-'));
    try {
      const first = await startTestBridge({ dataDir, tuning: { callTimeoutMs: 500 } });
      const id = await employ(first, 'ann', 2, 2);
      const route = '/api/v2/workspaces/{workspace}/builds';
      const fault = first.simulator.faults.add({ kind: 'hang', match: { method: 'POST', route } });
      await first.scim.deactivate(id);
      await eventually(() => expect(fault.struck).toBeGreaterThan(0));
      expect([tokensOf(first, 'ann'), await workspacesOf(first, 'ann')]).toEqual([0, ['running', 'running']]);
      await first.close();

      const second = await startTestBridge({ dataDir });
      try {
        expect(await second.untilSettled()).toMatchObject({ failed: 0 });
        expect(mutations(second)).toEqual([STOP, STOP]);
        expect(await workspacesOf(second, 'ann')).toEqual(['stopped', 'stopped']);
        const { body } = await second.admin.get('/api/v1/receipts/ann');
        expect(body.verdict).toBe('complete');
        expect(body.steps.map(({ step }: { step: string }) => step)).toEqual([
          'suspend',
          'revokeToken',
          'revokeToken',
          'stopWorkspace',
          'stopWorkspace',
        ]);
      } finally {
        await second.close();
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
