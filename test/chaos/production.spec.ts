import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFailed, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';
import { startProcess } from '../support/process.js';
import type { BridgeProcess, Settings } from '../support/process.js';
import { Random } from '../support/random.js';
import { redisAvailable, startRedis } from '../support/redis.js';
import type { TestRedis } from '../support/redis.js';
import { fullSync, untilSettled } from './support/coder-state.js';
import { IdentityProvider } from './support/identity-provider.js';
import { ScimClient } from './support/scim-client.js';

const ADMIN_TOKEN = 'admin-token-of-the-chaos-tests';
const SCIM_TOKEN = 'scim-token-of-the-chaos-tests';
const PATIENTLY = { timeout: 60_000, interval: 5 };

const AVAILABLE = postgresAvailable() && redisAvailable();

describe.runIf(AVAILABLE)('two bridges on PostgreSQL and Redis, all of them killed now and then', () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  it('have everything in Coder that was acknowledged while they, Redis and PostgreSQL died', async () => {
    const random = Random.announced('production');
    const house = await open(random);
    const { postgres, redis, bridges, kill } = house;
    const client = new ScimClient(
      () => random.pick([...bridges.values()])?.url ?? 'http://127.0.0.1:9',
      () => SCIM_TOKEN,
    );
    const stated = new IdentityProvider(client, random);
    const pushing = stated.push(8);
    pushing.catch(() => undefined);
    const progress = async (changes: number): Promise<void> => {
      const goal = stated.acknowledged + changes;
      await Promise.race([pushing, vi.waitUntil(() => stated.acknowledged >= goal, PATIENTLY)]);
      await sleep(random.between(0, 50));
    };

    // Bridges first: what a dead worker had leased is free for others only a minute later, while the rest goes on.
    for (let turn = 0; turn < 3; turn += 1) {
      await progress(random.between(10, 60));
      await kill(random.pick(['one', 'two']) ?? 'one');
    }
    for (let turn = 0; turn < 3; turn += 1) {
      await progress(random.between(10, 60));
      await redis.kill9(random.between(0, 2_000));
      await progress(random.between(5, 30));
      await redis.start();
    }
    await progress(random.between(10, 60));
    await postgres.kill9();
    await sleep(random.between(0, 500));
    await postgres.restart();
    await progress(30);
    stated.stop();
    await pushing;
    console.log(
      `${stated.acknowledged} changes acknowledged; answers: ${JSON.stringify([...client.statuses])}`,
    );

    const { url, coderUrl } = bridges.get('one') ?? expect.fail('no bridge');
    await untilSettled({ url, adminToken: ADMIN_TOKEN }, coderUrl, stated, 100_000);
    expect(await fullSync({ url, adminToken: ADMIN_TOKEN })).toMatchObject({
      outcome: 'done',
      users: { differing: 0 },
      groups: { differing: 0 },
      retried: 0,
    });
  });

  interface House {
    readonly postgres: TestPostgres;
    readonly redis: TestRedis;
    readonly bridges: ReadonlyMap<string, BridgeProcess>;
    /** Kills that bridge, and starts it again in the background of the next pushes. */
    readonly kill: (name: string) => Promise<void>;
  }

  async function open(random: Random): Promise<House> {
    const [postgres, redis, simulator] = await Promise.all([
      startPostgres(),
      startRedis(),
      startSimulator({ random: random.next }),
    ]);
    closers.push(
      () => postgres.stop(),
      () => redis.remove(),
      () => simulator.close(),
    );
    simulator.faults.set([{ kind: 'delay', delayMs: 20, probability: 0.5 }]);
    const settings: Settings = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      CODER_URL: simulator.url,
      CODER_SESSION_TOKEN: simulator.token,
      SCIM_TOKEN,
      ADMIN_TOKEN,
      SAFETY_BUDGET: 'off',
      // Only when a test asks for it.
      FULL_SYNC_CRON: '0 0 1 1 *',
      CODER_RATE_LIMIT: '-1',
      SCIM_RATE_LIMIT: '-1',
    };
    const bridges = new Map<string, BridgeProcess>();
    closers.push(() => Promise.all([...bridges.values()].map((bridge) => bridge.kill9())));
    onTestFailed(() => {
      for (const [name, { lines }] of bridges)
        console.log(`${name} printed:\n${lines.slice(-50).join('\n')}`);
    });
    const start = async (name: string): Promise<void> => {
      bridges.set(name, await startProcess(settings));
    };
    await Promise.all(['one', 'two'].map(start));
    const kill = async (name: string): Promise<void> => {
      await bridges.get(name)?.kill9();
      bridges.delete(name);
      await start(name);
    };
    return { postgres, redis, bridges, kill };
  }
});
