import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBridge } from '../../src/bootstrap/index.js';
import type { RunningBridge } from '../../src/bootstrap/index.js';
import { loadConfig } from '../../src/config/index.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { silentLog } from '../../src/telemetry/index.js';
import { ADMIN_TOKEN, AdminClient, SCIM_TOKEN, ScimClient } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';

describe.runIf(postgresAvailable())('the roles of a bridge on several processes', () => {
  const bridges: RunningBridge[] = [];
  let server: TestPostgres;
  let coder: Simulator;

  beforeAll(async () => {
    server = await startPostgres();
    coder = await startSimulator({});
  });
  afterAll(async () => {
    await Promise.all(bridges.map((bridge) => bridge.close()));
    await coder?.close();
    await server?.stop();
  });

  async function start(roles: string): Promise<RunningBridge> {
    const settings = {
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: server.url,
      CODER_URL: coder.url,
      CODER_SESSION_TOKEN: coder.token,
      CODER_ORGANIZATION: 'engineering',
      CODER_RATE_LIMIT: '-1',
      SCIM_RATE_LIMIT: '-1',
      SAFETY_BUDGET: 'off',
      SCIM_TOKEN,
      ADMIN_TOKEN,
      BRIDGE_ROLES: roles,
    };
    const bridge = await startBridge(loadConfig(settings), silentLog);
    bridges.push(bridge);
    return bridge;
  }

  it('share the work: the api takes pushes and calls nobody, the workers have no face, and deliver', async () => {
    const organization = coder.admin.createOrganization('engineering');
    coder.admin.addToOrganization('idp-bridge', 'engineering');
    // On an empty database, at the same moment.
    const [api, other] = await Promise.all([start('api'), start('api')]);
    const scim = new ScimClient(api.url);
    const admin = new AdminClient(other.url);
    const ids = await Promise.all(['ann', 'ben', 'cleo'].map((name) => scim.postUser(name)));
    await new ScimClient(other.url).postGroup('Platform', ids);
    expect(await admin.targets()).toMatchObject({ dirty: 4 });
    expect(coder.calls.count()).toBe(0);

    const workers = await Promise.all([start('worker'), start('worker,scheduler')]);
    for (const { url } of workers) {
      expect((await new ScimClient(url).get('/Users')).status).toBe(404);
      expect((await new AdminClient(url).get('/api/v1/status')).status).toBe(404);
      expect((await new AdminClient(url).ready()).status).toBe(200);
      expect((await new AdminClient(url).get('/metrics')).text).toContain('idp_bridge_reconcile_runs_total');
    }
    await eventually(async () => expect(await admin.targets()).toMatchObject({ dirty: 0, failed: 0 }));
    expect(coder.calls.countMutations('POST /api/v2/users')).toBe(3);
    const group = [...coder.state.groups.values()].find(({ name }) => name === 'platform');
    expect(group?.organization_id).toBe(organization.id);
    expect(group && coder.state.usersIn(group).map(({ username }) => username)).toEqual(
      expect.arrayContaining(['ann', 'ben', 'cleo']),
    );
    // Nobody was put into the default organization besides.
    expect(coder.state.members.get(coder.state.defaultOrganization.id)?.size).toBe(1);
  });
});
