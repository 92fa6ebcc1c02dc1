import type { HealthState } from '../telemetry/index.js';
import type { Diagnosis, Finding, Seats } from './probes.js';

/** What the running bridge looks with. */
export interface ReadinessOptions {
  /** Looks at Coder anew. Throws nothing of Coder's. */
  readonly look: () => Promise<Diagnosis>;
  /** Whether calls of Coder make sense now. */
  readonly allowed: () => boolean;
  readonly log: { warn(message: string): void; info(message: string): void };
  /** Coder keeps groups again after it did not, or has seats again after there were none. */
  readonly onReturn: () => Promise<unknown>;
  /** Between two looks, milliseconds; 10 minutes, as often as Coder itself looks at its licence. */
  readonly everyMs?: number;
  /** Calls once after so many milliseconds; answers what prevents it. */
  readonly after?: (fn: () => void, ms: number) => () => void;
}

const EVERY_MS = 10 * 60_000;
/** When a look told nothing, the next one comes sooner. */
const SOONER_MS = 30_000;

const NONE_LEFT: Seats = { limit: 1, used: 1 };
const isFull = (seats: Seats | null): boolean => seats !== null && seats.used >= seats.limit;

/** What Coder is ready for, kept while the bridge runs: for its health, and for what it need not even try. */
export class Readiness {
  private latest: Diagnosis | undefined;
  private groups: boolean | null = null;
  private seats: Seats | null = null;
  private told = '';
  private cancel: (() => void) | undefined;
  private closed = false;

  constructor(private readonly options: ReadinessOptions) {}

  /** Looks for the first time, and from then on again and again. Settles after the first look. */
  async start(): Promise<void> {
    const useful = await this.refresh();
    if (this.closed) return;
    const { everyMs = EVERY_MS, after = later } = this.options;
    this.cancel = after(() => void this.start(), useful ? everyMs : Math.min(everyMs, SOONER_MS));
  }

  close(): void {
    this.closed = true;
    this.cancel?.();
  }

  /** Why groups are not to be tried; null: nothing is known against them. */
  groupsRefused(): string | null {
    if (this.groups !== false) return null;
    return (
      'This Coder has no groups: the feature template_rbac of its licence is off. ' +
      'Nothing was tried; the group follows by itself once the feature is on.'
    );
  }

  /** Seats of the licence that were left at the last look; null: there is no limit, or none is known. */
  left(): number | null {
    return this.seats && this.seats.limit - this.seats.used;
  }

  state(): HealthState {
    const failed = (this.latest?.findings ?? []).filter(({ result }) => result === 'fail');
    if (failed.length === 0) return { status: 'ok' };
    return { status: 'degraded', reason: `${sentences(failed)} See idp-bridge doctor.` };
  }

  /** @returns whether anything was learnt */
  private async refresh(): Promise<boolean> {
    if (!this.options.allowed()) return false;
    let diagnosis: Diagnosis;
    try {
      diagnosis = await this.options.look();
    } catch (error) {
      this.options.log.warn(`the readiness of Coder could not be told: ${String(error)}`);
      return false;
    }
    // Without entitlements nothing new is known; that Coder is away is told by its own check.
    if (this.closed || diagnosis.groups === null) return false;
    this.latest = diagnosis;
    const groupsBack = this.groups === false && diagnosis.groups;
    const seatsBack = isFull(this.seats) && !isFull(diagnosis.seats);
    this.groups = diagnosis.groups;
    this.seats = diagnosis.seats;
    this.tell(diagnosis);
    if (!groupsBack && !seatsBack) return true;
    try {
      await this.options.onReturn();
      return true;
    } catch (error) {
      // Told again at the next look.
      if (groupsBack) this.groups = false;
      if (seatsBack) this.seats = NONE_LEFT;
      this.options.log.warn(`what waits for Coder could not be taken up: ${String(error)}`);
      return false;
    }
  }

  /** Once for each change, and not at each look. */
  private tell({ findings }: Diagnosis): void {
    const failed = findings.filter(({ result }) => result === 'fail');
    const digest = failed.map(({ check }) => check).join();
    if (digest === this.told) return;
    this.told = digest;
    if (failed.length === 0) this.options.log.info('Coder is ready for all that the bridge does');
    else this.options.log.warn(`Coder is not ready for all that the bridge does: ${sentences(failed)}`);
  }
}

function sentences(findings: readonly Finding[]): string {
  return findings
    .map(({ check, finding, advice }) => `${check}: ${finding} ${advice ?? ''}`.trim())
    .join(' ');
}

function later(fn: () => void, ms: number): () => void {
  const timer = setTimeout(fn, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
