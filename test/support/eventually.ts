import { vi } from 'vitest';

/** Waits until the assertion holds; a busy machine may take its time. Answers what it answers. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 20_000, interval: 10 });
}
