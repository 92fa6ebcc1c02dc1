import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMBEDDED_NOTE, Health, Metrics, registerHttpMetrics, silentLog, TelemetryModule } from './index.js';

const ADMIN = 'a-token-of-the-administrator';

describe('the endpoints for probes and scrapes', () => {
  let app: NestFastifyApplication;
  let health: Health;
  let metrics: Metrics;

  async function start(adminToken?: string): Promise<void> {
    health = new Health({ roles: new Set(['api']), notes: [EMBEDDED_NOTE], freshMs: 0 });
    metrics = new Metrics({ process: false });
    const module = TelemetryModule.register({ log: silentLog, metrics, health, adminToken });
    app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: false });
    registerHttpMetrics(app.getHttpAdapter().getInstance(), metrics);
    await app.init();
  }

  async function readyz(authorization?: string): Promise<{ code: number; body: unknown }> {
    const answer = await app.inject({
      url: '/readyz',
      headers: authorization === undefined ? {} : { authorization },
    });
    return { code: answer.statusCode, body: answer.json() };
  }

  beforeEach(() => start(ADMIN));
  afterEach(() => app.close());

  it('lives as long as it can answer, whatever is down', async () => {
    health.register({ name: 'database', critical: () => true, check: () => ({ status: 'down' }) });
    const answer = await app.inject('/healthz');
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('is ready and degraded while Coder is away, and names the component without the reason', async () => {
    health.register({
      name: 'coder',
      critical: () => false,
      check: () => ({ status: 'down', reason: 'coder.internal refused' }),
    });
    expect(await readyz()).toEqual({
      code: 200,
      body: { status: 'degraded', components: { coder: 'down' }, notes: [EMBEDDED_NOTE] },
    });
  });

  it('answers 503 while what the role needs is down', async () => {
    health.register({ name: 'database', critical: () => true, check: () => ({ status: 'down' }) });
    expect(await readyz()).toMatchObject({ code: 503, body: { status: 'down' } });
  });

  it('shows reasons to the admin, and to nobody else', async () => {
    health.register({
      name: 'coder',
      critical: () => false,
      check: () => ({ status: 'degraded', reason: 'the token is bad' }),
    });
    const withReason = { components: { coder: { status: 'degraded', reason: 'the token is bad' } } };
    expect((await readyz(`Bearer ${ADMIN}`)).body).toMatchObject(withReason);
    for (const other of ['Bearer wrong', ADMIN, 'Bearer ', `Bearer ${ADMIN}x`]) {
      expect((await readyz(other)).body).toMatchObject({ components: { coder: 'degraded' } });
    }
  });

  it('shows reasons to nobody when there is no admin token', async () => {
    await app.close();
    await start();
    health.register({
      name: 'coder',
      critical: () => false,
      check: () => ({ status: 'degraded', reason: 'x' }),
    });
    for (const authorization of ['Bearer ', 'Bearer undefined', undefined]) {
      expect((await readyz(authorization)).body).toMatchObject({ components: { coder: 'degraded' } });
    }
  });

  it("serves Prometheus' text", async () => {
    const answer = await app.inject('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('# TYPE idp_bridge_push_to_coder_seconds histogram');
  });

  it('counts SCIM requests by closed labels, refusals too, and nothing else', async () => {
    await app.inject('/scim/v2/Users/7f3?filter=x');
    await app.inject('/connections/okta/scim/v2/Groups');
    await app.inject({ url: '/scim/v2/ada@example.com', method: 'DELETE' });
    await app.inject('/healthz');
    const lines = (await metrics.text())
      .split('\n')
      .filter((line) => line.startsWith('idp_bridge_scim_requests_total'));
    expect(lines.toSorted()).toEqual([
      'idp_bridge_scim_requests_total{method="DELETE",resource="other",status="4xx"} 1',
      'idp_bridge_scim_requests_total{method="GET",resource="Groups",status="4xx"} 1',
      'idp_bridge_scim_requests_total{method="GET",resource="Users",status="4xx"} 1',
    ]);
  });
});
