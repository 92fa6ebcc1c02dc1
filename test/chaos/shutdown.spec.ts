import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { ADMIN_TOKEN, AdminClient, SCIM_TOKEN, ScimClient } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import { startProcess } from '../support/process.js';
import type { BridgeProcess, Settings } from '../support/process.js';

const POST_USERS = 'POST /api/v2/users';

describe('a bridge that is asked to end', () => {
  const closers: (() => Promise<unknown>)[] = [];
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = await startSimulator();
    closers.push(() => simulator.close());
  });
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  async function start(settings: Settings): Promise<BridgeProcess> {
    const bridge = await startProcess({
      CODER_URL: simulator.url,
      CODER_SESSION_TOKEN: simulator.token,
      SCIM_TOKEN,
      ADMIN_TOKEN,
      CODER_RATE_LIMIT: '-1',
      SCIM_RATE_LIMIT: '-1',
      SAFETY_BUDGET: 'off',
      ...settings,
    });
    closers.push(() => bridge.kill9());
    return bridge;
  }

  async function dataDir(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'idp-bridge-shutdown-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  const accounts = (): number => simulator.state.users.size - 1;

  it('finishes the calls that are under way, ends with 0, and goes on where it was at the next start', async () => {
    const settings = { DATA_DIR: await dataDir() };
    const first = await start(settings);
    simulator.faults.set([{ kind: 'delay', delayMs: 500, match: { method: 'POST' } }]);
    const scim = new ScimClient(first.url);
    const names = Array.from({ length: 60 }, (_, i) => `user${i}`);
    await Promise.all(names.map((name) => scim.postUser(name)));
    await eventually(() => expect(accounts()).toBeGreaterThan(0));

    expect(await first.stop()).toBe(0);
    const made = accounts();
    expect(made).toBeLessThan(names.length);
    expect(simulator.calls.count(POST_USERS)).toBe(made);

    simulator.faults.clear();
    const second = await start(settings);
    await eventually(() => expect(accounts()).toBe(names.length));
    expect(simulator.calls.count(POST_USERS)).toBe(names.length);
    await eventually(async () =>
      expect(await new AdminClient(second.url).targets()).toMatchObject({ dirty: 0, failed: 0 }),
    );
  });

  it('ends with 0 in time though Coder never answers', async () => {
    const settings = { DATA_DIR: await dataDir() };
    const first = await start(settings);
    simulator.faults.set([{ kind: 'hang', match: { method: 'POST' } }]);
    await new ScimClient(first.url).postUser('ann');
    await eventually(() => expect(simulator.faults.list()[0]?.struck).toBe(1));
    const asked = Date.now();
    expect(await first.stop()).toBe(0);
    expect(Date.now() - asked).toBeLessThan(30_000);

    simulator.faults.clear();
    await start(settings);
    await eventually(() => expect(simulator.admin.user('ann').email).toBe('ann@example.com'));
    expect(accounts()).toBe(1);
  });

  it.runIf(postgresAvailable())(
    'says so in /readyz before it refuses anything, and leaves no target leased',
    async () => {
      const postgres = await startPostgres();
      closers.push(() => postgres.stop());
      const bridge = await start({ DATABASE_URL: postgres.url });
      const [scim, admin] = [new ScimClient(bridge.url), new AdminClient(bridge.url)];
      simulator.faults.set([{ kind: 'delay', delayMs: 300, match: { method: 'POST' } }]);
      await Promise.all(Array.from({ length: 40 }, (_, i) => scim.postUser(`user${i}`)));

      const ended = bridge.stop();
      await eventually(async () => {
        const { status, body } = await admin.ready();
        expect(status).toBe(503);
        expect(body).toMatchObject({ components: { shutdown: { status: 'down' } } });
      });
      // The load balancer has not seen it yet: what comes is still taken.
      await scim.postUser('late');
      expect(await ended).toBe(0);

      expect(await leased(postgres.url)).toEqual([]);
      const next = await start({ DATABASE_URL: postgres.url });
      await eventually(() => expect(accounts()).toBe(41));
      await eventually(async () =>
        expect(await new AdminClient(next.url).targets()).toMatchObject({ dirty: 0, failed: 0 }),
      );
      expect(simulator.calls.count(POST_USERS)).toBe(41);
    },
  );
});

async function leased(url: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SELECT id FROM bridge.targets WHERE lease_token IS NOT NULL');
  await client.end();
  return rows;
}
