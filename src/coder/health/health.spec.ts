import { beforeEach, describe, expect, it } from 'vitest';
import {
  AbortedError,
  AuthError,
  GoneError,
  RejectedError,
  ServerError,
  ThrottledError,
  TransientError,
} from '../errors.js';
import { FakeTime } from '../testing/fake-time.js';
import { CoderHealth, type HealthStatus } from './health.js';

const OPERATION = 'PUT /users/{user}/status/suspend';
const away = (): TransientError => new TransientError(OPERATION, 'connect ECONNREFUSED', false);
const broken = (): ServerError => new ServerError(OPERATION, '500: oops', 500);
const refused = (): AuthError => new AuthError('GET /users/me', '401: signed out', 401);

let time: FakeTime;
let health: CoderHealth;
let probe: () => Promise<unknown>;
let probes: number;
let logged: string[];
let changes: HealthStatus[];

beforeEach(() => {
  time = new FakeTime();
  probe = () => Promise.resolve();
  probes = 0;
  logged = [];
  changes = [];
  health = new CoderHealth({
    clock: time,
    timers: time,
    random: () => 1,
    log: { error: (text) => logged.push(`error ${text}`), warn: (text) => logged.push(`warn ${text}`) },
    prober: () => {
      probes += 1;
      return probe();
    },
  });
  health.onChange((status) => changes.push(status));
});

/** Five different targets without an answer. */
function lose(): void {
  for (const target of ['user:a', 'user:b', 'user:c', 'user:d', 'user:e']) health.report(target, away());
}

describe('the breaker', () => {
  it('opens after five different targets in a row without an answer', () => {
    for (const target of ['user:a', 'user:b', 'user:c', 'user:d']) health.report(target, away());
    expect(health.allow()).toBe(true);
    health.report('group:e', away());
    expect(health.allow()).toBe(false);
    expect(health.status()).toMatchObject({ reachable: false, authOk: true, allowed: false });
    expect(health.status().reason).toContain('ECONNREFUSED');
    expect(health.status().breaker).toEqual({ state: 'open', since: time.now(), retryInMs: 1_000 });
    expect(health.pausedForMs()).toBe(1_000);
  });

  it('stays closed however often one target fails', () => {
    for (let turn = 0; turn < 50; turn += 1) health.report('user:a', away());
    expect(health.allow()).toBe(true);
    expect(health.status().reachable).toBe(false);
  });

  it('takes one failed call that many targets waited for as one failure', () => {
    const one = away();
    for (let target = 0; target < 10; target += 1) health.report(`user:${target}`, one);
    expect(health.allow()).toBe(true);
  });

  it.each([
    ['success', undefined],
    ['a refusal', new RejectedError(OPERATION, '400', 400)],
    ['a 404', new GoneError(OPERATION, '404', 404)],
    ['a 500', broken()],
    ['a 429', new ThrottledError(OPERATION, 1_000, 429)],
  ])('begins to count anew after %s: Coder answers', (_what, answer) => {
    for (const target of ['user:a', 'user:b', 'user:c', 'user:d']) health.report(target, away());
    health.report('user:x', answer);
    expect(health.status().reachable).toBe(true);
    health.report('user:e', away());
    expect(health.allow()).toBe(true);
  });

  it.each([
    ['our own limiter', new ThrottledError(OPERATION, 1_000)],
    ['an error of the program', new TypeError('x is undefined')],
  ])('does not take %s for an answer', (_what, error) => {
    for (const target of ['user:a', 'user:b', 'user:c', 'user:d']) health.report(target, away());
    health.report('user:x', error);
    health.report('user:e', away());
    expect(health.allow()).toBe(false);
  });

  it('does not hold our own aborts against Coder', () => {
    for (let target = 0; target < 10; target += 1) {
      health.report(`user:${target}`, new AbortedError(OPERATION, 'aborted by the caller', true));
    }
    expect(health.status()).toMatchObject({ reachable: true, allowed: true });
  });

  it('probes after a second and goes on when that is answered, whoever answers', async () => {
    lose();
    let resumed = false;
    void health.whenAllowed().then(() => (resumed = true));
    await time.advance(999);
    expect([probes, resumed]).toEqual([0, false]);
    await time.advance(1);
    expect([probes, resumed, health.allow()]).toEqual([1, true, true]);
    expect(health.status()).toMatchObject({ reachable: true, breaker: { state: 'closed', retryInMs: 0 } });
    expect(time.waiting).toBe(0);
  });

  it('probes ever more rarely, up to every 30 s, while nothing answers, and goes on by itself then', async () => {
    probe = () => Promise.reject(away());
    const since = time.now();
    lose();
    await time.advance(600_000);
    // 1, 2, 4, 8, 16 and then 30 s
    expect(probes).toBe(5 + Math.floor((600 - 31) / 30));
    expect(health.status().breaker).toMatchObject({ state: 'open', since });
    probe = () => Promise.resolve();
    await time.advance(30_000);
    expect(health.allow()).toBe(true);
  });

  it('is half-open while a probe is under way', async () => {
    let answer = (): void => undefined;
    probe = () => new Promise<void>((resolve) => (answer = resolve));
    lose();
    await time.advance(1_000);
    expect(health.status().breaker.state).toBe('halfOpen');
    expect(health.allow()).toBe(false);
    answer();
    await time.advance(0);
    expect(health.allow()).toBe(true);
  });

  it('remembers its patience when probes are answered but work is not', async () => {
    lose();
    await time.advance(1_000);
    lose();
    expect(health.pausedForMs()).toBe(2_000);
    await time.advance(2_000);
    health.report('user:a');
    lose();
    expect(health.pausedForMs()).toBe(1_000);
  });

  it('looks again soon after a single failure in a quiet time, so that the status does not stay wrong', async () => {
    health.report('user:a', away());
    expect(health.status().reachable).toBe(false);
    await time.advance(5_000);
    expect([probes, health.status().reachable]).toEqual([1, true]);
    expect(time.waiting).toBe(0);
  });

  it('says each change once', async () => {
    lose();
    lose();
    await time.advance(1_000);
    health.report('user:a');
    expect(changes.map(({ reachable, breaker }) => `${reachable} ${breaker.state}`)).toEqual([
      'false closed',
      'false open',
      'false halfOpen',
      'true closed',
    ]);
  });
});

