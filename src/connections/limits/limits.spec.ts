import { describe, expect, it } from 'vitest';
import { Guesses, networkOf } from './guesses.js';
import { RateLimiter } from './rate.js';

let now = 0;
const clock = { now: () => now, monotonic: () => now };

describe('a rate', () => {
  it('lets a burst pass, and then so many in a second', () => {
    const limiter = new RateLimiter(clock);
    const rate = { perSecond: 10, burst: 3 };
    const take = () => limiter.take('a', rate);
    expect([take(), take(), take(), take(), take()]).toEqual([0, 0, 0, 100, 100]);
    now += 99;
    expect(take()).toBeCloseTo(1);
    now += 1;
    expect([take(), take()]).toEqual([0, 100]);
    now += 10_000;
    expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 100]);
  });

  it('is counted for each key apart', () => {
    const limiter = new RateLimiter(clock);
    const rate = { perSecond: 1, burst: 1 };
    expect([limiter.take('a', rate), limiter.take('b', rate), limiter.take('a', rate)]).toEqual([
      0, 0, 1_000,
    ]);
  });

  it('is remembered for ten thousand keys at most', () => {
    const limiter = new RateLimiter(clock);
    for (let key = 0; key < 25_000; key++) limiter.take(String(key), { perSecond: 1, burst: 1 });
    expect(limiter.size).toBe(10_000);
  });

  it('holds over a long time, whatever the pauses', () => {
    const limiter = new RateLimiter(clock);
    const from = now;
    let passed = 0;
    for (let step = 0; step < 30_000; step++) {
      now += 1 + ((step * 7919) % 3) / 3;
      if (limiter.take('a', { perSecond: 50, burst: 100 }) === 0) passed++;
    }
    expect(passed).toBeLessThanOrEqual(100 + ((now - from) / 1_000) * 50);
    expect(passed).toBeGreaterThanOrEqual(((now - from) / 1_000) * 50);
  });
});

describe('wrong tokens of an address', () => {
  it('are heard twenty times, and then one in five seconds', () => {
    const guesses = new Guesses(clock);
    for (let n = 0; n < 20; n++) {
      expect(guesses.isSuspect('192.0.2.1')).toBe(false);
      expect(guesses.count('192.0.2.1')).toBe(0);
    }
    expect(guesses.isSuspect('192.0.2.1')).toBe(true);
    expect(guesses.count('192.0.2.1')).toBeCloseTo(5_000);
    expect(guesses.isSuspect('192.0.2.2')).toBe(false);
    now += 5_000;
    expect(guesses.isSuspect('192.0.2.1')).toBe(false);
    expect(guesses.count('192.0.2.1')).toBe(0);
    expect(guesses.isSuspect('192.0.2.1')).toBe(true);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('are counted for the network of %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
