import { onTestFinished, vi } from 'vitest';

/** Stops the monotonic clock of this process until the test is over: however slow the machine, no rate refills, no cache ages. */
export function stopClock(): void {
  const stopped = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
  onTestFinished(() => stopped.mockRestore());
}