describe('the gate for the token', () => {
  it('pauses everything at the first 401, loudly and once', () => {
    health.report('user:a', refused());
    health.report('user:b', refused());
    health.refused(refused());
    expect(health.allow()).toBe(false);
    expect(health.status()).toMatchObject({ reachable: true, authOk: false, allowed: false });
    expect(health.status().reason).toContain('401');
    expect(logged.filter((line) => line.startsWith('error'))).toHaveLength(1);
  });

  it('resumes by itself when a probe is accepted', async () => {
    probe = () => Promise.reject(refused());
    health.refused(refused());
    let resumed = false;
    void health.whenAllowed().then(() => (resumed = true));
    await time.advance(60_000);
    expect(probes).toBeGreaterThanOrEqual(9);
    expect([health.allow(), resumed]).toEqual([false, false]);
    probe = () => Promise.resolve();
    await time.advance(7_000);
    expect([health.allow(), resumed]).toEqual([true, true]);
    expect(time.waiting).toBe(0);
  });

  it('is not opened by an answer to a call that was under way', () => {
    health.refused(refused());
    health.report('user:a');
    expect(health.allow()).toBe(false);
  });

  it('is found by the probe of the breaker as well, and the other way round', async () => {
    probe = () => Promise.reject(refused());
    lose();
    await time.advance(1_000);
    expect(health.status()).toMatchObject({ reachable: true, authOk: false });
    probe = () => Promise.reject(away());
    await time.advance(10_000);
    expect(health.status()).toMatchObject({ reachable: false, authOk: false, allowed: false });
    probe = () => Promise.resolve();
    await time.advance(10_000);
    expect(health.status()).toMatchObject({ reachable: true, authOk: true, allowed: true });
  });

  it('stays shut while the probe is only throttled or meets a 500', async () => {
    health.refused(refused());
    probe = () => Promise.reject(new ThrottledError('GET /users/me', 100, 429));
    await time.advance(20_000);
    probe = () => Promise.reject(broken());
    await time.advance(20_000);
    expect(health.allow()).toBe(false);
  });
});

describe('whose fault a 500 is', () => {
  it("is the target's when others succeed between its tries", async () => {
    health.report('user:b');
    health.report('user:a', broken());
    expect(health.othersSucceed('user:a')).toBe(true);
    await time.advance(500);
    health.report('user:b');
    health.report('user:a', broken());
    expect(health.othersSucceed('user:a')).toBe(true);
  });

  it("is Coder's when nobody succeeds, however well it went before", async () => {
    probe = () => Promise.reject(broken());
    health.report('user:b');
    health.report('user:a', broken());
    for (let turn = 0; turn < 8; turn += 1) {
      await time.advance(2_000);
      health.report('user:b', broken());
      health.report('user:a', broken());
      expect(health.othersSucceed('user:a')).toBe(false);
    }
    expect(health.allow()).toBe(true);
  });

  it('is not shown by its own success', () => {
    health.report('user:a');
    health.report('user:a', broken());
    expect(health.othersSucceed('user:a')).toBe(false);
  });

  it('is found out by a probe in a quiet time', async () => {
    health.report('user:a', broken());
    expect(health.othersSucceed('user:a')).toBe(false);
    await time.advance(1_000);
    expect(probes).toBe(1);
    await time.advance(1_000);
    health.report('user:a', broken());
    expect(health.othersSucceed('user:a')).toBe(true);
  });
});

describe('the end', () => {
  it('stops probing and releases those who wait', async () => {
    lose();
    let released = false;
    void health.whenAllowed().then(() => (released = true));
    health.close();
    await time.advance(60_000);
    expect([released, probes, time.waiting]).toEqual([true, 0, 0]);
  });

  it('survives a listener that throws', () => {
    health.onChange(() => {
      throw new Error('listener');
    });
    lose();
    expect(changes.at(-1)?.allowed).toBe(false);
    expect(logged.join()).toContain('listener');
  });
});
