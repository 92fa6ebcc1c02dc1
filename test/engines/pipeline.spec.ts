import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBridge } from '../../src/bootstrap/index.js';
import type { RunningBridge } from '../../src/bootstrap/index.js';
import { loadConfig } from '../../src/config/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { silentLog } from '../../src/telemetry/index.js';
import { ADMIN_TOKEN, AdminClient, groupBody, SCIM_TOKEN, ScimClient, userBody } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import { redisAvailable, startRedis } from '../support/redis.js';

const [postgres, redis] = [postgresAvailable(), redisAvailable()];

/** Where the directory and the queue lie. */
const ENGINES = [
  { directory: 'PGlite', queue: 'PGlite' },
  ...(postgres ? [{ directory: 'PostgreSQL', queue: 'PostgreSQL' }] : []),
  ...(postgres && redis ? [{ directory: 'PostgreSQL', queue: 'Redis' }] : []),
  ...(redis ? [{ directory: 'PGlite', queue: 'Redis' }] : []),
];

/** What Coder holds in the end, whatever the engine. */
const END_STATE = {
  users: [
    { username: 'ann', name: 'Ann Other', active: true },
    { username: 'ben', name: 'The ben', active: false },
    { username: 'cleo', name: 'The cleo', active: true },
    { username: 'dan', name: 'The dan', active: false },
    ...Array.from({ length: 8 }, (_, i) => ({
      username: `extra${i}`,
      name: `The extra${i}`,
      active: true,
    })),
  ].toSorted((a, b) => (a.username < b.username ? -1 : 1)),
  groups: [
    {
      name: 'everybody',
      members: ['ann', 'ben', 'cleo', ...Array.from({ length: 8 }, (_, i) => `extra${i}`)],
    },
    { name: 'platform', members: ['ann', 'ben'] },
  ],
};

describe.each(ENGINES)('with the directory on $directory and the queue on $queue', ({ directory, queue }) => {
  const closers: (() => Promise<unknown>)[] = [];
  let bridge: RunningBridge;
  let simulator: Simulator;
  let scim: ScimClient;
  let admin: AdminClient;

  beforeAll(async () => {
    bridge = await startBridge(loadConfig(await environment()), silentLog);
    closers.push(() => bridge.close());
    simulator = bridge.simulator ?? expect.fail('no simulator');
    scim = new ScimClient(bridge.url);
    admin = new AdminClient(bridge.url);
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  async function environment(): Promise<Record<string, string>> {
    const env: Record<string, string> = {
      PORT: '0',
      HOST: '127.0.0.1',
      SCIM_TOKEN,
      ADMIN_TOKEN,
      CODER_URL: 'simulator',
      CODER_RATE_LIMIT: '-1',
      SCIM_RATE_LIMIT: '-1',
      SAFETY_BUDGET: 'off',
      // Only when a test asks for it.
      FULL_SYNC_CRON: '0 0 1 1 *',
    };
    if (directory === 'PostgreSQL') {
      const server = await startPostgres();
      closers.push(() => server.stop());
      env['DATABASE_URL'] = server.url;
    } else {
      const folder = await mkdtemp(join(tmpdir(), 'idp-bridge-engines-'));
      closers.push(() => rm(folder, { recursive: true, force: true }));
      env['DATA_DIR'] = folder;
    }
    if (queue === 'Redis') {
      const server = await startRedis();
      closers.push(() => server.remove());
      env['REDIS_URL'] = server.url;
    }
    return env;
  }

  async function settled(): Promise<void> {
    await eventually(async () =>
      expect(await admin.targets()).toMatchObject({ dirty: 0, failed: 0, held: 0 }),
    );
  }

  it('everything that was pushed is in Coder, each change with few calls, and a replay makes none', async () => {
    const names = ['ann', 'ben', 'cleo', 'dan', ...Array.from({ length: 8 }, (_, i) => `extra${i}`)];
    const ids = new Map<string, string>();
    const id = (name: string): string => ids.get(name) ?? expect.fail(name);
    for (const name of names) ids.set(name, await scim.postUser(name));
    const platform = await scim.postGroup('Platform Team', [id('ann'), id('dan')]);
    const everybody = await scim.postGroup('Everybody', names.slice(0, 6).map(id));
    const gone = await scim.postGroup('Gone', [id('cleo')]);
    await settled();
    expect(simulator.calls.count('POST /api/v2/users')).toBe(names.length);

    await scim.addMembers(everybody, ...names.slice(6).map(id));
    await scim.addMembers(platform, id('ben'), id('cleo'));
    await scim.removeMembers(platform, id('cleo'));
    await scim.renameGroup(platform, 'Platform');
    await scim.patchUser(id('ann'), { op: 'replace', path: 'name.formatted', value: 'Ann Other' });
    await scim.deactivate(id('ben'));
    await scim.deactivate(id('cleo'));
    await scim.activate(id('cleo'));
    await scim.deleteUser(id('dan'));
    await scim.deleteGroup(gone);
    await settled();
    expect(inCoder()).toEqual(END_STATE);

    simulator.calls.reset();
    await scim.putUser(id('ann'), 'ann', { name: { formatted: 'Ann Other' } });
    await scim.putUser(id('ben'), 'ben', { active: false });
    await scim.done('PUT', `/Groups/${platform}`, groupBody('Platform', [id('ann'), id('ben')]));
    await scim.deactivate(id('ben'));
    await settled();
    expect(simulator.calls.countMutations()).toBe(0);
    expect((await scim.post('/Users', userBody('ann'))).status).toBe(409);

    expect((await admin.sync()).body).toMatchObject({
      outcome: 'done',
      users: { differing: 0 },
      groups: { differing: 0 },
    });
    expect(inCoder()).toEqual(END_STATE);
  });

  it('an edit behind the bridge is repaired, and so is a user that was deleted and comes back', async () => {
    simulator.admin.suspend('cleo');
    simulator.admin.removeFromGroup('platform', 'ann');
    expect((await admin.sync()).body).toMatchObject({ users: { differing: 1 }, groups: { differing: 1 } });
    await settled();
    expect(inCoder()).toMatchObject({ groups: END_STATE.groups });
    expect(simulator.admin.user('cleo').status).not.toBe('suspended');
    await scim.postUser('dan');
    await settled();
    expect(simulator.admin.user('dan').status).not.toBe('suspended');
    expect(
      [...simulator.state.users.values()].filter(({ email }) => email === 'dan@example.com'),
    ).toHaveLength(1);
  });

  function inCoder(): unknown {
    const { state } = simulator;
    const users = [...state.users.values()].filter(({ username }) => username !== 'idp-bridge');
    const groups = [...state.groups.values()].filter(({ name }) => name !== 'Everyone');
    return {
      users: users
        // A new account is dormant, one that was suspended and activated again is active: both may work.
        .map(({ username, name, status }) => ({ username, name, active: status !== 'suspended' }))
        .toSorted((a, b) => (a.username < b.username ? -1 : 1)),
      groups: groups
        .map((group) => ({
          name: group.name,
          members: state
            .usersIn(group)
            .map(({ username }) => username)
            .toSorted(),
        }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }
});
