import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openBackend } from '../../src/cli/commands/open-backend.js';
import { runCommand } from '../../src/cli/commands/program.js';
import type { CommandLineSettings } from '../../src/config/index.js';
import type { Receipt } from '../../src/journal/index.js';
import { createLog } from '../../src/telemetry/index.js';
import { ADMIN_TOKEN, startTestBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';

/** Runs a command line against what the settings lead to; answers what it printed. */
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

describe('the receipt of somebody who leaves', () => {
  const lines: string[] = [];
  let dataDir: string;
  let bridge: TestBridge;
  let settings: Partial<CommandLineSettings>;
  let id: string;
  const receipt = async (...argv: readonly string[]): Promise<Receipt> =>
    JSON.parse(await run(settings, 'receipt', ...argv, '--json')) as Receipt;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'bridge-receipt-'));
    const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
    bridge = await startTestBridge({ dataDir, log });
    settings = { bridgeUrl: bridge.bridge.url, adminToken: ADMIN_TOKEN };
    const { scim, simulator } = bridge;
    id = await scim.postUser('ann.lee@corp.example', { externalId: 'ext-ann' });
    await scim.postGroup('Devs', [id]);
    await scim.postGroup('Ops', [id]);
    await bridge.untilSettled();
    simulator.admin.createTemplate('docker');
    simulator.admin.createToken('annlee');
    simulator.admin.createToken('annlee');
    simulator.admin.createWorkspace('annlee', 'dev', 'docker');
  });
  afterAll(async () => {
    await bridge.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('has nothing to show before', async () => {
    await expect(run(settings, 'receipt', 'ann.lee@corp.example')).rejects.toThrow(
      /^Nothing to show: ann\.lee@corp\.example of the connection default has not been/,
    );
    await expect(run(settings, 'receipt', 'nobody')).rejects.toThrow(/^There is no user nobody/);
    expect((await bridge.admin.get('/api/v1/receipts/nobody')).status).toBe(404);
    expect((await fetch(`${bridge.bridge.url}/api/v1/receipts/nobody`)).status).toBe(401);
  });

  it('after a deletion names each token, workspace and group, with times that the simulated Coder bears out', async () => {
    const began = Date.now();
    await bridge.scim.deleteUser(id);
    await bridge.untilSettled();
    const ended = Date.now();
    const found = await receipt('ann.lee@corp.example');
    expect(found).toMatchObject({
      user: { id, deleted: true, connection: 'default', coderId: bridge.simulator.admin.user('annlee').id },
      verdict: 'complete',
      pushes: [{ action: 'user.deleted', source: 'scim' }],
      returned: null,
    });
    expect(found.pushes[0]?.requestId).toMatch(/./);
    expect(found.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      'suspend done',
      'revokeToken done',
      'revokeToken done',
      'stopWorkspace done',
      'leaveGroup done',
      'leaveGroup done',
    ]);
    for (const { at, ms } of found.steps) {
      expect(Date.parse(at ?? '')).toBeGreaterThanOrEqual(began - 1);
      expect(Date.parse(at ?? '')).toBeLessThanOrEqual(ended + 1);
      expect(ms).toBeLessThanOrEqual(ended - began + 1);
    }
    const [workspace] = bridge.simulator.state.tables.rows('workspace');
    expect(found.steps[3]?.subject).toBe(workspace?.id);
    for (const name of [id, 'ext-ann']) expect(await receipt(name)).toEqual(found);
    const { body } = await bridge.admin.get(`/api/v1/receipts/${encodeURIComponent('ANN.Lee@corp.example')}`);
    expect(body).toEqual(found);
    const other = await bridge.admin.get('/api/v1/receipts/ext-ann?connection=other');
    expect([other.status, other.body.error]).toEqual([404, 'unknownUser']);
  });

  it('is a table for people', async () => {
    const text = await run(settings, 'receipt', 'ext-ann');
    expect(text).toMatch(/^ann\.lee@corp\.example, connection default, deleted\n/);
    expect(text).toMatch(/ {2}verdict {2}complete, \d+ ms after the push\n/);
    const rows = text.trimEnd().split('\n').slice(5);
    expect(rows[0]).toMatch(/^TIME +AFTER +STEP +OUTCOME$/);
    expect(rows[1]).toMatch(/^2\S+Z +push: user\.deleted +by scim, request /);
    // The groups are work of their own, and may be done sooner.
    expect(rows.slice(2)).toContainEqual(expect.stringMatching(/Z +\d+ ms +suspend the account +done$/));
    expect(rows.slice(1).map((row) => row.slice(0, 24))).toEqual(
      rows
        .slice(1)
        .map((row) => row.slice(0, 24))
        .toSorted(),
    );
    expect(rows).toHaveLength(8);
  });

  it('goes on with the return, and what it did not bring back', async () => {
    await bridge.scim.postUser('ann.lee@corp.example', { externalId: 'ext-ann' });
    await bridge.untilSettled();
    expect(await receipt('ext-ann')).toMatchObject({
      user: { id },
      verdict: 'complete',
      returned: {
        push: { action: 'user.created' },
        outcome: 'done',
        notRestored: { tokens: 2, workspaces: 1 },
      },
    });
    const text = await run(settings, 'receipt', 'ext-ann');
    expect(text).toMatch(/\nAccess came back: user\.created by scim at .*\n.*done at/);
    expect(text).toContain('not restored: 2 API tokens, 1 stopped workspace');
  });

  it('is made without a running bridge as well, and nobody was named in the log', async () => {
    const before = await receipt('ext-ann');
    await bridge.close();
    expect(JSON.parse(await run({ dataDir }, 'receipt', 'ext-ann', '--json'))).toEqual(before);
    await expect(run({ dataDir }, 'receipt', 'nobody')).rejects.toThrow(/^There is no user nobody/);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => /ann\.?lee|ext-ann/i.test(line))).toEqual([]);
  });
});
