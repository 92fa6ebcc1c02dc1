import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBridge } from '../../src/bootstrap/index.js';
import type { RunningBridge } from '../../src/bootstrap/index.js';
import { loadConfig } from '../../src/config/index.js';
import { silentLog } from '../../src/telemetry/index.js';
import { ADMIN_TOKEN, AdminClient, SCIM_TOKEN, ScimClient, userBody } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';

describe.runIf(postgresAvailable())('a bridge whose PostgreSQL dies', () => {
  let server: TestPostgres;
  let bridge: RunningBridge;
  let scim: ScimClient;
  let admin: AdminClient;

  beforeAll(async () => {
    server = await startPostgres();
    const settings = {
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: server.url,
      CODER_URL: 'simulator',
      SCIM_TOKEN,
      ADMIN_TOKEN,
    };
    bridge = await startBridge(loadConfig(settings), silentLog);
    scim = new ScimClient(bridge.url);
    admin = new AdminClient(bridge.url);
  });
  afterAll(async () => {
    await bridge?.close();
    await server?.stop();
  });

  it('answers SCIM by 503 with Retry-After, is alive but not ready, and goes on by itself when it is back', async () => {
    const ann = await scim.postUser('ann');
    await eventually(async () => expect(await admin.targets()).toMatchObject({ dirty: 0, failed: 0 }));

    await server.kill9();
    await eventually(async () => {
      const { status, body } = await admin.ready();
      expect([status, body.status, body.components.database.status]).toEqual([503, 'down', 'down']);
    });
    for (const answer of [await scim.post('/Users', userBody('bob')), await scim.get(`/Users/${ann}`)]) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.get('content-type')).toContain('application/scim+json');
      expect(answer.body).toMatchObject({ status: '503' });
      expect(answer.text).not.toMatch(/127\.0\.0\.1|postgres/i);
    }
    expect((await admin.get('/healthz')).status).toBe(200);
    expect((await admin.get('/metrics')).status).toBe(200);
    const told = await new AdminClient(bridge.url, null).ready();
    expect(told.body.components).toMatchObject({ database: 'down' });

    await server.restart();
    await eventually(async () => expect((await admin.ready()).status).toBe(200));
    await scim.deactivate(ann);
    await scim.postUser('bob');
    await eventually(async () => expect(await admin.targets()).toMatchObject({ dirty: 0, failed: 0 }));
    expect(bridge.simulator?.admin.user('ann').status).toBe('suspended');
    expect(bridge.simulator?.admin.user('bob').status).toBe('dormant');
  });
});
