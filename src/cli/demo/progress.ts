import { duration } from './paint.js';
import type { Paint } from './paint.js';

/** Where progress is shown: standard output, or a test's ear. */
export interface Screen {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** Shows how far a phase is. */
export interface Progress {
  begin(title: string): void;
  /** @param share 0..1 of the phase @param activity e.g. `pushing 12 of 40` */
  at(share: number, activity: string): void;
  /** The phase is over. @param summary e.g. `20 people in 1.2 s` */
  end(summary: string): void;
}

/** A bar in a terminal, else a line a phase and one every ten percent. */
export function progressOn(screen: Screen, paint: Paint, clock = () => performance.now()): Progress {
  return screen.isTerminal ? new Bar(screen, paint, clock) : new Lines(screen, clock);
}

const BAR = 24;
const REDRAW_MS = 60;
const TITLE = 18;

class Bar implements Progress {
  private title = '';
  private begun = 0;
  private drawn = 0;
  private share = 0;

  constructor(
    private readonly screen: Screen,
    private readonly paint: Paint,
    private readonly clock: () => number,
  ) {}

  begin(title: string): void {
    this.title = title;
    this.begun = this.clock();
    this.drawn = 0;
    this.share = 0;
    this.at(0, '');
  }

  at(share: number, activity: string): void {
    const now = this.clock();
    if (this.drawn > 0 && now - this.drawn < REDRAW_MS) return;
    this.drawn = now;
    // Never backwards: what is left grows when the bridge finds more to do.
    this.share = Math.max(this.share, Math.min(1, share));
    const full = Math.floor(this.share * BAR);
    const { good, dim } = this.paint;
    const bar = good('━'.repeat(full)) + dim('━'.repeat(BAR - full));
    const percent = `${Math.floor(this.share * 100)} %`.padStart(5);
    const fixed = `  ${this.title.padEnd(TITLE)} ${' '.repeat(BAR)} ${percent}  `;
    const rest = `${duration(now - this.begun).padStart(8)}  ${activity}`;
    const room = Math.max(0, this.screen.columns - 1 - fixed.length);
    this.screen.write(
      `\r\u001b[K  ${this.title.padEnd(TITLE)} ${bar} ${percent}  ${dim(rest.slice(0, room))}`,
    );
  }

  end(summary: string): void {
    this.screen.write(`\r\u001b[K  ${this.title.padEnd(TITLE)} ${summary}\n`);
  }
}

/** Ten percent of a quick phase are not worth a line. */
const LINE_MS = 1_000;

class Lines implements Progress {
  private title = '';
  private tenths = 0;
  private shown = 0;

  constructor(
    private readonly screen: Screen,
    private readonly clock: () => number,
  ) {}

  begin(title: string): void {
    this.title = title;
    this.tenths = 0;
    this.shown = this.clock();
  }

  at(share: number, activity: string): void {
    const tenths = Math.floor(Math.min(1, share) * 10);
    const now = this.clock();
    if (tenths <= this.tenths || tenths === 10 || now - this.shown < LINE_MS) return;
    this.tenths = tenths;
    this.shown = now;
    this.screen.write(`  ${this.title.padEnd(TITLE)} ${`${tenths * 10} %`.padStart(5)}  ${activity}\n`);
  }

  end(summary: string): void {
    this.screen.write(`  ${this.title.padEnd(TITLE)} ${summary}\n`);
  }
}
