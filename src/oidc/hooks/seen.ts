import type { Clock } from '../../common/index.js';

const MOST = 20_000;

/**
 * What was taken lately, by ids. Of this process alone, and bounded: beyond {@link MOST} the oldest is forgotten. What is told
 * twice because of that does no harm, as the directory ignores what is older and changes nothing by the same.
 */
export class Seen {
  private readonly until = new Map<string, { readonly at: number; readonly isDone: boolean }>();

  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
    private readonly most = MOST,
  ) {}

  /** Takes an id that is new. @returns `done` or `working` where it was taken before */
  take(id: string): 'new' | 'working' | 'done' {
    this.forgetOld();
    const known = this.until.get(id);
    if (known !== undefined) return known.isDone ? 'done' : 'working';
    this.set(id, false);
    return 'new';
  }

  /** It is durable. */
  done(id: string): void {
    this.until.delete(id);
    this.set(id, true);
  }

  /** It came to nothing, and may be told again. */
  release(id: string): void {
    this.until.delete(id);
  }

  private set(id: string, isDone: boolean): void {
    this.until.set(id, { at: this.clock.monotonic() + this.ms, isDone });
    const [first] = this.until.keys();
    if (this.until.size > this.most && first !== undefined) this.until.delete(first);
  }

  /** They are in the order of their times. */
  private forgetOld(): void {
    const now = this.clock.monotonic();
    for (const [id, { at }] of this.until) {
      if (at > now) return;
      this.until.delete(id);
    }
  }
}
