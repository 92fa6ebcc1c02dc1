import { onTestFinished, vi } from 'vitest';

/** Stops the clock of this process by which rates are counted, until the test is over: however slow the machine, nothing refills. */
export function stopClock(): void {
  const stopped = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
  onTestFinished(() => stopped.mockRestore());
}
