import type { Clock } from '../../common/index.js';
import type { Timers } from '../timers.js';

/** A clock that stands still until it is moved, with the timers that hang on it. */
export class FakeTime implements Clock, Timers {
  private elapsed = 0;
  private readonly pending = new Set<{ readonly at: number; readonly fn: () => void }>();

  constructor(private readonly start = Date.parse('2026-01-01T00:00:00.000Z')) {}

  now(): number {
    return this.start + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  set(fn: () => void, ms: number): () => void {
    const timer = { at: this.elapsed + ms, fn };
    this.pending.add(timer);
    return () => this.pending.delete(timer);
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.pending.size;
  }

  /** Moves on, fires what is due in its order, and lets what hangs on it happen. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    for (;;) {
      const due = [...this.pending].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.pending.delete(due);
      this.elapsed = Math.max(this.elapsed, due.at);
      due.fn();
      await settled();
    }
    this.elapsed = end;
    await settled();
  }
}

/** Lets all that is ready to happen without I/O happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
