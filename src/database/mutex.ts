/** First come, first served: one holder at a time. */
export class Mutex {
  private tail: Promise<void> = Promise.resolve();

  /** Waits for its turn and answers the function that ends it; calling that again does nothing. */
  async acquire(): Promise<() => void> {
    let free!: () => void;
    const mine = new Promise<void>((resolve) => (free = resolve));
    const before = this.tail;
    this.tail = mine;
    await before;
    return free;
  }

  /** Runs `work` in its turn. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }
}
