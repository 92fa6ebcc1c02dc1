import type { Role } from '../config/index.js';

export type HealthStatus = 'ok' | 'degraded' | 'down';

export interface HealthState {
  readonly status: HealthStatus;
  /** One sentence for the operator; shown with the admin token only. */
  readonly reason?: string;
}

/** One component's own word about itself. */
export interface HealthCheck {
  /** Shown to everybody: `database`, `coder`, `redis`. */
  readonly name: string;
  /** Whether this role cannot work while the component is down: then, and only then, the process is not ready. */
  critical(role: Role): boolean;
  /** Throwing, or no answer in time, counts as down. */
  check(): Promise<HealthState> | HealthState;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly status: HealthStatus;
  readonly components: ReadonlyMap<string, HealthState>;
  readonly notes: readonly string[];
}

export interface HealthOptions {
  readonly roles: ReadonlySet<Role>;
  /** Facts that hold all the time and that an operator should know. */
  readonly notes?: readonly string[];
  /** Milliseconds until a check counts as down; 2000. */
  readonly timeoutMs?: number;
  /** Milliseconds for which a result is served again, so that probing cannot become a load; 1000. */
  readonly freshMs?: number;
  readonly now?: () => number;
}

/** What the embedded engine promises, and what not. */
export const EMBEDDED_NOTE =
  'The embedded database keeps what was acknowledged through the death of the process, not of the machine.';

/** Knows what the process needs, and says whether it is ready. Rooms register their checks. */
export class Health {
  private readonly checks = new Map<string, HealthCheck>();
  private draining = false;
  private last: { readonly at: number; readonly report: Promise<HealthReport> } | undefined;

  constructor(private readonly options: HealthOptions) {}

  /** A second check of a name replaces the first. */
  register(check: HealthCheck): void {
    this.checks.set(check.name, check);
    this.last = undefined;
  }

  /** From now on not ready: the process takes no new work and finishes what it has. */
  drain(): void {
    this.draining = true;
    this.last = undefined;
  }

  /** All checks at once, each within its time. Asked again soon, or meanwhile, it answers the same. */
  report(): Promise<HealthReport> {
    const now = (this.options.now ?? Date.now)();
    if (this.last === undefined || now - this.last.at >= (this.options.freshMs ?? 1000)) {
      this.last = { at: now, report: this.look() };
    }
    return this.last.report;
  }

  private async look(): Promise<HealthReport> {
    const looked = await Promise.all(
      [...this.checks.values()].map(async (check) => [check, await this.ask(check)] as const),
    );
    const components = new Map(looked.map(([check, state]) => [check.name, state]));
    if (this.draining) components.set('shutdown', { status: 'down', reason: 'the process is stopping' });
    const missing = looked.some(([check, { status }]) => status === 'down' && this.needs(check));
    const ready = !missing && !this.draining;
    const fine = [...components.values()].every(({ status }) => status === 'ok');
    return {
      ready,
      status: ready ? (fine ? 'ok' : 'degraded') : 'down',
      components,
      notes: this.options.notes ?? [],
    };
  }

  private needs(check: HealthCheck): boolean {
    return [...this.options.roles].some((role) => check.critical(role));
  }

  private async ask(check: HealthCheck): Promise<HealthState> {
    const timeoutMs = this.options.timeoutMs ?? 2000;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<HealthState>((resolve) => {
      timer = setTimeout(
        () => resolve({ status: 'down', reason: `no answer within ${timeoutMs} ms` }),
        timeoutMs,
      );
    });
    try {
      return await Promise.race([Promise.resolve(check).then((asked) => asked.check()), late]);
    } catch (error) {
      return { status: 'down', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Injection token of the {@link Health}. */
export const HEALTH = Symbol('HEALTH');
