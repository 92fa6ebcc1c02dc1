import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { ScimClient, startTestBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const TOKEN = 'a-token-of-the-second-connection';
const CONFIG = `connections: [{ name: first }, { name: second, tokens: [{ label: second, secret: ${TOKEN} }] }]`;

describe('a connection that is paused', () => {
  let folder = '';
  let bridge: TestBridge;

  const start = async (env: Record<string, string> = {}): Promise<TestBridge> => {
    bridge = await startTestBridge({
      dataDir: join(folder, 'data'),
      env: { BRIDGE_CONFIG: join(folder, 'bridge.yaml'), ...env },
    });
    return bridge;
  };
  const second = (): ScimClient => new ScimClient(`${bridge.admin.base}/connections/second`, TOKEN);
  const tell = async (what: 'pause' | 'resume', name: string) =>
    (await bridge.admin.done('POST', `/api/v1/connections/${name}/${what}`)).body;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bridge-pausing-'));
    await writeFile(join(folder, 'bridge.yaml'), CONFIG);
  });
  afterEach(() => bridge.close());
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('goes on recording and applies nothing, beside another that is not touched', async () => {
    const { scim, simulator, admin } = await start({ SCIM_WAIT_MS: '20000' });
    const leaver = await scim.postUser('leaver');
    await bridge.untilSettled();
    expect(await tell('pause', 'first')).toMatchObject({ connection: 'first', changed: true });
    simulator.calls.reset();

    const asked = Date.now();
    await scim.deactivate(leaver);
    const newcomer = await scim.postUser('newcomer');
    await scim.postGroup('Paused', [leaver, newcomer]);
    // Longer than a push takes, and far shorter than one would wait.
    expect(Date.now() - asked).toBeLessThan(15_000);
    await second().postUser('neighbour');
    await bridge.untilSettled();
    expect(simulator.admin.user('neighbour').email).toBe('neighbour@example.com');
    expect(simulator.admin.user('leaver').status).toBe('dormant');
    expect(() => simulator.admin.user('newcomer')).toThrow('no user');
    expect(await admin.targets()).toMatchObject({ dirty: 0, urgent: 0, failed: 0, paused: 3 });

    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(1);
    expect((await scim.get(`/Users/${newcomer}`)).body).toMatchObject({ userName: 'newcomer', active: true });
  });

  it('is named to whoever has the admin token, and to nobody else', async () => {
    const { admin } = await start();
    const ready = await admin.ready();
    expect([ready.status, ready.body.components.connections]).toEqual([
      200,
      { status: 'degraded', reason: expect.stringContaining('first (3 waiting)') },
    ]);
    const stranger = await fetch(`${admin.base}/readyz`);
    const text = await stranger.text();
    expect(JSON.parse(text).components.connections).toBe('degraded');
    expect(text).not.toContain('first');
    expect((await admin.get('/api/v1/status')).body.paused).toMatchObject([
      { connection: 'first', waiting: 3 },
    ]);
    expect((await admin.get('/metrics')).text).toMatch(/^idp_bridge_targets\{state="paused"\} 3$/m);
    expect(await admin.post('/api/v1/connections/nobody/pause')).toMatchObject({
      status: 404,
      body: {
        error: 'unknownConnection',
        message: expect.stringContaining('The bridge has: first, second.'),
      },
    });
  });

  it('stays so over a restart, and takes up everything when it is resumed', async () => {
    const { simulator, admin } = await start();
    await second().postUser('neighbour-2');
    await bridge.untilSettled();
    // At its start the sweep looks at everything.
    expect(simulator.calls.byRoute()['PUT /api/v2/users/{user}/status/suspend']).toBeUndefined();
    expect(await tell('pause', 'first')).toMatchObject({ changed: false, waiting: 3 });
    expect(await tell('resume', 'first')).toMatchObject({ changed: true, waiting: 3, pausedAt: null });
    await bridge.untilSettled();
    await eventually(() => expect(simulator.admin.membersOf('paused')).toEqual(['leaver', 'newcomer']));
    expect(simulator.admin.user('leaver').status).toBe('suspended');
    expect(await admin.targets()).toMatchObject({ dirty: 0, paused: 0, failed: 0 });
    await eventually(async () => expect((await admin.ready()).body.components.connections.status).toBe('ok'));
    expect(await tell('resume', 'first')).toMatchObject({ changed: false });
  });

  it('stops a run that is under way before its next step', async () => {
    const { scim, simulator, admin } = await start();
    const members = await Promise.all(
      Array.from({ length: 150 }, (_none, at) => scim.postUser(`member-${at}`)),
    );
    await bridge.untilSettled();
    const match = { method: 'PATCH', route: '/api/v2/groups/{group}' };
    const slow = simulator.faults.add({ kind: 'delay', delayMs: 5_000, match, times: 1 });
    await scim.postGroup('Large', members);
    await eventually(() => expect(slow.struck).toBe(1));
    await tell('pause', 'first');
    await eventually(() => expect(simulator.admin.membersOf('large')).toHaveLength(100));
    await second().postUser('neighbour-3');
    await bridge.untilSettled();
    await eventually(async () => {
      const [leased] = await bridge.database.query(
        'SELECT FROM bridge.targets t WHERE lease_until > now() AND lease_token IS NOT NULL',
      );
      expect(leased).toBeUndefined();
    });
    expect(simulator.calls.count('PATCH /api/v2/groups/{group}')).toBe(1);
    expect(await admin.targets()).toMatchObject({ paused: 1 });
    await tell('resume', 'first');
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('large')).toHaveLength(150);
  });

  it('stops the run of a person between two calls as well', async () => {
    const { scim, simulator, admin } = await start();
    simulator.admin.createUser({ username: 'known', email: 'known@example.com', status: 'suspended' });
    const match = { method: 'PUT', route: '/api/v2/users/{user}/status/activate' };
    const slow = simulator.faults.add({ kind: 'delay', delayMs: 5_000, match, times: 1 });
    await scim.postUser('known');
    await eventually(() => expect(slow.struck).toBe(1));
    await tell('pause', 'first');
    await eventually(() => expect(simulator.admin.user('known').status).toBe('active'));
    await eventually(async () => {
      const leased = await bridge.database.query('SELECT FROM bridge.targets WHERE lease_token IS NOT NULL');
      expect(leased).toEqual([]);
    });
    expect(simulator.admin.user('known').name).not.toBe('The known');
    expect(await admin.targets()).toMatchObject({ paused: 1 });
    await tell('resume', 'first');
    await bridge.untilSettled();
    expect(simulator.admin.user('known').name).toBe('The known');
  });
});
