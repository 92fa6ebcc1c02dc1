import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRunning, useRunning } from './bridge.js';

const OPTIONS = { provider: 'okta', users: 20, groups: 4, patienceMs: 1_000 } as const;

let server: Server;
let url: string;
let answer: string;
let dataDir: string;
beforeEach(async () => {
  answer = '{"status":"ok"}';
  server = createServer((_request, response) => void response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  dataDir = await mkdtemp(join(tmpdir(), 'demo-bridge-'));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(dataDir, { recursive: true, force: true });
});

describe('the bridge that the demo plays against', () => {
  it('is the one that was named', async () => {
    expect(await findRunning({ ...OPTIONS, url: 'http://named' }, url)).toBe('http://named');
  });

  it('is the one at the usual place, if it answers as a bridge does and a token is given', async () => {
    expect(await findRunning({ ...OPTIONS, token: 't' }, url)).toBe(url);
    expect(await findRunning(OPTIONS, url)).toBeUndefined();
    answer = 'Hello';
    expect(await findRunning({ ...OPTIONS, token: 't' }, url)).toBeUndefined();
    expect(await findRunning({ ...OPTIONS, token: 't' }, 'http://127.0.0.1:9')).toBeUndefined();
  });

  it('is used with the admin token that was given, or with the one in its data folder', async () => {
    const given = { ...OPTIONS, token: 't', adminToken: 'a' };
    expect(await useRunning(url, given, dataDir)).toMatchObject({
      url,
      scimToken: 't',
      adminToken: 'a',
      own: false,
    });
    await writeFile(join(dataDir, 'admin-token'), 'found\n');
    expect((await useRunning(url, { ...OPTIONS, token: 't' }, dataDir)).adminToken).toBe('found');
  });

  it('cannot be used without its tokens', async () => {
    await expect(useRunning(url, OPTIONS, dataDir)).rejects.toThrow('give --token, or set SCIM_TOKEN');
    await expect(useRunning(url, { ...OPTIONS, token: 't' }, dataDir)).rejects.toThrow('set ADMIN_TOKEN');
  });
});
