import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusal } from '../refusal.js';
import { Bounded, inTime } from './in-time.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('work that somebody waits for', () => {
  it('is answered when it comes in time, also with its error', async () => {
    await expect(inTime(Promise.resolve('answer'), 85)).resolves.toBe('answer');
    await expect(inTime(Promise.reject(new Error('broken')), 85)).rejects.toThrow('broken');
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['went well', (work: PromiseWithResolvers<void>) => work.resolve(), undefined],
    ['failed', (work: PromiseWithResolvers<void>) => work.reject(new Error('broken')), new Error('broken')],
  ])('is refused when it is late, and told of when it %s after all', async (_how, end, told) => {
    const work = withResolvers();
    const late = vi.fn<(error: unknown) => void>();
    const answer = inTime(work.promise, 85, late).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(85);
    expect(await answer).toMatchObject({ code: 'temporarily_unavailable', retryAfter: 1 });
    expect(late).not.toHaveBeenCalled();
    end(work);
    await vi.waitFor(() => expect(late).toHaveBeenCalledWith(told));
  });
});

describe('work under way', () => {
  it('is bounded, and makes room by its end, however it ends', async () => {
    const bounded = new Bounded(1);
    const first = withResolvers();
    const running = bounded.run(() => first.promise);
    await expect(bounded.run(async () => 'more')).rejects.toThrow(Refusal);
    first.reject(new Error('broken'));
    await expect(running).rejects.toThrow('broken');
    await expect(bounded.run(async () => 'more')).resolves.toBe('more');
  });
});

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function withResolvers(): PromiseWithResolvers<void> {
  let [resolve, reject]: [() => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((well, badly) => ([resolve, reject] = [well, badly]));
  return { promise, resolve, reject };
}
