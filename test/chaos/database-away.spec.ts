import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { ADMIN_TOKEN, AdminClient, SCIM_TOKEN, ScimClient, userBody } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';
import { startProcess } from '../support/process.js';
import type { BridgeProcess } from '../support/process.js';

describe.runIf(postgresAvailable())('a bridge with its queue on PostgreSQL, which goes away', () => {
  let postgres: TestPostgres;
  let simulator: Simulator;
  let bridge: BridgeProcess | undefined;
  beforeEach(async () => {
    [postgres, simulator] = await Promise.all([startPostgres(), startSimulator()]);
    bridge = await startProcess({
      DATABASE_URL: postgres.url,
      CODER_URL: simulator.url,
      CODER_SESSION_TOKEN: simulator.token,
      SCIM_TOKEN,
      ADMIN_TOKEN,
      SAFETY_BUDGET: 'off',
    });
  });
  afterEach(async () => {
    await bridge?.kill9();
    await simulator?.close();
    await postgres?.stop();
  });

  const accounts = (): string[] => [...simulator.state.users.values()].map(({ username }) => username);

  it('answers 503 with Retry-After meanwhile, says so in /readyz, and goes on by itself when it is back', async () => {
    const { url, pid } = bridge ?? expect.fail();
    const [scim, admin] = [new ScimClient(url), new AdminClient(url)];
    await scim.postUser('before');
    await eventually(() => expect(accounts()).toContain('before'));

    for (const name of ['after-once', 'after-twice']) {
      await postgres.kill9();
      for (const answer of [
        await scim.post('/Users', userBody('refused')),
        await scim.get('/Users'),
        await scim.get('/Users?filter=userName%20eq%20%22before%22'),
      ]) {
        expect({ status: answer.status, retryAfter: answer.headers.get('retry-after') }).toEqual({
          status: 503,
          retryAfter: expect.stringMatching(/^\d+$/),
        });
        expect(answer.body).toMatchObject({ status: '503', schemas: [expect.stringContaining('Error')] });
      }
      await eventually(async () => {
        const ready = await admin.ready();
        expect(ready.status).toBe(503);
        expect(ready.body).toMatchObject({ status: 'down', components: { database: { status: 'down' } } });
      });
      expect((await fetch(`${url}/healthz`)).status).toBe(200);

      await postgres.restart();
      await eventually(async () => expect((await admin.ready()).status).toBe(200));
      await scim.postUser(name);
      await eventually(() => expect(accounts()).toContain(name));
      await eventually(async () => expect(await admin.targets()).toMatchObject({ dirty: 0, failed: 0 }));
    }
    expect(bridge?.pid).toBe(pid);
    expect(accounts()).not.toContain('refused');
  });
});
