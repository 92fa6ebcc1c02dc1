import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { killWhileStarting, startProcess } from '../support/process.js';
import type { BridgeProcess, Settings } from '../support/process.js';
import { Random } from '../support/random.js';
import { fullSync, untilSettled } from './support/coder-state.js';
import { IdentityProvider } from './support/identity-provider.js';
import { ScimClient } from './support/scim-client.js';

const ADMIN_TOKEN = 'admin-token-of-the-chaos-tests';
const SCIM_TOKEN = 'scim-token-of-the-chaos-tests';
const KILLS = 3;
const PATIENTLY = { timeout: 60_000, interval: 5 };

describe('the embedded bridge, killed at random moments while pushes arrive', () => {
  let dataDir: string;
  let bridge: BridgeProcess | undefined;
  let simulator: Simulator | undefined;
  let pushes: IdentityProvider | undefined;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'idp-bridge-chaos-'));
  });
  afterEach(async () => {
    pushes?.stop();
    await bridge?.kill9();
    await simulator?.close();
    [bridge, simulator] = [undefined, undefined];
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Kills and starts the bridge again and again while the identity provider pushes; answers the last one. */
  async function survive(settings: Settings, random: Random): Promise<IdentityProvider> {
    const client = new ScimClient(
      () => bridge?.url ?? 'http://127.0.0.1:9',
      () => bridge?.scimToken ?? '',
    );
    const stated = new IdentityProvider(client, random);
    pushes = stated;
    await killFirstStart(settings, random.between(1, 1_000));
    bridge = await startProcess(settings);
    const token = bridge.scimToken;
    const pushing = stated.push(8);
    // A refusal ends the pushing; it is reported at the end and must not end the test's process before.
    pushing.catch(() => undefined);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const goal = stated.acknowledged + random.between(11, 60);
      await Promise.race([pushing, vi.waitUntil(() => stated.acknowledged >= goal, PATIENTLY)]);
      await sleep(random.between(0, 50));
      await bridge.kill9();
      bridge = await startProcess({ SCIM_TOKEN: token, ...settings });
    }
    const goal = stated.acknowledged + 20;
    await Promise.race([pushing, vi.waitUntil(() => stated.acknowledged >= goal, PATIENTLY)]);
    stated.stop();
    await pushing;
    console.log(
      `${stated.acknowledged} changes acknowledged; answers: ${JSON.stringify([...client.statuses])}`,
    );
    return stated;
  }

  /** The database is made file by file, about a thousand of them: killed in the middle, the next start makes it anew. */
  async function killFirstStart(settings: Settings, files: number): Promise<void> {
    await killWhileStarting(settings, async () => {
      const made = await readdir(join(dataDir, 'database'), { recursive: true }).catch(() => []);
      return made.length >= files;
    });
  }

  const settings = (): Settings => ({
    DATA_DIR: dataDir,
    ADMIN_TOKEN,
    SAFETY_BUDGET: 'off',
    // Only when a test asks for it.
    FULL_SYNC_CRON: '0 0 1 1 *',
    CODER_RATE_LIMIT: '-1',
    SCIM_RATE_LIMIT: '-1',
  });

  async function expectEverythingInCoder(stated: IdentityProvider): Promise<void> {
    const { url, coderUrl } = bridge ?? expect.fail('no bridge');
    await untilSettled({ url, adminToken: ADMIN_TOKEN }, coderUrl, stated, 60_000);
    expect(await fullSync({ url, adminToken: ADMIN_TOKEN })).toMatchObject({
      outcome: 'done',
      users: { differing: 0 },
      groups: { differing: 0 },
      retried: 0,
    });
  }

  it('has everything that was acknowledged in the Coder that died and came back with it', async () => {
    const random = Random.announced('embedded, simulator in the same process');
    const stated = await survive(settings(), random);
    expect(stated.acknowledged).toBeGreaterThan(50);
    await expectEverythingInCoder(stated);
  });

  it('has everything that was acknowledged in a Coder of its own that loses answers', async () => {
    const random = Random.announced('embedded, simulator apart');
    simulator = await startSimulator({ random: random.next });
    simulator.faults.set([
      { kind: 'delay', delayMs: 30, probability: 0.5 },
      { kind: 'dropAfter', match: { method: 'POST' }, probability: 0.05 },
      { kind: 'dropAfter', match: { method: 'PATCH' }, probability: 0.05 },
      { kind: 'dropAfter', match: { method: 'PUT' }, probability: 0.05 },
    ]);
    const stated = await survive(
      { ...settings(), CODER_URL: simulator.url, CODER_SESSION_TOKEN: simulator.token, SCIM_TOKEN },
      random,
    );
    simulator.faults.clear();
    expect(stated.acknowledged).toBeGreaterThan(50);
    await expectEverythingInCoder(stated);
  });
});
