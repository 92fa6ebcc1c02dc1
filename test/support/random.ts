/** Random numbers that a seed repeats (mulberry32). */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** A seed from CHAOS_SEED, to repeat a run, or a new one. It is printed, so that a failed run can be repeated. */
  static announced(what: string): Random {
    const given = process.env['CHAOS_SEED'];
    const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
    console.log(`${what}: CHAOS_SEED=${seed}`);
    return new Random(seed);
  }

  /** 0 <= x < 1. */
  readonly next = (): number => {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.next() * items.length)];
  }
}
