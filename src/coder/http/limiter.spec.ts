import { describe, expect, it } from 'vitest';
import { FakeTime } from '../testing/fake-time.js';
import { PathLimiter, type LimiterOptions } from './limiter.js';

const USERS = '/api/v2/users';
const SLOT_MS = 60_000 / (512 * 0.92);

function limiterOf(options: Partial<LimiterOptions> = {}): { limiter: PathLimiter; time: FakeTime } {
  const time = new FakeTime();
  return {
    time,
    limiter: new PathLimiter({ perMinute: 512, workers: () => 1, clock: time, random: () => 0, ...options }),
  };
}

/** How many calls pass at once; each is answered at once. */
function passing(limiter: PathLimiter, path = USERS): number {
  let count = 0;
  while (count < 10_000 && limiter.take(path, true) === 0) {
    limiter.answered(path);
    count += 1;
  }
  return count;
}

describe('the limiter', () => {
  it('lets a burst of 40 pass on each path and then one for each 127 ms', async () => {
    const { limiter, time } = limiterOf();
    expect(passing(limiter)).toBe(40);
    expect(passing(limiter, '/api/v2/users/ann')).toBe(40);
    await time.advance(10 * SLOT_MS + 1);
    expect(passing(limiter)).toBe(10);
    await time.advance(3_600_000);
    expect(passing(limiter)).toBe(40);
  });

  it.each([10, 60, 100, 512, 5_000])('never lets more than %i calls pass in a minute', async (perMinute) => {
    const { limiter, time } = limiterOf({ perMinute });
    let passed = passing(limiter);
    for (let step = 0; step < 600; step += 1) {
      await time.advance(100);
      passed += passing(limiter);
    }
    expect(passed).toBeLessThanOrEqual(perMinute + 1);
    expect(passed).toBeGreaterThanOrEqual(perMinute * 0.9 - 1);
  });

  it('shares burst and refill among the live workers, as many as there are at the moment', async () => {
    let workers = 4;
    const { limiter, time } = limiterOf({ workers: () => workers });
    expect(passing(limiter)).toBe(10);
    await time.advance(4 * SLOT_MS + 1);
    expect(passing(limiter)).toBe(1);
    workers = 0;
    await time.advance(60_000);
    expect(passing(limiter)).toBe(40);
  });

  it('gives those it sends away successive places, so that they do not come back as a herd', () => {
    const { limiter } = limiterOf();
    passing(limiter);
    const waits = Array.from({ length: 100 }, () => limiter.take(USERS));
    expect(new Set(waits).size).toBe(100);
    waits.forEach((wait, place) => expect(Math.abs(wait - (place + 1) * SLOT_MS)).toBeLessThan(100));
  });

  it('serves each of a crowd within about the time its calls take, without a second refusal', async () => {
    const { limiter, time } = limiterOf({ random: Math.random });
    passing(limiter);
    let served = 0;
    let refusals = 0;
    const come = (): void => {
      const wait = limiter.take(USERS);
      if (wait === 0) {
        served += 1;
        limiter.answered(USERS);
      } else {
        refusals += 1;
        time.set(come, wait);
      }
    };
    for (let one = 0; one < 300; one += 1) come();
    await time.advance(301 * SLOT_MS);
    expect(served).toBeGreaterThan(290);
    expect(refusals).toBeLessThan(450);
  });

  it('sends nobody away for more than a minute behind others, and spreads those beyond', () => {
    const { limiter } = limiterOf({ random: Math.random });
    passing(limiter);
    const waits = Array.from({ length: 2_000 }, () => limiter.take(USERS));
    expect(Math.max(...waits)).toBeLessThan(60_000 + 3 * SLOT_MS);
    expect(new Set(waits.slice(600)).size).toBeGreaterThan(50);
  });

  it('lets an urgent call go ahead of the places that were given away', () => {
    const { limiter } = limiterOf();
    passing(limiter);
    for (let one = 0; one < 100; one += 1) limiter.take(USERS);
    expect(limiter.take(USERS, true)).toBe(Math.ceil(SLOT_MS));
  });

  it('believes Coder when it says that less remains, and not when it says that more does', async () => {
    const { limiter } = limiterOf();
    expect(limiter.take(USERS)).toBe(0);
    limiter.answered(USERS, { remaining: 3 });
    expect(passing(limiter)).toBe(3);
    expect(limiter.take('/b')).toBe(0);
    limiter.answered('/b', { remaining: 400 });
    expect(passing(limiter, '/b')).toBe(39);
  });

  it('counts calls under way against what remains, because Coder may not have counted them yet', () => {
    const { limiter } = limiterOf();
    for (let call = 0; call < 4; call += 1) limiter.take(USERS);
    limiter.answered(USERS, { remaining: 5 });
    expect(passing(limiter)).toBe(2);
  });

  it('pauses an exhausted path until its reset, but not for long: the window slides', async () => {
    const { limiter, time } = limiterOf();
    limiter.take(USERS);
    limiter.answered(USERS, { remaining: 0, resetInMs: 2_000 });
    expect(limiter.take(USERS, true)).toBe(Math.ceil(2_000 + SLOT_MS));
    await time.advance(2_000 + SLOT_MS);
    limiter.take(USERS);
    limiter.answered(USERS, { remaining: 0, resetInMs: 40_000 });
    expect(limiter.take(USERS, true)).toBe(Math.ceil(5_000 + SLOT_MS));
  });

  it('adopts a lower limit that Coder tells', async () => {
    const { limiter, time } = limiterOf();
    limiter.take(USERS);
    limiter.answered(USERS, { limit: 60 });
    await time.advance(60_000);
    expect(passing(limiter)).toBe(4);
  });

  it('closes a path after a 429 until Retry-After has passed, and then lets them in one by one', async () => {
    const { limiter, time } = limiterOf();
    limiter.take(USERS);
    limiter.answered(USERS, { closedForMs: 60_000 });
    const waits = [1, 2, 3].map(() => limiter.take(USERS));
    expect(waits).toEqual([1, 2, 3].map((place) => Math.ceil(60_000 + place * SLOT_MS)));
    expect(passing(limiter, '/other')).toBe(40);
    await time.advance(60_000 + SLOT_MS);
    expect(passing(limiter)).toBe(1);
  });

  it('without a limit lets everything pass, but heeds a 429', async () => {
    const { limiter, time } = limiterOf({ perMinute: undefined });
    expect(passing(limiter)).toBe(10_000);
    limiter.take(USERS);
    limiter.answered(USERS, { remaining: 0, limit: 5 });
    expect(passing(limiter)).toBe(10_000);
    limiter.take(USERS);
    limiter.answered(USERS, { closedForMs: 7_000 });
    expect([limiter.take(USERS), limiter.take(USERS)]).toEqual([7_000, 7_125]);
    await time.advance(7_000);
    expect(passing(limiter)).toBe(10_000);
  });

  it('forgets idle paths', async () => {
    const { limiter, time } = limiterOf();
    for (let path = 0; path < 30_000; path += 1) {
      limiter.take(`/api/v2/users/${path}`);
      limiter.answered(`/api/v2/users/${path}`);
      if (path % 100 === 0) await time.advance(SLOT_MS);
    }
    expect(limiter.size).toBeLessThan(3_000);
  });

  it('stays bounded even when no path is idle', () => {
    const { limiter } = limiterOf();
    for (let path = 0; path < 30_000; path += 1) limiter.take(`/api/v2/users/${path}`);
    expect(limiter.size).toBeLessThanOrEqual(20_000);
  });
});
