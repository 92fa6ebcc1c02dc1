import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { ADMIN_TOKEN, AdminClient, SCIM_TOKEN, ScimClient } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';
import { startProcess } from '../support/process.js';
import type { BridgeProcess } from '../support/process.js';
import { redisAvailable, startRedis } from '../support/redis.js';
import type { TestRedis } from '../support/redis.js';

const AVAILABLE = postgresAvailable() && redisAvailable();

describe.runIf(AVAILABLE)('a bridge whose Redis is away', () => {
  let postgres: TestPostgres;
  let redis: TestRedis;
  let simulator: Simulator;
  let bridge: BridgeProcess | undefined;

  beforeEach(async () => {
    [postgres, redis, simulator] = await Promise.all([
      startPostgres(),
      startRedis(['--maxmemory-policy', 'allkeys-lru']),
      startSimulator(),
    ]);
  });
  afterEach(async () => {
    await bridge?.kill9();
    await simulator?.close();
    await redis?.remove();
    await postgres?.stop();
  });

  async function start(): Promise<{ scim: ScimClient; admin: AdminClient }> {
    bridge = await startProcess({
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      CODER_URL: simulator.url,
      CODER_SESSION_TOKEN: simulator.token,
      SCIM_TOKEN,
      ADMIN_TOKEN,
      SAFETY_BUDGET: 'off',
    });
    return { scim: new ScimClient(bridge.url), admin: new AdminClient(bridge.url) };
  }

  const accounts = (): string[] =>
    [...simulator.state.users.values()].map(({ username }) => username).toSorted();

  it('says at start what endangers the queue there, takes every push meanwhile, and delivers when it is back', async () => {
    const { scim, admin } = await start();
    expect(bridge?.lines.join('\n')).toContain('maxmemory-policy is \\"allkeys-lru\\"');
    const known = await scim.postUser('known');
    await eventually(() => expect(accounts()).toContain('known'));

    await redis.kill9();
    const ids = await Promise.all(['ann', 'ben', 'cleo'].map((name) => scim.postUser(name)));
    const group = await scim.postGroup('Team', ids);
    await scim.deactivate(known);
    await scim.addMembers(group, known);
    const ready = await eventually(async () => {
      const answer = await admin.ready();
      expect(answer.body).toMatchObject({ status: 'degraded', components: { queue: { status: 'down' } } });
      return answer;
    });
    expect(ready.status).toBe(200);
    expect(accounts()).toEqual(['idp-bridge', 'known']);

    await redis.start();
    await eventually(() => expect(accounts()).toEqual(['ann', 'ben', 'cleo', 'idp-bridge', 'known']));
    await eventually(() => {
      expect(simulator.admin.user('known').status).toBe('suspended');
      expect(simulator.admin.membersOf('team')).toEqual(['ann', 'ben', 'cleo', 'known']);
    });
    await eventually(async () => {
      expect(await admin.targets()).toMatchObject({ dirty: 0, failed: 0 });
      expect((await admin.ready()).body).toMatchObject({ status: 'ok' });
    });
  });

  it('starts without it, with a warning, and delivers when it comes', async () => {
    await redis.stop();
    const { scim } = await start();
    expect(bridge?.lines.join('\n')).toContain('Redis: its settings cannot be read');
    await scim.postUser('early');
    await redis.start();
    await eventually(() => expect(accounts()).toContain('early'));
  });
});
