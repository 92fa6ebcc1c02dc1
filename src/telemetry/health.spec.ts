import { describe, expect, it } from 'vitest';
import { Health, type HealthCheck, type HealthState } from './index.js';

function check(
  name: string,
  state: HealthState | (() => Promise<HealthState>),
  critical = false,
): HealthCheck {
  return { name, critical: () => critical, check: () => (typeof state === 'function' ? state() : state) };
}

function health(...checks: readonly HealthCheck[]): Health {
  const made = new Health({ roles: new Set(['api']), timeoutMs: 20 });
  for (const each of checks) made.register(each);
  return made;
}

describe('readiness', () => {
  it('is ready and ok without any check', async () => {
    expect(await health().report()).toMatchObject({ ready: true, status: 'ok' });
  });

  it('is ready but degraded while something is away that this role can work without', async () => {
    const report = await health(
      check('coder', { status: 'down' }),
      check('database', { status: 'ok' }, true),
    ).report();
    expect(report).toMatchObject({ ready: true, status: 'degraded' });
  });

  it('is not ready while something is down that this role needs', async () => {
    const report = await health(check('database', { status: 'down' }, true)).report();
    expect(report).toMatchObject({ ready: false, status: 'down' });
  });

  it('stays ready while something that this role needs is only degraded', async () => {
    const report = await health(check('database', { status: 'degraded' }, true)).report();
    expect(report).toMatchObject({ ready: true, status: 'degraded' });
  });

  it('asks for each role that the process plays', async () => {
    const queue: HealthCheck = {
      name: 'queue',
      critical: (role) => role === 'worker',
      check: () => ({ status: 'down' }),
    };
    const api = new Health({ roles: new Set(['api']) });
    const both = new Health({ roles: new Set(['api', 'worker']) });
    for (const each of [api, both]) each.register(queue);
    expect((await api.report()).ready).toBe(true);
    expect((await both.report()).ready).toBe(false);
  });

  it('takes a check that throws or never answers for down, with the reason', async () => {
    const report = await health(
      check('broken', () => Promise.reject(new Error('no route'))),
      check('silent', () => new Promise(() => {})),
    ).report();
    expect(Object.fromEntries(report.components)).toEqual({
      broken: { status: 'down', reason: 'no route' },
      silent: { status: 'down', reason: 'no answer within 20 ms' },
    });
  });

  it('is not ready from the moment it drains', async () => {
    const draining = health();
    await draining.report();
    draining.drain();
    expect(await draining.report()).toMatchObject({ ready: false, status: 'down' });
  });

  it('asks the components once however often it is asked, until the answer is old', async () => {
    let asked = 0;
    let now = 0;
    const counted = new Health({ roles: new Set(['api']), freshMs: 1000, now: () => now });
    counted.register(
      check('database', () => {
        asked++;
        return Promise.resolve({ status: 'ok' });
      }),
    );
    await Promise.all([counted.report(), counted.report()]);
    now = 999;
    await counted.report();
    expect(asked).toBe(1);
    now = 1000;
    await counted.report();
    expect(asked).toBe(2);
  });
});
