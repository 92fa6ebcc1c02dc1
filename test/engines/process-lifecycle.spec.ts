import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { AdminClient, ScimClient } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';
import { runProcess, startProcess } from '../support/process.js';
import type { BridgeProcess } from '../support/process.js';

const SCIM_TOKEN = 'scim-token-of-the-lifecycle-tests';
const ADMIN_TOKEN = 'admin-token-of-the-lifecycle-tests';

let dataDir: string;
let bridge: BridgeProcess | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'idp-bridge-lifecycle-'));
});
afterEach(async () => {
  await bridge?.kill9();
  bridge = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

/** Seconds since `start`. */
const since = (start: number): number => (performance.now() - start) / 1_000;

describe('a start in production', () => {
  it.each(['DATABASE_URL', 'REDIS_URL'])(
    'neither simulates nor makes tokens by itself where %s is set',
    async (key) => {
      const url = key === 'REDIS_URL' ? 'redis://127.0.0.1:9' : 'postgres://127.0.0.1:9/bridge';
      const { code, stderr } = await runProcess({ [key]: url });
      expect(code).toBe(1);
      expect(stderr.match(/^[A-Z_]+(?=: is required)/gm)).toEqual(['CODER_URL', 'SCIM_TOKEN']);
    },
  );
});

describe('the program on the embedded engine', () => {
  it('makes and shows its token at the first start only, and keeps all over a stop', async () => {
    bridge = await startProcess({ DATA_DIR: dataDir });
    const { scimToken } = bridge;
    expect(bridge.lines).toEqual(
      expect.arrayContaining([
        '  SCIM URL    https://bridge.example/scim/v2',
        expect.stringMatching(/^ {2}SCIM token {2}idpb_\S+ {3}\(made now and shown only once\)$/),
        expect.stringMatching(/^ {2}Coder {7}http:\/\/127\.0\.0\.1:\d+ \(simulator\)$/),
        expect.stringContaining(
          `  Data        ${dataDir} (embedded; survives the death of the process, not of the machine)`,
        ),
      ]),
    );
    expect((await stat(join(dataDir, 'admin-token'))).mode & 0o777).toBe(0o600);
    const admin = new AdminClient(bridge.url, (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim());
    const scim = new ScimClient(bridge.url, scimToken);
    const id = await scim.postUser('ann');
    const { body } = await scim.get(`/Users/${id}`);
    expect(body.meta.location).toBe(`https://bridge.example/scim/v2/Users/${id}`);
    await eventually(async () => expect(await admin.targets()).toMatchObject({ dirty: 0, failed: 0 }));
    const ready = await new AdminClient(bridge.url, null).ready();
    expect(ready.body.notes).toEqual([expect.stringMatching(/not of the machine|not.*machine/)]);

    expect(await bridge.stop()).toBe(0);
    bridge = await startProcess({ DATA_DIR: dataDir });
    expect(bridge.lines.join('\n')).not.toContain('idpb_');
    expect(bridge.lines).toContain('  SCIM token  (made at the first start)');
    expect((await new ScimClient(bridge.url, scimToken).get(`/Users/${id}`)).status).toBe(200);
    const coder = await fetch(`${bridge.coderUrl}/simulator/state`).then((answer) => answer.text());
    expect(coder).toContain('"ann"');
  });
});

describe.runIf(postgresAvailable())('SIGTERM in production', () => {
  let server: TestPostgres;
  let coder: Simulator;
  beforeEach(async () => {
    server = await startPostgres();
    coder = await startSimulator({});
  });
  afterEach(async () => {
    await bridge?.kill9();
    await coder.close();
    await server.stop();
  });

  it('takes readiness away at once, requests for five seconds more, ends waits, lets a call in flight end, and exits with 0', async () => {
    bridge = await startProcess({
      DATABASE_URL: server.url,
      CODER_URL: coder.url,
      CODER_SESSION_TOKEN: coder.token,
      SCIM_TOKEN,
      ADMIN_TOKEN,
      SCIM_WAIT_MS: '60000',
    });
    const { url } = bridge;
    const admin = new AdminClient(url, ADMIN_TOKEN);
    const scim = new ScimClient(url, SCIM_TOKEN);
    // Coder takes longer than the drain: the push waits for it, and its run is in flight.
    const match = { method: 'POST', route: '/api/v2/users' };
    const slow = coder.faults.add({ kind: 'delay', delayMs: 8_000, match });
    const waiting = scim.postUser('in-flight');
    await eventually(() => expect(slow.struck).toBe(1));

    const start = performance.now();
    const exited = bridge.stop();
    await eventually(async () => {
      const { status, body } = await admin.ready();
      expect([status, body.components?.shutdown?.status]).toEqual([503, 'down']);
    });
    await waiting;
    expect(since(start)).toBeLessThan(4);
    // The load balancer has not seen it yet: what it still sends is taken.
    const late = await scim.postUser('late');
    expect((await scim.get(`/Users/${late}`)).status).toBe(200);
    await eventually(() => expect(fetch(`${url}/healthz`)).rejects.toThrow());
    expect(since(start)).toBeGreaterThan(4.5);
    expect(await exited).toBe(0);
    expect(since(start)).toBeLessThan(30);

    expect(coder.admin.user('in-flight').status).toBe('dormant');
    const client = new pg.Client(server.url);
    await client.connect();
    const { rows } = await client.query(
      `SELECT u.user_name, t.lease_token, t.coder_id IS NOT NULL AS linked
         FROM bridge.targets t JOIN bridge.users u USING (id) WHERE u.user_name = 'in-flight'`,
    );
    const { rows: open } = await client.query(
      'SELECT id FROM bridge.targets WHERE lease_token IS NOT NULL AND lease_until > now()',
    );
    await client.end();
    expect(rows).toEqual([{ user_name: 'in-flight', lease_token: null, linked: true }]);
    expect(open).toEqual([]);
  });
});
