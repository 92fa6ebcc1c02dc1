import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { newId, targetKey } from '../common/index.js';
import type { Lane } from '../common/index.js';
import { WakeBuffer } from './wake-buffer.js';
import type { WakeUp } from './wake-ups.js';

const wakeUp = (lane: Lane = 'normal', more: Partial<WakeUp> = {}): WakeUp => ({
  target: targetKey('user', newId()),
  lane,
  ...more,
});

describe('the buffer between commit and queue', () => {
  let added: { lane: Lane; batch: readonly WakeUp[] }[];
  let states: { failing: boolean; dropped: number }[];
  let add: (lane: Lane, batch: readonly WakeUp[]) => Promise<void>;
  let buffer: WakeBuffer;

  beforeEach(() => {
    vi.useFakeTimers();
    [added, states] = [[], []];
    add = async () => undefined;
    const queues = {
      add: (lane: Lane, batch: readonly WakeUp[]) => {
        added.push({ lane, batch });
        return add(lane, batch);
      },
    };
    buffer = new WakeBuffer(queues, (state) => void states.push(state));
  });
  afterEach(() => vi.useRealTimers());

  const sizes = (): number[] => added.map(({ batch }) => batch.length);

  it('gathers what comes within 5 ms and adds it at once', async () => {
    for (let n = 0; n < 50; n += 1) buffer.wake([wakeUp()]);
    await vi.advanceTimersByTimeAsync(4);
    expect(added).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sizes()).toEqual([50]);
  });

  it('sends urgent ones without waiting, past a backlog of others', async () => {
    buffer.wake([wakeUp(), wakeUp('urgent')]);
    await vi.advanceTimersByTimeAsync(1);
    expect(added.map(({ lane }) => lane)).toEqual(['urgent']);
  });

  it('keeps one wake-up for each target and lane: the sooner one, brought forward if any of them was to be', async () => {
    const { target } = wakeUp();
    buffer.wake([{ target, lane: 'normal', delayMs: 250 }]);
    buffer.wake([{ target, lane: 'normal', delayMs: 40, bringForward: true }]);
    buffer.wake([{ target, lane: 'normal', delayMs: 900 }]);
    await vi.advanceTimersByTimeAsync(5);
    expect(added).toEqual([
      { lane: 'normal', batch: [{ target, lane: 'normal', delayMs: 40, bringForward: true }] },
    ]);
  });

  it('gives up an add that is not answered within 5 s, says so, and goes on with the next', async () => {
    add = () => new Promise(() => undefined);
    buffer.wake([wakeUp(), wakeUp()]);
    await vi.advanceTimersByTimeAsync(5_004);
    expect(states).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(states).toEqual([{ failing: true, dropped: 2, reason: 'no answer within 5000 ms' }]);
    expect(buffer.isFailing).toBe(true);
    add = async () => undefined;
    buffer.wake([wakeUp()]);
    await vi.advanceTimersByTimeAsync(10);
    expect([sizes().at(-1), states.at(-1), buffer.isFailing]).toEqual([
      1,
      { failing: false, dropped: 0 },
      false,
    ]);
  });

  it('holds no more than 10,000 for a queue that is away; the sweep finds the others', async () => {
    add = () => new Promise(() => undefined);
    buffer.wake([wakeUp()]);
    await vi.advanceTimersByTimeAsync(5);
    for (let n = 0; n < 10_500; n += 1) buffer.wake([wakeUp()]);
    add = async () => undefined;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBe(1 + 10_000);
  });

  it('adds 100 a second in a flood, the oldest first, urgent ones past them, and the rest soon after it', async () => {
    const flood: WakeUp[] = [];
    const push = (count: number): void => {
      const more = Array.from({ length: count }, () => wakeUp());
      flood.push(...more);
      buffer.wake(more);
    };
    push(1_000);
    await vi.advanceTimersByTimeAsync(5);
    expect(sizes()).toEqual([100]);
    for (let second = 0; second < 4; second += 1) {
      push(1_000);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    buffer.wake([wakeUp('urgent')]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sizes()).toEqual([100, 100, 100, 100, 100, 1]);
    await vi.advanceTimersByTimeAsync(2_000);
    const normal = added.filter(({ lane }) => lane === 'normal').flatMap(({ batch }) => batch);
    expect(normal.map(({ target }) => target)).toEqual(flood.map(({ target }) => target));
  });

  it('sends what it holds when it is closed, and takes nothing more', async () => {
    buffer.wake([wakeUp()]);
    await buffer.close();
    expect(sizes()).toEqual([1]);
    buffer.wake([wakeUp()]);
    await vi.advanceTimersByTimeAsync(100);
    expect(sizes()).toEqual([1]);
  });

  it('never throws into the push', () => {
    add = () => Promise.reject(new Error('down'));
    expect(() => buffer.wake([wakeUp('urgent')])).not.toThrow();
  });
});
