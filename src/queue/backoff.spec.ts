import { describe, expect, it } from 'vitest';

import { backoff } from './backoff.js';

const almostOne = (): number => 0.999_999_999;

describe('the wait between tries', () => {
  it('doubles from one second with each try', () => {
    expect([1, 2, 3, 4].map((tries) => backoff(tries, almostOne))).toEqual([999, 1999, 3999, 7999]);
  });

  it('never exceeds a minute, however many tries there were', () => {
    expect(backoff(7, almostOne)).toBe(59_999);
    expect(backoff(10_000, almostOne)).toBe(59_999);
  });

  it('is drawn from the whole range', () => {
    expect(backoff(3, () => 0)).toBe(1);
    expect(backoff(3, () => 0.5)).toBe(2_000);
  });

  it('treats a count of zero like the first try', () => {
    expect(backoff(0, almostOne)).toBe(999);
  });
});
