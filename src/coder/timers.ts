/** Timers, injected so that tests can fire them. */
export interface Timers {
  /** Calls `fn` once after `ms`; answers a function that prevents it. */
  set(fn: () => void, ms: number): () => void;
}

/** The machine's timers; they do not keep the process alive. */
export const systemTimers: Timers = {
  set(fn, ms) {
    const timer = setTimeout(fn, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
