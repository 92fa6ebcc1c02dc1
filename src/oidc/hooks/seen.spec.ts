import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../common/index.js';
import { Seen } from './seen.js';

let now = 0;
const clock: Clock = { now: () => now, monotonic: () => now };
let seen: Seen;
beforeEach(() => {
  now = 0;
  seen = new Seen(clock, 1_000, 2);
});

describe('what was taken lately', () => {
  it('is new once, being worked on until it is done, and done then', () => {
    expect(seen.take('a')).toBe('new');
    expect(seen.take('a')).toBe('working');
    seen.done('a');
    expect(seen.take('a')).toBe('done');
  });

  it('is new again after it came to nothing', () => {
    seen.take('a');
    seen.release('a');
    expect(seen.take('a')).toBe('new');
  });

  it('is forgotten after its time, which begins when it is done', () => {
    seen.take('a');
    now = 900;
    seen.done('a');
    now = 1_899;
    expect(seen.take('a')).toBe('done');
    now = 1_900;
    expect(seen.take('a')).toBe('new');
  });

  it('is bounded: the oldest is forgotten first', () => {
    for (const id of ['a', 'b', 'c']) {
      seen.take(id);
      seen.done(id);
    }
    expect(['b', 'c', 'a'].map((id) => seen.take(id))).toEqual(['done', 'done', 'new']);
  });
});
