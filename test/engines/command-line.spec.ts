import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openBackend } from '../../src/cli/commands/open-backend.js';
import { runCommand } from '../../src/cli/commands/program.js';
import { openConnections } from '../../src/connections/index.js';
import { loadConfig } from '../../src/config/index.js';
import type { CommandLineSettings } from '../../src/config/index.js';
import { ADMIN_TOKEN, startTestBridge, type TestBridge } from '../support/bridge.js';
import { postgresEngine } from '../support/database.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';

/** Runs a command against what the settings lead to; answers what it printed on standard output. */
async function run(settings: Partial<CommandLineSettings>, ...argv: readonly string[]): Promise<string> {
  let out = '';
  await runCommand(argv, {
    open: (place) => openBackend(place, { dataDir: '/nowhere/at/all', noColor: true, ...settings }),
    out: (text) => (out += text),
    error: () => undefined,
    signal: new AbortController().signal,
  });
  return out;
}

const CREATE = ['token', 'create', '--connection', 'default', '--label', 'made by hand'];

describe('the command line on the embedded engine', { timeout: 180_000 }, () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });
  async function dataFolder(): Promise<string> {
    const dataDir = await mkdtemp(join(tmpdir(), 'bridge-cli-'));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    return dataDir;
  }
  async function start(dataDir: string): Promise<TestBridge> {
    const bridge = await startTestBridge({ dataDir });
    closers.push(() => bridge.close());
    return bridge;
  }
  const ask = async (bridge: TestBridge, token: string): Promise<number> =>
    (await fetch(`${bridge.scim.base}/Users`, { headers: { authorization: `Bearer ${token}` } })).status;

  it('asks the bridge that runs, as the data folder has one owner', async () => {
    const dataDir = await dataFolder();
    const bridge = await start(dataDir);
    const port = new URL(bridge.scim.base).port;
    const settings = { dataDir, port, adminToken: ADMIN_TOKEN };
    const token = (await run(settings, ...CREATE)).trim();
    expect(await ask(bridge, token)).toBe(200);
    const [listed] = JSON.parse(await run(settings, 'token', 'list', '--json')) as {
      id: string;
      label: string;
    }[];
    expect(listed?.label).toBe('made by hand');
    await run(settings, 'token', 'revoke', listed?.id ?? '');
    expect(await ask(bridge, token)).toBe(401);
    await vi.waitFor(
      async () => {
        const lines = (await run(settings, 'requests', '--status', '4xx', '--json')).trim().split('\n');
        expect(lines.map((line) => (JSON.parse(line || '{}') as { status?: number }).status)).toEqual([401]);
      },
      { timeout: 20_000, interval: 100 },
    );
    await expect(run({ ...settings, adminToken: 'a-wrong-admin-token' }, 'token', 'list')).rejects.toThrow(
      /refuses the admin token/,
    );
    await expect(run({ dataDir, port }, 'token', 'list')).rejects.toThrow(/needs its admin token/);
  });

  it('opens the data folder itself when no bridge runs', async () => {
    const dataDir = await dataFolder();
    await (await startTestBridge({ dataDir })).close();
    const token = (await run({ dataDir }, ...CREATE, '--expires', '1h')).trim();
    expect(await run({ dataDir }, 'token', 'list')).toMatch(/made by hand +issued +active/);
    await expect(run({ dataDir }, ...CREATE.with(3, 'nobody'))).rejects.toThrow(
      'The connection nobody does not exist. The bridge has: default.',
    );
    await expect(run({ dataDir }, ...CREATE, '--expires', 'soon')).rejects.toThrow(/such as 90d/);
    await expect(run({ dataDir }, 'token', 'revoke', 'nonsense')).rejects.toThrow(/no living token/);
    await expect(run({ dataDir }, 'requests', '--status', 'bad')).rejects.toThrow(/404 or 4xx/);
    expect(await run({ dataDir }, 'pause', 'default')).toMatch(/^Connection default is paused;/);
    await expect(run({ dataDir }, 'resume', 'nobody')).rejects.toThrow(/nobody does not exist/);
    await expect(run({ dataDir }, 'adopt', '--report')).rejects.toThrow(/which a bridge that runs is asked/);
    await expect(run({ dataDir }, 'adopt', '--all')).rejects.toThrow(/BRIDGE_URL/);
    const bridge = await start(dataDir);
    expect(await ask(bridge, token)).toBe(200);
    const settings = { dataDir, port: new URL(bridge.scim.base).port, adminToken: ADMIN_TOKEN };
    expect(await run(settings, 'pause', 'default')).toMatch(/was paused already, since 20/);
    expect(await run(settings, 'resume', 'default')).toMatch(/^Connection default goes on;/);
    await expect(run(settings, 'pause', 'nobody')).rejects.toThrow(
      'The connection nobody does not exist. The bridge has: default.',
    );
  });

  it('makes no folder where none is, and says what it needs', async () => {
    const dataDir = join(await dataFolder(), 'none');
    await expect(run({ dataDir }, 'token', 'list')).rejects.toThrow(/No bridge has run in/);
    await expect(run({ bridgeUrl: 'http://127.0.0.1:9', adminToken: 'x' }, 'token', 'list')).rejects.toThrow(
      /http:\/\/127\.0\.0\.1:9 does not answer/,
    );
  });
});

describe.runIf(postgresAvailable())('the command line on PostgreSQL', () => {
  it('makes, lists and ends tokens in the database, of connections that the bridge has', async () => {
    const server = await startPostgres();
    try {
      const settings = { databaseUrl: server.url };
      await expect(run(settings, ...CREATE)).rejects.toThrow(/has not run on the database yet/);
      const engine = await postgresEngine(server.url);
      await openConnections(engine.database, loadConfig({}).connections);
      await engine.close();
      expect(await run(settings, ...CREATE)).toMatch(/^idpb_[\w-]{43}\n$/);
      const [listed] = JSON.parse(await run(settings, 'token', 'list', '--json')) as {
        id: string;
        state: string;
      }[];
      expect(listed?.state).toBe('active');
      await run(settings, 'token', 'revoke', listed?.id ?? '');
      expect(await run(settings, 'token', 'list')).toMatch(/revoked/);
      expect(await run(settings, 'requests')).toBe('');
      expect(await run(settings, 'pause', 'default')).toMatch(/^Connection default is paused;/);
      expect(await run(settings, 'resume', 'default')).toMatch(/^Connection default goes on;/);
      await expect(run(settings, 'adopt', '--all')).rejects.toThrow(/BRIDGE_URL/);
    } finally {
      await server.stop();
    }
  });
});
