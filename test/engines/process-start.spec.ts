import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, AdminClient, SCIM_TOKEN, ScimClient } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import { runProcess, startProcess } from '../support/process.js';
import type { BridgeProcess } from '../support/process.js';

describe('the program', () => {
  const closers: (() => Promise<unknown>)[] = [];
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'idp-bridge-start-'));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
  });
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  it('names every fault of its settings in a line of its own, without their values, and ends with 1', async () => {
    const { code, stdout, stderr } = await runProcess({
      PORT: 'hunter2-port',
      DATABASE_URL: 'mysql://bridge:hunter2@db.example/bridge',
      REDIS_URL: 'hunter2-redis',
      CODER_URL: 'ftp://hunter2@coder.example',
      SCIM_TOKEN: 'hunter2',
      ADMIN_TOKEN: 'hunter 2',
      BRIDGE_ROLES: 'api,hunter2',
      SAFETY_BUDGET: 'hunter2%',
      SCIM_WAIT_MS: '-2',
      OIDC_CLIENT_SECRET: 'hunter2-secret',
    });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/hunter/);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => line.split(':', 1)[0])).toEqual([
      'ADMIN_TOKEN',
      'BRIDGE_ROLES',
      'CODER_SESSION_TOKEN',
      'CODER_URL',
      'DATABASE_URL',
      'OIDC_CLIENT_SECRET',
      'OIDC_ISSUER',
      'PORT',
      'REDIS_URL',
      'SAFETY_BUDGET',
      'SCIM_TOKEN',
      'SCIM_WAIT_MS',
    ]);
    for (const line of lines) expect(line).toMatch(/expected/);
  });

  it('refuses a DATA_DIR that another one uses in one line, and leaves the other one in peace', async () => {
    const first = await startProcess({ DATA_DIR: dataDir });
    closers.push(() => first.kill9());
    const second = await runProcess({ DATA_DIR: dataDir });
    expect(second).toEqual({
      code: 1,
      stdout: '',
      stderr: `idp-bridge cannot start: DATA_DIR ${dataDir} is in use by another running idp-bridge; stop it, or choose another folder\n`,
    });
    await new ScimClient(first.url, first.scimToken).postUser('ann');
  });

  it('refuses a port that is taken in one line, and gives its DATA_DIR back', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    closers.push(async () => taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const refused = await runProcess({ DATA_DIR: dataDir, PORT: String(port) });
    expect(refused.code).toBe(1);
    expect(refused.stderr.trimEnd()).toMatch(/^idp-bridge cannot start: .*EADDRINUSE.*$/);
    const bridge = await startProcess({ DATA_DIR: dataDir });
    closers.push(() => bridge.kill9());
  });

  it('says in one line that the database is away, and where, without its password, and ends with 1', async () => {
    const port = await freePort();
    const { code, stderr } = await runProcess({
      DATABASE_URL: `postgres://bridge:hunter2@127.0.0.1:${port}/bridge`,
      CODER_URL: 'simulator',
      SCIM_TOKEN,
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `idp-bridge cannot start: the database cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}; check DATABASE_URL\n`,
    });
  });

  it.runIf(postgresAvailable())('says in one line that the database does not exist', async () => {
    const server = await startPostgres();
    closers.push(() => server.stop());
    const { code, stderr } = await runProcess({
      DATABASE_URL: server.url.replace(/bridge$/, 'none'),
      CODER_URL: 'simulator',
      SCIM_TOKEN,
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'idp-bridge cannot start: the database cannot be reached: database "none" does not exist; check DATABASE_URL\n',
    });
  });

  it.runIf(postgresAvailable())(
    'starts three times at once on an empty database, and all three work',
    async () => {
      const server = await startPostgres();
      closers.push(() => server.stop());
      const settings = { DATABASE_URL: server.url, CODER_URL: 'simulator', SCIM_TOKEN, ADMIN_TOKEN };
      const started = await Promise.allSettled(Array.from({ length: 3 }, () => startProcess(settings)));
      const bridges = started
        .filter((result): result is PromiseFulfilledResult<BridgeProcess> => result.status === 'fulfilled')
        .map(({ value }) => value);
      closers.push(() => Promise.all(bridges.map((bridge) => bridge.kill9())));
      expect(
        started.map((result) => (result.status === 'rejected' ? String(result.reason) : 'ready')),
      ).toEqual(Array.from({ length: 3 }, () => 'ready'));
      await Promise.all(bridges.map(({ url }, i) => new ScimClient(url).postUser(`user${i}`)));
      await Promise.all(
        bridges.map(({ url }) =>
          eventually(async () => {
            const { body } = await new ScimClient(url).get('/Users');
            expect(body.totalResults).toBe(3);
            expect(await new AdminClient(url).targets()).toMatchObject({ dirty: 0, failed: 0 });
          }),
        ),
      );
    },
  );
});
